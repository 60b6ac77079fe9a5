// Attention in vectors: attention_reference.c for up to CK_ROWS_AT_ONCE rows (a row is a query's head) at a
// time.
//
// A block of keys is converted and transposed once for a tile of queries, so that lanes are keys while scores
// are computed and dimensions while values are added; no sum crosses lanes but the softmax's own.

enum {
#if CK_VECTOR_AVX512
  COLUMN_VECTORS = 4,  // vectors of sums that a row keeps in registers
#else
  COLUMN_VECTORS = 1,
#endif
};

// The scratch memory of one call.
typedef struct attention_state {
  const ck_attention_work *work;
  float *keys;     // [head_dim][CK_KEY_BLOCK]
  float *values;   // [CK_KEY_BLOCK][head_dim]
  float *weights;  // [CK_ROWS_AT_ONCE][CK_KEY_BLOCK]
  float *maximum;  // [rows of the tile]
  float *sum;      // [rows of the tile]
} attention_state;

// Consecutive rows that see the same keys [begin, end) of a block, as offsets into it.
typedef struct row_run {
  const float *q[CK_ROWS_AT_ONCE];
  float *out[CK_ROWS_AT_ONCE];
  float decay[CK_ROWS_AT_ONCE];
  size_t first_row, begin, end;
} row_run;

// 1. A block of keys and values -------------------------------------------------------------------

#define PAIRS_OF(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

