// The arithmetic of llama.cpp in vectors; llama_cpp_reference.c has its meaning.

enum {
  WORD_TOKENS = 3,         // tokens whose sums stay in registers
  WORD_CHUNK_GROUPS = 64,  // groups of a panel that are decoded at once
  WORD_SLICE = 96,         // tokens whose sums are kept from one chunk to the next
};

// 1. One group ------------------------------------------------------------------------------------

// The sums of one token's products with the 16 rows of a panel.
typedef struct word_sums {
  f32x16 words[CK_GROUP_WORDS];
  f32x16 minimums;
} word_sums;

// A word's products without the weights' offset.
CK_INLINE i32x16 dot_word(u8x64 weights, i32x16 x, uint8_t offset) {
  const i32x16 dot = dot_bytes(all_i32(0), weights, x, offset);
  if (offset == 0 || (!CK_VECTOR_AVX512 && offset == 128)) { return dot; }  // AVX2 multiplies bytes with sign
  return dot - dot_bytes(all_i32(0), (u8x64)all_i32((int32_t)(offset * 0x01010101u)), x, 0);
}

// Adds a decoded group times `lanes` tokens to their sums.
CK_INLINE void multiply_words(ck_class class, uint8_t offset, const vector_group *group, group_record record,
                              unsigned lanes, word_sums *sums) {
  const uint8_t *q = record.bytes + 32 * record.lane;
  const uint8_t *scales = record.bytes + 32 * record.width + 4 * record.lane;
  const uint8_t *corrections = scales + 4 * record.width;
  f32x16 scale[WORD_TOKENS];
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
    scale[lane] = group->scale[0] * all_f32_at(scales + 4 * lane);
    if (ck_class_has_min(class)) {
      sums[lane].minimums = fma_f32(group->min[0], all_f32_at(corrections + 4 * lane), sums[lane].minimums);
    }
  }
  CK_UNROLL for (unsigned word = 0; word < CK_GROUP_WORDS; word++) {
    CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
      const i32x16 dot = dot_word(group->u[word], all_i32_at(q + 32 * lane + 4 * word), offset);
      sums[lane].words[word] = fma_f32(to_f32(dot), scale[lane], sums[lane].words[word]);
    }
  }
}

CK_INLINE f32x16 total_of(const word_sums *sums) {
  const f32x16 *w = sums->words;
  return (((w[0] + w[4]) + (w[2] + w[6])) + ((w[1] + w[5]) + (w[3] + w[7]))) + sums->minimums;
}

// 2. One panel ------------------------------------------------------------------------------------

// One panel times the 1 or 2 tokens of the only tile, straight from the packed blocks.
CK_INLINE void panel_words(ck_type type, ck_class class, uint8_t offset, unsigned lanes, size_t block_bytes,
                           const uint8_t *block, size_t blocks, const uint8_t *tile, tile_output to) {
  word_sums sums[2] = {0};
  for (size_t i = 0; i < blocks; i++) {
    for (size_t at = 0; at < block_bytes; at += 64) { __builtin_prefetch(block + PREFETCH_BYTES + at); }
    vector_group group;
    decode_group(type, block, 0, &group);
    multiply_words(class, offset, &group, (group_record){tile, lanes, 0}, lanes, sums);
    tile += lanes * ck_group_bytes(class);
    block += block_bytes;
  }
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
    store_some(to.out + lane * to.stride, total_of(&sums[lane]), to.rows);
  }
}

// Decoded groups of a panel, and whether they are the first and the last of its row.
typedef struct word_chunk {
  const ck_group *groups;
  size_t count;
  bool first, last;
} word_chunk;

// A chunk times `lanes` tokens; their sums are kept unless it is the last.
CK_INLINE void tile_words(ck_class class, uint8_t offset, unsigned lanes, const word_chunk *chunk,
                          group_record record, word_sums *kept, tile_output to) {
  word_sums sums[WORD_TOKENS] = {0};
  if (!chunk->first) {
    CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) { sums[lane] = kept[lane]; }
  }
  const ck_group *groups = chunk->groups;
  for (size_t i = 0; i < chunk->count; i++) {
    vector_group group;
    CK_UNROLL for (unsigned word = 0; word < CK_GROUP_WORDS; word++) {
      group.u[word] = load_u8(groups[i].u[word]);
    }
    group.scale[0] = load_f32(groups[i].scale[0]);
    if (ck_class_has_min(class)) { group.min[0] = load_f32(groups[i].min[0]); }
    multiply_words(class, offset, &group, record, lanes, sums);
    record.bytes += record.width * ck_group_bytes(class);
  }
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
    if (chunk->last) {
      store_some(to.out + lane * to.stride, total_of(&sums[lane]), to.rows);
    } else {
      kept[lane] = sums[lane];
    }
  }
}

