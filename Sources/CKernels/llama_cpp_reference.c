// The arithmetic of llama.cpp (ggml 0.25) on x86 in plain C: where it rounds to half precision, and in which
// order it adds. The last bits of a product decide how the next layer's activations round to bytes, so that
// what is not the same to the bit is soon as different as another arithmetic altogether.
#include "attention.h"

#pragma STDC FP_CONTRACT OFF

static float to_half_and_back(float x) { return ck_half_to_float(ck_float_to_half(x)); }

// 1. Products -------------------------------------------------------------------------------------

void ck_round_activations(ck_type type, void *packed, size_t tokens, size_t cols, size_t token_begin,
                          size_t token_end) {
  const ck_class class = ck_traits_of(type)->class;
  const size_t rounded = ck_class_has_min(class) ? 2 : 1;  // the scale, and a minimum's correction
  for (size_t token = token_begin; token < token_end; token++) {
    const size_t lane = token % CK_TILE, width = ck_tile_width(tokens, token - lane);
    uint8_t *record = (uint8_t *)packed + (token - lane) * ck_token_bytes(class, cols);
    for (size_t group = 0; group < cols / CK_GROUP; group++) {
      for (size_t i = 0; i < rounded; i++) {
        uint8_t *at = record + (32 + 4 * i) * width + 4 * lane;
        const float value = to_half_and_back(ck_float_of_bits(ck_load_u32(at)));
        memcpy(at, &value, sizeof value);
      }
      record += width * ck_group_bytes(class);
    }
  }
}

void ck_pack_activations_llama_cpp(ck_type type, const float *x, size_t x_stride, void *packed, size_t tokens,
                                   size_t cols, size_t token_begin, size_t token_end) {
  ck_pack_activations_reference(type, x, x_stride, packed, tokens, cols, token_begin, token_end);
  ck_round_activations(type, packed, tokens, cols, token_begin, token_end);
}

// One row's product with one token. Each of the 8 words of a group has a sum of its own, as 8 lanes hold
// them, and the minimums have another.
static float row_product(ck_type type, const uint8_t *panel, size_t row, const uint8_t *record, size_t width,
                         size_t lane, size_t cols) {
  const ck_traits *traits = ck_traits_of(type);
  float sums[CK_GROUP_WORDS] = {0}, minimums = 0;
  for (size_t group = 0; group < cols / CK_GROUP; group++) {
    ck_group decoded;
    ck_decode_group_reference(type, panel, group, &decoded);
    const int8_t *q = (const int8_t *)record + 32 * lane;
    const float x_scale = ck_float_of_bits(ck_load_u32(record + 32 * width + 4 * lane));
    for (size_t word = 0; word < CK_GROUP_WORDS; word++) {
      int32_t dot = 0;
      for (size_t i = 0; i < 4; i++) {
        dot += (decoded.u[word][row][i] - (int32_t)traits->offset) * q[4 * word + i];
      }
      sums[word] = fmaf((float)dot, decoded.scale[0][row] * x_scale, sums[word]);
    }
    if (ck_class_has_min(traits->class)) {
      const float x_sum = ck_float_of_bits(ck_load_u32(record + 36 * width + 4 * lane));
      minimums = fmaf(decoded.min[0][row], x_sum, minimums);
    }
    record += width * ck_group_bytes(traits->class);
  }
  for (size_t half = CK_GROUP_WORDS / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; i++) { sums[i] += sums[i + half]; }
  }
  return sums[0] + minimums;
}

void ck_matmul_by_word(ck_type type, const void *packed, const void *activations, float *out,
                       size_t out_stride, size_t rows, size_t cols, size_t tokens, size_t panel_begin,
                       size_t panel_end) {
  const ck_traits *traits = ck_traits_of(type);
  const size_t panel_bytes = cols / traits->block_values * traits->packed_bytes;
  for (size_t row = panel_begin * CK_PANEL_ROWS; row < panel_end * CK_PANEL_ROWS && row < rows; row++) {
    const uint8_t *panel = (const uint8_t *)packed + row / CK_PANEL_ROWS * panel_bytes;
    for (size_t token = 0; token < tokens; token++) {
      const size_t lane = token % CK_TILE, width = ck_tile_width(tokens, token - lane);
      const uint8_t *tile = (const uint8_t *)activations + (token - lane) * ck_token_bytes(traits->class, cols);
      out[token * out_stride + row] = row_product(type, panel, row % CK_PANEL_ROWS, tile, width, lane, cols);
    }
  }
}