// Transposes 16 vectors of 16.
CK_INLINE void transpose(f32x16 rows[16]) {
  f32x16 pairs[16], fours[16], eights[16];
  CK_UNROLL for (int i = 0; i < 16; i += 2) {
    pairs[i] = PAIRS_OF(rows[i], rows[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    pairs[i + 1] = PAIRS_OF(rows[i], rows[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  }
  CK_UNROLL for (int i = 0; i < 16; i += 4) {
    CK_UNROLL for (int j = 0; j < 2; j++) {
      const f32x16 a = pairs[i + j], b = pairs[i + j + 2];
      fours[i + 2 * j] = PAIRS_OF(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
      fours[i + 2 * j + 1] = PAIRS_OF(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    }
  }
  CK_UNROLL for (int i = 0; i < 16; i += 8) {
    CK_UNROLL for (int j = 0; j < 4; j++) {
      const f32x16 a = fours[i + j], b = fours[i + j + 4];
      eights[i + j] = PAIRS_OF(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
      eights[i + j + 4] = PAIRS_OF(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    }
  }
  CK_UNROLL for (int i = 0; i < 8; i++) {
    const f32x16 a = eights[i], b = eights[i + 8];
    const int column = i % 4 + i / 4 * 4;
    rows[column] = PAIRS_OF(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    rows[column + 8] = PAIRS_OF(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  }
}

// `count` (or 16) values of the cache, from number d of a row on, as floats; zeros after them.
CK_INLINE f32x16 cached_values(ck_cache_type type, const uint8_t *row, size_t d, size_t count) {
  if (type == CK_CACHE_F32) {
    const float *from = (const float *)row + d;
    return count >= 16 ? load_f32(from) : load_some(from, count);
  }
  const uint16_t *from = (const uint16_t *)row + d;
  if (count >= 16) { return half_to_f32(load_u16(from)); }
  u16x16 halves = {0};
  memcpy(&halves, from, 2 * count);
  return half_to_f32(halves);
}

// Finds the rows of positions [base + begin, base + end), and in their squares of 16 those of the other keys, which get
// the first of them: their scores are computed and then ignored.
static void find_rows(const ck_attention_work *work, const ck_attention_part *part, size_t offset, size_t base,
                      size_t begin, size_t end, const uint8_t *rows[CK_KEY_BLOCK]) {
  const size_t row_bytes = work->head_dim * ck_cache_value_bytes(work->cache_type);
  size_t page = (base + begin) / work->page_tokens, slot = (base + begin) % work->page_tokens;
  for (size_t j = begin; j < end; j++) {
    rows[j] = (const uint8_t *)part->pages[page] + offset + slot * row_bytes;
    slot++;
    if (slot == work->page_tokens) {
      slot = 0;
      page++;
    }
  }
  for (size_t j = begin / 16 * 16; j < begin; j++) { rows[j] = rows[begin]; }
  for (size_t j = end; j % 16 != 0; j++) { rows[j] = rows[begin]; }
}

CK_INLINE void load_values(ck_cache_type type, const attention_state *state,
                           const uint8_t *const rows[CK_KEY_BLOCK], size_t begin, size_t end) {
  const size_t dim = state->work->head_dim, whole = dim / 16 * 16;
  for (size_t j = begin; j < end; j++) {
    float *to = state->values + j * dim;
    for (size_t d = 0; d < whole; d += 16) { store_f32(to + d, cached_values(type, rows[j], d, 16)); }
    if (whole < dim) {
      store_some(to + whole, cached_values(type, rows[j], whole, dim - whole), dim - whole);
    }
  }
}

// Transposes dimensions [d, d + count) of 16 keys.
CK_INLINE void load_key_square(ck_cache_type type, const uint8_t *const rows[16], size_t d, size_t count,
                               float *to) {
  f32x16 square[16];
  CK_UNROLL for (size_t i = 0; i < 16; i++) { square[i] = cached_values(type, rows[i], d, count); }
  transpose(square);
  CK_UNROLL for (size_t i = 0; i < 16; i++) {
    if (i < count) { store_f32(to + i * CK_KEY_BLOCK, square[i]); }
  }
}

CK_INLINE void load_keys(ck_cache_type type, const attention_state *state,
                         const uint8_t *const rows[CK_KEY_BLOCK], size_t begin, size_t end) {
  const size_t dim = state->work->head_dim, whole = dim / 16 * 16;
  for (size_t j = begin / 16 * 16; j < end; j += 16) {
    for (size_t d = 0; d < whole; d += 16) {
      load_key_square(type, rows + j, d, 16, state->keys + d * CK_KEY_BLOCK + j);
    }
    if (whole < dim) {
      load_key_square(type, rows + j, whole, dim - whole, state->keys + whole * CK_KEY_BLOCK + j);
    }
  }
}

CK_INLINE void load_block_as(ck_cache_type type, const attention_state *state, const ck_attention_part *part,
                             size_t base, size_t begin, size_t end) {
  const uint8_t *rows[CK_KEY_BLOCK];
  find_rows(state->work, part, state->work->key_offset, base, begin, end, rows);
  load_keys(type, state, rows, begin, end);
  find_rows(state->work, part, state->work->value_offset, base, begin, end, rows);
  load_values(type, state, rows, begin, end);
}

// Brings positions [base + begin, base + end) into keys and values.
static void load_block(const attention_state *state, const ck_attention_part *part, size_t base, size_t begin,
                       size_t end) {
  if (state->work->cache_type == CK_CACHE_F16) {
    load_block_as(CK_CACHE_F16, state, part, base, begin, end);
  } else {
    load_block_as(CK_CACHE_F32, state, part, base, begin, end);
  }
}

// 2. A run of rows against the block --------------------------------------------------------------

// Scores of `rows` rows with 16 * vectors keys of the block, from number `column` on, to state->weights.
CK_INLINE void score_columns(const attention_state *state, const row_run *run, unsigned rows, unsigned vectors,
                             size_t column) {
  const f32x16 scale = all_f32(state->work->scale);
  f32x16 sums[CK_ROWS_AT_ONCE][COLUMN_VECTORS];
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    CK_UNROLL for (unsigned i = 0; i < vectors; i++) { sums[row][i] = all_f32(0); }
  }
  const float *keys = state->keys + column;
  for (size_t d = 0; d < state->work->head_dim; d++) {
    CK_UNROLL for (unsigned i = 0; i < vectors; i++) {
      const f32x16 key = load_f32(keys + 16 * i);
      CK_UNROLL for (unsigned row = 0; row < rows; row++) {
        sums[row][i] = fma_f32(all_f32(run->q[row][d]), key, sums[row][i]);
      }
    }
    keys += CK_KEY_BLOCK;
  }
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    CK_UNROLL for (unsigned i = 0; i < vectors; i++) {
      store_f32(state->weights + row * CK_KEY_BLOCK + column + 16 * i, sums[row][i] * scale);
    }
  }
}

// Scores of `rows` rows with the keys of the block that they see.
CK_INLINE void score_rows(const attention_state *state, const row_run *run, unsigned rows) {
  size_t column = run->begin / 16 * 16;
  for (; column + 16 * COLUMN_VECTORS <= CK_KEY_BLOCK && column + 8 * COLUMN_VECTORS < run->end;
       column += 16 * COLUMN_VECTORS) {
    score_columns(state, run, rows, COLUMN_VECTORS, column);
  }
  for (; column < run->end; column += 16) { score_columns(state, run, rows, 1, column); }
}

// Turns the scores of `rows` rows into weights, and finds the factors for their earlier sums.
CK_INLINE void soften_rows(const attention_state *state, row_run *run, unsigned rows) {
  const i32x16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const i32x16 low = all_i32((int32_t)run->begin), high = all_i32((int32_t)run->end);
  float *maximum = state->maximum + run->first_row, *sum = state->sum + run->first_row;
  f32x16 scores[CK_ROWS_AT_ONCE][4], decay = all_f32(0);
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    const float *from = state->weights + row * CK_KEY_BLOCK;
    CK_UNROLL for (unsigned i = 0; i < 4; i++) { scores[row][i] = load_f32(from + 16 * i); }
  }
  if (run->end - run->begin < CK_KEY_BLOCK) {  // keys that are not seen have no weight
    CK_UNROLL for (unsigned i = 0; i < 4; i++) {
      const i32x16 key = lanes + 16 * (int32_t)i, seen = (key >= low) & (key < high);
      CK_UNROLL for (unsigned row = 0; row < rows; row++) {
        scores[row][i] = select_f32(seen, scores[row][i], all_f32(-INFINITY));
      }
    }
  }
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    f32x16 largest = all_f32(maximum[row]);
    CK_UNROLL for (unsigned i = 0; i < 4; i++) { largest = max_f32(scores[row][i], largest); }
    const float most = largest_lane(largest);
    decay[row] = maximum[row] - most;
    maximum[row] = most;
    CK_UNROLL for (unsigned i = 0; i < 4; i++) { scores[row][i] = exp_f32(scores[row][i] - all_f32(most)); }
  }
  decay = exp_f32(decay);
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    float *to = state->weights + row * CK_KEY_BLOCK;
    CK_UNROLL for (unsigned i = 0; i < 4; i++) { store_f32(to + 16 * i, scores[row][i]); }
    run->decay[row] = decay[row];
    const f32x16 total = (scores[row][0] + scores[row][1]) + (scores[row][2] + scores[row][3]);
    sum[row] = __builtin_fmaf(sum[row], decay[row], sum_lanes(total));
  }
}

// Adds weighted values to dimensions [d, d + 16 * vectors), of which `count` exist, of `rows` rows.
CK_INLINE void add_values(const attention_state *state, const row_run *run, unsigned rows, unsigned vectors,
                          size_t d, size_t count) {
  const size_t dim = state->work->head_dim;
  f32x16 sums[CK_ROWS_AT_ONCE][COLUMN_VECTORS];
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    CK_UNROLL for (unsigned i = 0; i < vectors; i++) {
      sums[row][i] = load_some(run->out[row] + d + 16 * i, count - 16 * i) * all_f32(run->decay[row]);
    }
  }
  for (size_t j = run->begin; j < run->end; j++) {
    CK_UNROLL for (unsigned i = 0; i < vectors; i++) {
      const f32x16 value = load_some(state->values + j * dim + d + 16 * i, count - 16 * i);
      CK_UNROLL for (unsigned row = 0; row < rows; row++) {
        sums[row][i] = fma_f32(all_f32(state->weights[row * CK_KEY_BLOCK + j]), value, sums[row][i]);
      }
    }
  }
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    CK_UNROLL for (unsigned i = 0; i < vectors; i++) {
      store_some(run->out[row] + d + 16 * i, sums[row][i], count - 16 * i);
    }
  }
}

CK_INLINE void attend_run(const attention_state *state, row_run *run, unsigned rows) {
  score_rows(state, run, rows);
  soften_rows(state, run, rows);
  const size_t dim = state->work->head_dim;
  size_t d = 0;
  for (; d + 16 * COLUMN_VECTORS <= dim; d += 16 * COLUMN_VECTORS) {
    add_values(state, run, rows, COLUMN_VECTORS, d, 16 * COLUMN_VECTORS);
  }
  for (; d < dim; d += 16) { add_values(state, run, rows, 1, d, dim - d); }
}

static void attend_1(const attention_state *state, row_run *run) { attend_run(state, run, 1); }
static void attend_2(const attention_state *state, row_run *run) { attend_run(state, run, 2); }
static void attend_3(const attention_state *state, row_run *run) { attend_run(state, run, 3); }
static void attend_4(const attention_state *state, row_run *run) { attend_run(state, run, 4); }

typedef void (*attend_function)(const attention_state *, row_run *);

static const attend_function attend_functions[CK_ROWS_AT_ONCE + 1] = {NULL, attend_1, attend_2, attend_3,
                                                                      attend_4};

// 3. A tile of queries ----------------------------------------------------------------------------

// Parts whose queries share blocks of keys: at most CK_ATTENTION_QUERIES of them.
typedef struct query_tile {
  const ck_attention_part *parts;
  size_t count, first_row;  // the number of the first part's first row in maximum and sum
} query_tile;

// Which keys of the block at `base` a query sees, as offsets; false when none.
static bool visible_keys(const ck_attention_work *work, const ck_attention_part *part, size_t query,
                         size_t base, size_t *begin, size_t *end) {
  const size_t first = ck_first_visible(work, part, query), last = part->first_position + query;
  *begin = first > base ? first - base : 0;
  *end = last < base ? 0 : last - base < CK_KEY_BLOCK ? last - base + 1 : CK_KEY_BLOCK;
  return *begin < *end;
}

// Attends the queries of a tile to the block at `base`, rows that see the same keys together.
static void attend_block(const attention_state *state, query_tile tile, size_t base) {
  const ck_attention_work *work = state->work;
  row_run run = {.begin = 0, .end = 0};
  unsigned rows = 0;
  size_t row = tile.first_row;
  for (size_t i = 0; i < tile.count; i++) {
    const ck_attention_part *part = &tile.parts[i];
    for (size_t query = 0; query < part->queries; query++, row += work->group) {
      size_t begin, end;
      if (!visible_keys(work, part, query, base, &begin, &end)) { continue; }
      for (size_t head = 0; head < work->group; head++) {
        const bool same = begin == run.begin && end == run.end && rows < CK_ROWS_AT_ONCE;
        if (rows > 0 && !(same && row + head == run.first_row + rows)) {
          attend_functions[rows](state, &run);
          rows = 0;
        }
        if (rows == 0) { run.first_row = row + head; }
        run.begin = begin;
        run.end = end;
        run.q[rows] = work->q + (part->first_row + query) * work->q_stride + head * work->head_dim;
        run.out[rows] = work->out + (part->first_row + query) * work->out_stride + head * work->head_dim;
        rows++;
      }
    }
  }
  if (rows > 0) { attend_functions[rows](state, &run); }
}

static void start_rows(const attention_state *state, query_tile tile) {
  const ck_attention_work *work = state->work;
  size_t row = 0;
  for (size_t i = 0; i < tile.count; i++) {
    const ck_attention_part *part = &tile.parts[i];
    for (size_t query = 0; query < part->queries; query++) {
      float *out = work->out + (part->first_row + query) * work->out_stride;
      memset(out, 0, work->group * work->head_dim * sizeof(float));
    }
    for (size_t end = row + part->queries * work->group; row < end; row++) {
      state->maximum[row] = -INFINITY;
      state->sum[row] = 0;
    }
  }
}

static void finish_rows(const attention_state *state, query_tile tile) {
  const ck_attention_work *work = state->work;
  const float *sum = state->sum;
  for (size_t i = 0; i < tile.count; i++) {
    for (size_t query = 0; query < tile.parts[i].queries; query++) {
      float *out = work->out + (tile.parts[i].first_row + query) * work->out_stride;
      for (size_t head = 0; head < work->group; head++, out += work->head_dim) {
        const f32x16 inverse = all_f32(1.0f / *sum++);
        for (size_t d = 0; d < work->head_dim; d += 16) {
          store_some(out + d, load_some(out + d, work->head_dim - d) * inverse, work->head_dim - d);
        }
      }
    }
  }
}

// Attends a tile to the blocks of positions [first, end), which are the same for all of its parts.
static void attend_blocks(const attention_state *state, query_tile tile, size_t first, size_t end) {
  size_t begin = end;
  for (size_t i = 0; i < tile.count; i++) {
    const size_t visible = ck_first_visible(state->work, &tile.parts[i], 0);
    begin = visible < begin ? visible : begin;
  }
  begin = begin < first ? first : begin;
  for (size_t base = begin / CK_KEY_BLOCK * CK_KEY_BLOCK; base < end; base += CK_KEY_BLOCK) {
    const size_t from = begin > base ? begin - base : 0;
    load_block(state, tile.parts, base, from, end - base < CK_KEY_BLOCK ? end - base : CK_KEY_BLOCK);
    attend_block(state, tile, base);
  }
}

// Blocks that all parts share come first, for all of them; then each part's own.
static void attend_tile(const attention_state *state, query_tile tile, size_t shared) {
  start_rows(state, tile);
  attend_blocks(state, tile, 0, shared);
  query_tile own = {.parts = tile.parts, .count = 1, .first_row = 0};
  for (size_t i = 0; i < tile.count; i++) {
    attend_blocks(state, own, shared, own.parts->first_position + own.parts->queries);
    own.first_row += own.parts->queries * state->work->group;
    own.parts++;
  }
  finish_rows(state, tile);
}

static void attention(const ck_attention_work *work, float *scratch) {
  const size_t block_values = CK_KEY_BLOCK * work->head_dim, rows = CK_ATTENTION_QUERIES * work->group;
  scratch += (64 - (uintptr_t)scratch % 64) % 64 / sizeof(float);
  attention_state state = {.work = work, .keys = scratch, .values = scratch + block_values};
  state.weights = state.values + block_values;
  state.maximum = state.weights + CK_ROWS_AT_ONCE * CK_KEY_BLOCK;
  state.sum = state.maximum + rows;
  if (work->part_count > 1) {
    const query_tile tile = {.parts = work->parts, .count = work->part_count, .first_row = 0};
    attend_tile(&state, tile, work->shared / CK_KEY_BLOCK * CK_KEY_BLOCK);
    return;
  }
  ck_attention_part part = *work->parts;
  for (size_t left = part.queries; left > 0; left -= part.queries) {
    part.queries = left < CK_ATTENTION_QUERIES ? left : CK_ATTENTION_QUERIES;
    attend_tile(&state, (query_tile){.parts = &part, .count = 1, .first_row = 0}, 0);
    part.first_row += part.queries;
    part.first_position += part.queries;
  }
}