typedef struct word_kernels {
  void (*panel[2])(const uint8_t *block, size_t blocks, const uint8_t *tile, tile_output to);
  void (*tile[WORD_TOKENS])(const word_chunk *chunk, group_record record, word_sums *kept, tile_output to);
} word_kernels;

// The types of 32 values whose products ggml adds up in 8 lanes: X(name, class, offset).
#define CK_WORD_TYPES(X)         \
  X(Q4_1, CK_CLASS_32_MIN, 0)    \
  X(Q5_0, CK_CLASS_32, 16)       \
  X(Q5_1, CK_CLASS_32_MIN, 0)    \
  X(Q8_0, CK_CLASS_32_WIDE, 128)

#define WORD_PANEL(name, class, offset, lanes)                                                        \
  static void word_panel_##name##_##lanes(const uint8_t *block, size_t blocks, const uint8_t *tile,   \
                                          tile_output to) {                                           \
    panel_words(CK_##name, class, offset, lanes, CK_##name##_BYTES, block, blocks, tile, to);         \
  }
#define WORD_TILE(name, class, offset, lanes)                                                         \
  static void word_tile_##name##_##lanes(const word_chunk *chunk, group_record record,                \
                                         word_sums *kept, tile_output to) {                           \
    tile_words(class, offset, lanes, chunk, record, kept, to);                                        \
  }
#define WORD_KERNELS(name, class, offset) \
  WORD_PANEL(name, class, offset, 1)      \
  WORD_PANEL(name, class, offset, 2)      \
  WORD_TILE(name, class, offset, 1)       \
  WORD_TILE(name, class, offset, 2)       \
  WORD_TILE(name, class, offset, 3)
