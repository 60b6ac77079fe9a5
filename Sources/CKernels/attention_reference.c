// Attention over pages in plain C.
//
// The keys are visited in blocks of CK_KEY_BLOCK that are aligned to absolute positions, with the running
// maximum and sum of a streaming softmax (Milakov and Gimelshein, arXiv 1805.02867). A query's sums therefore
// depend on its own position alone: not on how a prompt was cut into calls, nor on the size of a page.
#include "attention.h"

size_t ck_attention_scratch(size_t group, size_t head_dim) {
  const size_t rows = CK_ATTENTION_QUERIES * group;
  return 2 * CK_KEY_BLOCK * head_dim + CK_ROWS_AT_ONCE * CK_KEY_BLOCK + 2 * rows + CK_SCRATCH_SLACK;
}

// Value d of a row of the cache.
static float cached_value(const ck_attention_work *work, const uint8_t *row, size_t d) {
  if (work->cache_type == CK_CACHE_F16) { return ck_half_to_float(ck_load_u16(row + 2 * d)); }
  float value;
  memcpy(&value, row + 4 * d, sizeof value);
  return value;
}

static float largest_of(const float *values, size_t count, float largest) {
  for (size_t i = 0; i < count; i++) { largest = values[i] > largest ? values[i] : largest; }
  return largest;
}

// One query's head against keys [begin, end) of one block; state: running maximum and sum.
static void attend_block(const ck_attention_work *work, const ck_attention_part *part, const float *q,
                         float *out, size_t begin, size_t end, float *maximum, float *sum) {
  const size_t dim = work->head_dim, lane = begin % CK_KEY_BLOCK, count = end - begin;
  float p[CK_KEY_BLOCK] = {0}, scores[CK_KEY_BLOCK];
  for (size_t j = 0; j < count; j++) {
    const uint8_t *k = ck_page_row(work, part, work->key_offset, begin + j);
    float score = 0;
    for (size_t d = 0; d < dim; d++) { score = fmaf(q[d], cached_value(work, k, d), score); }
    scores[j] = score * work->scale;
  }
  const float largest = largest_of(scores, count, *maximum);
  const float decay = ck_exp_reference(*maximum - largest);
  for (size_t j = 0; j < count; j++) { p[lane + j] = ck_exp_reference(scores[j] - largest); }
  float lanes[16];
  for (size_t i = 0; i < 16; i++) { lanes[i] = (p[i] + p[16 + i]) + (p[32 + i] + p[48 + i]); }
  *sum = fmaf(*sum, decay, ck_sum_lanes_reference(lanes));
  *maximum = largest;
  for (size_t d = 0; d < dim; d++) { out[d] *= decay; }
  for (size_t j = 0; j < count; j++) {
    const uint8_t *v = ck_page_row(work, part, work->value_offset, begin + j);
    for (size_t d = 0; d < dim; d++) { out[d] = fmaf(p[lane + j], cached_value(work, v, d), out[d]); }
  }
}

static void attend_part(const ck_attention_work *work, const ck_attention_part *part) {
  for (size_t query = 0; query < part->queries; query++) {
    const size_t first = ck_first_visible(work, part, query), last = part->first_position + query;
    const size_t row = part->first_row + query;
    for (size_t head = 0; head < work->group; head++) {
      const float *q = work->q + row * work->q_stride + head * work->head_dim;
      float *out = work->out + row * work->out_stride + head * work->head_dim;
      float maximum = -INFINITY, sum = 0;
      memset(out, 0, work->head_dim * sizeof(float));
      for (size_t begin = first; begin <= last;) {
        const size_t next = (begin / CK_KEY_BLOCK + 1) * CK_KEY_BLOCK, end = next <= last ? next : last + 1;
        attend_block(work, part, q, out, begin, end, &maximum, &sum);
        begin = end;
      }
      const float inverse = 1.0f / sum;
      for (size_t d = 0; d < work->head_dim; d++) { out[d] *= inverse; }
    }
  }
}

void ck_attention_reference(const ck_attention_work *work, float *scratch) {
  (void)scratch;
  for (size_t part = 0; part < work->part_count; part++) { attend_part(work, &work->parts[part]); }
}