// 2. The rest of a layer --------------------------------------------------------------------------

void ck_rms_norm_llama_cpp(const float *x, const float *weight, float *out, size_t n, float epsilon) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) { sum += (double)(x[i] * x[i]); }
  const float mean = (float)(sum / (double)n), scale = 1.0f / sqrtf(mean + epsilon);
  for (size_t i = 0; i < n; i++) { out[i] = x[i] * scale * weight[i]; }
}

void ck_rope_llama_cpp(float *x, size_t heads, size_t head_dim, size_t rotary_dim, const float *cosines,
                       const float *sines, bool interleaved) {
  ck_rotate(true, x, heads, head_dim, rotary_dim, cosines, sines, interleaved);
}

// exp(x) by the polynomial of Arm's optimized routines, which ggml's vectors use.
static float exponential(float x) {
  const float shifted = fmaf(x, 0x1.715476p+0f, 0x1.8p23f), n = shifted - 0x1.8p23f;
  if (!(fabsf(n) <= 192)) { return n != n ? n : n <= 0 ? 0 : INFINITY; }
  const float b = fmaf(-n, 0x1.7f7d1cp-20f, fmaf(-n, 0x1.62e4p-1f, x)), u = b * b;
  const float high = fmaf(0x1.0e4020p-7f, b, 0x1.573e2ep-5f), middle = fmaf(0x1.555e66p-3f, b, 0x1.fffdb6p-2f);
  return ldexpf(fmaf(fmaf(high, u, middle), u, fmaf(0x1.ffffecp-1f, b, 1.0f)), (int)n);
}

void ck_silu_multiply_llama_cpp(float *gate, const float *up, size_t n) {
  for (size_t i = 0; i < n; i++) { gate[i] = gate[i] / (1.0f + exponential(0.0f - gate[i])) * up[i]; }
}

// 3. Attention ------------------------------------------------------------------------------------

// The product of a query, in half precision, with a key: 4 registers of 16 lanes, then halves.
static float score_of(const ck_attention_work *work, const float *q, const uint8_t *k) {
  float lanes[CK_LLAMA_CPP_HEAD_STEP] = {0};
  for (size_t d = 0; d < work->head_dim; d++) {
    float *sum = &lanes[d % CK_LLAMA_CPP_HEAD_STEP];
    *sum = fmaf(ck_half_to_float(ck_load_u16(k + 2 * d)), to_half_and_back(q[d]), *sum);
  }
  for (size_t half = CK_LLAMA_CPP_HEAD_STEP / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; i++) { lanes[i] += lanes[i + half]; }
  }
  return lanes[0] * work->scale;
}

// Keys one by one: the running maximum, and sums of values in half precision.
static void attend(const ck_attention_work *work, const float *q, float *out, size_t first, size_t last) {
  const size_t dim = work->head_dim;
  float maximum = -INFINITY, sum = 0;
  memset(out, 0, dim * sizeof(float));
  for (size_t position = first; position <= last; position++) {
    const float score = score_of(work, q, ck_page_row(work->k_pages, work, position));
    const uint8_t *v = ck_page_row(work->v_pages, work, position);
    const bool most = score > maximum;
    const float decay = most ? expf(maximum - score) : 1, weight = most ? 1 : expf(score - maximum);
    maximum = most ? score : maximum;
    for (size_t d = 0; d < dim; d++) {
      const float before = most ? to_half_and_back(out[d] * decay) : out[d];
      out[d] = to_half_and_back(fmaf(ck_half_to_float(ck_load_u16(v + 2 * d)), weight, before));
    }
    sum = fmaf(sum, decay, weight);
  }
  const float inverse = 1.0f / sum;
  for (size_t d = 0; d < dim; d++) { out[d] *= inverse; }
}

void ck_attention_llama_cpp(const ck_attention_work *work, float *scratch) {
  const ck_attention_work near = ck_part_of_attention(work, true), far = ck_part_of_attention(work, false);
  for (size_t query = 0; query < near.queries; query++) {
    for (size_t head = 0; head < near.group; head++) {
      const size_t at = head * near.head_dim;
      attend(&near, near.q + query * near.q_stride + at, near.out + query * near.out_stride + at,
             ck_first_visible(&near, query), near.first_position + query);
    }
  }
  ck_attention_reference(&far, scratch);
}