CK_WORD_TYPES(WORD_KERNELS)
#define WORD_ENTRY(name, class, offset)                           \
  [CK_##name] = {{word_panel_##name##_1, word_panel_##name##_2},  \
                 {word_tile_##name##_1, word_tile_##name##_2, word_tile_##name##_3}},
static const word_kernels word_functions[] = {CK_WORD_TYPES(WORD_ENTRY)};

// 3. A matrix -------------------------------------------------------------------------------------

// The products of a panel with tokens [first, end), at most WORD_SLICE of them.
static void multiply_slice(const matmul_work *work, size_t panel, size_t first, size_t end) {
  const ck_class class = ck_traits_of(work->type)->class;
  const size_t groups = work->cols / CK_GROUP, row = panel * CK_PANEL_ROWS;
  ck_group decoded[WORD_CHUNK_GROUPS] __attribute__((aligned(64)));
  word_sums sums[WORD_SLICE];
  for (size_t group = 0; group < groups; group += WORD_CHUNK_GROUPS) {
    const size_t count = groups - group < WORD_CHUNK_GROUPS ? groups - group : WORD_CHUNK_GROUPS;
    const word_chunk chunk = {decoded, count, group == 0, group + count == groups};
    decode_functions[work->type](packed_groups(work, panel, group), count, decoded);
    for (size_t token = first; token < end;) {
      const size_t lane = token % CK_TILE, width = ck_tile_width(work->tokens, token - lane);
      const size_t lanes = width - lane < WORD_TOKENS ? width - lane : WORD_TOKENS;
      const uint8_t *tile = work->activations + (token - lane) * ck_token_bytes(class, work->cols);
      const group_record record = {tile + group * width * ck_group_bytes(class), width, lane};
      float *out = work->out + token * work->out_stride + row;
      const tile_output to = {out, work->out_stride, work->rows - row, true};
      word_functions[work->type].tile[lanes - 1](&chunk, record, sums + (token - first), to);
      token += lanes;
    }
  }
}

static void matmul_by_word(ck_type type, const void *packed, const void *activations, float *out,
                           size_t out_stride, size_t rows, size_t cols, size_t tokens, size_t panel_begin,
                           size_t panel_end) {
  _Static_assert(WORD_SLICE % CK_TILE == 0, "a slice ends where a tile ends");
  const matmul_work work = {type, packed, activations, out, out_stride, rows, cols, tokens};
  for (size_t panel = panel_begin; panel < panel_end; panel++) {
    if (tokens <= 2) {
      const size_t row = panel * CK_PANEL_ROWS;
      word_functions[type].panel[tokens - 1](packed_groups(&work, panel, 0), cols / CK_GROUP, activations,
                                             (tile_output){out + row, out_stride, rows - row, true});
      continue;
    }
    for (size_t first = 0; first < tokens; first += WORD_SLICE) {
      multiply_slice(&work, panel, first, tokens - first < WORD_SLICE ? tokens : first + WORD_SLICE);
    }
  }
}

// 4. The rest of a layer --------------------------------------------------------------------------

static void pack_llama_cpp(ck_type type, const float *x, size_t x_stride, void *packed, size_t tokens,
                           size_t cols, size_t token_begin, size_t token_end) {
  pack_activations(type, x, x_stride, packed, tokens, cols, token_begin, token_end);
  ck_round_activations(type, packed, tokens, cols, token_begin, token_end);
}

static void rope_llama_cpp(float *x, size_t heads, size_t head_dim, size_t rotary_dim, const float *cosines,
                           const float *sines, bool interleaved) {
  ck_rotate(true, x, heads, head_dim, rotary_dim, cosines, sines, interleaved);
}

// x times 2 to the power n, rounded once; |n| <= 192.
CK_INLINE f32x16 times_power(f32x16 x, f32x16 n) {
#if CK_VECTOR_AVX512
  return (f32x16)_mm512_scalef_ps((__m512)x, (__m512)n);
#else
  const i32x16 power = __builtin_convertvector(n, i32x16), half = power >> 1;
  return x * (f32x16)((half + 127) << 23) * (f32x16)((power - half + 127) << 23);
#endif
}

CK_INLINE f32x16 exp_llama_cpp(f32x16 x) {
  const f32x16 shifted = fma_f32(x, all_f32(0x1.715476p+0f), all_f32(0x1.8p23f));
  const f32x16 n = shifted - all_f32(0x1.8p23f);
  const i32x16 above = n > all_f32(192), below = n < all_f32(-192);
  const f32x16 b = fma_f32(-n, all_f32(0x1.7f7d1cp-20f), fma_f32(-n, all_f32(0x1.62e4p-1f), x)), u = b * b;
  const f32x16 high = fma_f32(all_f32(0x1.0e4020p-7f), b, all_f32(0x1.573e2ep-5f));
  const f32x16 middle = fma_f32(all_f32(0x1.555e66p-3f), b, all_f32(0x1.fffdb6p-2f));
  const f32x16 low = fma_f32(all_f32(0x1.ffffecp-1f), b, all_f32(1));
  const f32x16 power = select_f32(above | below, all_f32(0), n);
  const f32x16 scaled = times_power(fma_f32(fma_f32(high, u, middle), u, low), power);
  return select_f32(above, all_f32(INFINITY), select_f32(below, all_f32(0), scaled));
}

static void silu_multiply_llama_cpp(float *gate, const float *up, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const f32x16 value = load_some(gate + i, n - i);
    const f32x16 silu = value / (all_f32(1) + exp_llama_cpp(all_f32(0) - value));
    store_some(gate + i, silu * load_some(up + i, n - i), n - i);
  }
}

// 5. Attention ------------------------------------------------------------------------------------

CK_INLINE f32x16 to_half_and_back(f32x16 x) { return half_to_f32(f32_to_half(x)); }

// Of 16 keys the part of the product that lane `lane` of ggml's four registers holds.
CK_INLINE f32x16 lane_of_score(const float *q, const float *keys, size_t dim, unsigned lane) {
  f32x16 registers[4];
  CK_UNROLL for (unsigned i = 0; i < 4; i++) {
    size_t d = 16 * i + lane;
    registers[i] = all_f32(q[d]) * load_f32(keys + d * CK_KEY_BLOCK);
    for (d += CK_LLAMA_CPP_HEAD_STEP; d < dim; d += CK_LLAMA_CPP_HEAD_STEP) {
      registers[i] = fma_f32(all_f32(q[d]), load_f32(keys + d * CK_KEY_BLOCK), registers[i]);
    }
  }
  return (registers[0] + registers[2]) + (registers[1] + registers[3]);
}

// Scores of a row, in half precision at q, with every key of the block.
static void score_by_lanes(const attention_state *state, const float *q, float *scores) {
  const size_t dim = state->work->head_dim;
  for (size_t column = 0; column < CK_KEY_BLOCK; column += 16) {
    const float *keys = state->keys + column;
    f32x16 four[4];
    CK_UNROLL for (unsigned i = 0; i < 4; i++) {
      four[i] = (lane_of_score(q, keys, dim, i) + lane_of_score(q, keys, dim, i + 8))
                + (lane_of_score(q, keys, dim, i + 4) + lane_of_score(q, keys, dim, i + 12));
    }
    const f32x16 sum = (four[0] + four[2]) + (four[1] + four[3]);
    store_f32(scores + column, sum * all_f32(state->work->scale));
  }
}

// Turns a row's scores into weights, key by key; decays are what its sums of values are multiplied with before
// each key.
static void soften_by_key(const attention_state *state, size_t row, size_t begin, size_t end, float *weights,
                          float *decays) {
  float maximum = state->maximum[row], sum = state->sum[row];
  for (size_t j = begin; j < end; j++) {
    const float score = weights[j];
    const bool most = score > maximum;
    decays[j] = most ? expf(maximum - score) : 1;
    weights[j] = most ? 1 : expf(score - maximum);
    maximum = most ? score : maximum;
    sum = __builtin_fmaf(sum, decays[j], weights[j]);
  }
  state->maximum[row] = maximum;
  state->sum[row] = sum;
}

// Adds weighted values, key by key, to dimensions [d, d + 16 * COLUMN_VECTORS) of `rows` rows.
CK_INLINE void add_values_by_key(const attention_state *state, const row_run *run, unsigned rows, size_t d) {
  const size_t dim = state->work->head_dim;
  f32x16 sums[CK_ROWS_AT_ONCE][COLUMN_VECTORS];
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    CK_UNROLL for (unsigned i = 0; i < COLUMN_VECTORS; i++) {
      sums[row][i] = load_f32(run->out[row] + d + 16 * i);
    }
  }
  for (size_t j = run->begin; j < run->end; j++) {
    const float *values = state->values + j * dim + d;
    CK_UNROLL for (unsigned row = 0; row < rows; row++) {
      const float weight = state->weights[row * CK_KEY_BLOCK + j];
      const float decay = state->decays[row * CK_KEY_BLOCK + j];
      if (decay != 1) {
        CK_UNROLL for (unsigned i = 0; i < COLUMN_VECTORS; i++) {
          sums[row][i] = to_half_and_back(sums[row][i] * all_f32(decay));
        }
      }
      CK_UNROLL for (unsigned i = 0; i < COLUMN_VECTORS; i++) {
        sums[row][i] = to_half_and_back(fma_f32(load_f32(values + 16 * i), all_f32(weight), sums[row][i]));
      }
    }
  }
  CK_UNROLL for (unsigned row = 0; row < rows; row++) {
    CK_UNROLL for (unsigned i = 0; i < COLUMN_VECTORS; i++) {
      store_f32(run->out[row] + d + 16 * i, sums[row][i]);
    }
  }
}

CK_INLINE void attend_run_by_key(const attention_state *state, row_run *run, unsigned rows) {
  const size_t dim = state->work->head_dim;
  for (unsigned row = 0; row < rows; row++) {
    float *weights = state->weights + row * CK_KEY_BLOCK, *decays = state->decays + row * CK_KEY_BLOCK;
    for (size_t d = 0; d < dim; d += 16) {
      store_f32(state->query + d, to_half_and_back(load_f32(run->q[row] + d)));
    }
    score_by_lanes(state, state->query, weights);
    soften_by_key(state, run->first_row + row, run->begin, run->end, weights, decays);
  }
  for (size_t d = 0; d < dim; d += 16 * COLUMN_VECTORS) { add_values_by_key(state, run, rows, d); }
}

static void attend_by_key_1(const attention_state *state, row_run *run) { attend_run_by_key(state, run, 1); }
static void attend_by_key_2(const attention_state *state, row_run *run) { attend_run_by_key(state, run, 2); }
static void attend_by_key_3(const attention_state *state, row_run *run) { attend_run_by_key(state, run, 3); }
static void attend_by_key_4(const attention_state *state, row_run *run) { attend_run_by_key(state, run, 4); }

static const attend_function attend_by_key_functions[CK_ROWS_AT_ONCE + 1] = {
  NULL, attend_by_key_1, attend_by_key_2, attend_by_key_3, attend_by_key_4};

static void attention_llama_cpp(const ck_attention_work *work, float *scratch) {
  const ck_attention_work near = ck_part_of_attention(work, true), far = ck_part_of_attention(work, false);
  attend_tiles(&near, scratch, attend_by_key_functions);
  attend_tiles(&far, scratch, attend_functions);
}
