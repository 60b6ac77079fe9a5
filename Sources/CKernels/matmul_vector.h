// Matrix products in vectors. A few tokens read the packed weights straight through; many decode a chunk of
// panels to groups once and use it for every tile. Both add a row's groups in column order with the same
// operations, so that a token's result does not depend on the other tokens.

enum {
  CHUNK_GROUPS = 24,    // groups of a panel that are decoded at once (768 columns): with CHUNK_PANELS, what stays in the
                        // first cache beside a tile's activations
  CHUNK_PANELS = 2,     // panels that share a pass over the activations
  CHUNK_COLUMNS = 256,  // columns of a panel of floats that are converted at once
#if CK_VECTOR_AVX512
  MOST_LANES = 8,  // tokens whose sums stay in registers
#else
  MOST_LANES = 4,
#endif
  PREFETCH_BYTES = 2560,  // how far ahead of a few tokens' reading
};

// Unrolls a loop of constant length, so that arrays of vectors become registers.
#define CK_UNROLL _Pragma("clang loop unroll(full)")

// A tile's packed group: `width` tokens, of which lanes lane ..< lane + count are wanted.
typedef struct group_record {
  const uint8_t *bytes;
  size_t width, lane;
} group_record;

// 1. One group ------------------------------------------------------------------------------------

// Adds a decoded group times `lanes` tokens to their sums. Words come first and lanes second, so that
// neighbouring instructions do not wait for each other.
CK_INLINE void multiply_group(ck_class class, uint8_t offset, const vector_group *group, group_record record,
                              unsigned lanes, f32x16 *sums) {
  const unsigned parts = ck_class_parts(class), words = CK_GROUP_WORDS / parts;
  const uint8_t *q = record.bytes + 32 * record.lane;
  const uint8_t *scales = record.bytes + 32 * record.width + 4 * record.lane;
  CK_UNROLL for (unsigned part = 0; part < parts; part++) {
    const uint8_t *corrections = scales + 4 * (1 + part) * record.width;
    i32x16 dots[CK_TILE];
    CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
      dots[lane] = dot_start(corrections + 4 * lane, offset);
    }
    CK_UNROLL for (unsigned word = part * words; word < (part + 1) * words; word++) {
      CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
        dots[lane] = dot_bytes(dots[lane], group->u[word], all_i32_at(q + 32 * lane + 4 * word), offset);
      }
    }
    CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
      sums[lane] =
        fma_f32(to_f32(dots[lane]), group->scale[part] * all_f32_at(scales + 4 * lane), sums[lane]);
      if (ck_class_has_min(class)) {
        sums[lane] = fma_f32(group->min[part], all_f32_at(corrections + 4 * lane), sums[lane]);
      }
    }
  }
}

// Where the sums of some lanes go: 16 rows (or `rows` if fewer) of each. Kernels take a pointer to it: a copy on the stack
// would be read as a whole before its fields are there, which holds up everything behind it.
typedef struct tile_output {
  float *out;
  size_t stride, rows;
  bool first;  // start from zero; otherwise from what is there
} tile_output;

// 2. A few tokens ---------------------------------------------------------------------------------

// One panel times 1, 2 or 4 lanes of the only tile, straight from the packed blocks.
CK_INLINE void panel_product(ck_type type, ck_class class, uint8_t offset, size_t values, size_t block_bytes,
                             unsigned lanes, const uint8_t *block, size_t blocks, group_record record,
                             const tile_output *to) {
  f32x16 sums[4];
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) { sums[lane] = all_f32(0); }
  for (size_t i = 0; i < blocks; i++) {
    for (size_t at = 0; at < block_bytes; at += 64) { __builtin_prefetch(block + PREFETCH_BYTES + at); }
    CK_UNROLL for (unsigned s = 0; s < values / CK_GROUP; s++) {
      vector_group group;
      decode_group(type, block, s, &group);
      multiply_group(class, offset, &group, record, lanes, sums);
      record.bytes += record.width * ck_group_bytes(class);
    }
    block += block_bytes;
  }
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
    store_some(to->out + lane * to->stride, sums[lane], to->rows);
  }
}

// 3. Many tokens ----------------------------------------------------------------------------------

CK_INLINE void store_group(const vector_group *group, ck_class class, ck_group *out) {
  memcpy(out->u, group->u, sizeof out->u);
  for (unsigned part = 0; part < ck_class_parts(class); part++) {
    memcpy(out->scale[part], &group->scale[part], sizeof(f32x16));
    if (ck_class_has_min(class)) { memcpy(out->min[part], &group->min[part], sizeof(f32x16)); }
  }
}

CK_INLINE void decode_chunk(ck_type type, ck_class class, size_t values, size_t block_bytes,
                            const uint8_t *block, size_t groups, ck_group *out) {
  for (size_t first = 0; first < groups; first += values / CK_GROUP) {
    CK_UNROLL for (unsigned s = 0; s < values / CK_GROUP; s++) {
      vector_group group;
      decode_group(type, block, s, &group);
      store_group(&group, class, &out[first + s]);
    }
    block += block_bytes;
  }
}

// What a tile kernel multiplies: decoded groups of one panel, and one tile's record of the first of them.
typedef struct tile_input {
  const ck_group *groups;
  size_t count;
  group_record record;
  const uint8_t *ahead;  // packed bytes to fetch meanwhile, a stretch for each group; null: none
  size_t ahead_step;     // bytes of a stretch
} tile_input;

CK_INLINE void tile_product(ck_class class, uint8_t offset, unsigned lanes, const tile_input *from,
                            const tile_output *to) {
  const ck_group *groups = from->groups;
  const uint8_t *ahead = from->ahead;
  group_record record = from->record;
  if (MOST_LANES == CK_TILE) { record = (group_record){record.bytes, lanes, 0}; }  // constant offsets
  f32x16 sums[MOST_LANES];
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
    sums[lane] = to->first ? all_f32(0) : load_some(to->out + lane * to->stride, to->rows);
  }
  for (size_t i = 0; i < from->count; i++) {
    if (ahead) {
      for (size_t at = 0; at < from->ahead_step; at += 64) { __builtin_prefetch(ahead + at, 0, 2); }
      ahead += from->ahead_step;
    }
    vector_group group;
    CK_UNROLL for (unsigned word = 0; word < CK_GROUP_WORDS; word++) {
      group.u[word] = load_u8(groups[i].u[word]);
    }
    CK_UNROLL for (unsigned part = 0; part < ck_class_parts(class); part++) {
      group.scale[part] = load_f32(groups[i].scale[part]);
      if (ck_class_has_min(class)) { group.min[part] = load_f32(groups[i].min[part]); }
    }
    multiply_group(class, offset, &group, record, lanes, sums);
    record.bytes += record.width * ck_group_bytes(class);
  }
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
    store_some(to->out + lane * to->stride, sums[lane], to->rows);
  }
}

typedef void (*tile_kernel)(const tile_input *, const tile_output *);

#define TILE_KERNEL(class, offset, lanes)                                             \
  static void tile_##class##_##lanes(const tile_input *from, const tile_output *to) { \
    tile_product(class, offset, lanes, from, to);                                     \
  }
#if CK_VECTOR_AVX512
#define EACH_LANES(X, class, offset)                                                                  \
  X(class, offset, 1)                                                                                 \
  X(class, offset, 2) X(class, offset, 3) X(class, offset, 4) X(class, offset, 5) X(class, offset, 6) \
    X(class, offset, 7) X(class, offset, 8)
#else
#define EACH_LANES(X, class, offset) \
  X(class, offset, 1) X(class, offset, 2) X(class, offset, 3) X(class, offset, 4)
#endif
#define EACH_CLASS(X) \
  X(CK_CLASS_32, 8) X(CK_CLASS_32_WIDE, 128) X(CK_CLASS_32_MIN, 0) X(CK_CLASS_16, 8) X(CK_CLASS_16_MIN, 0)

#define CLASS_KERNELS(class, offset) EACH_LANES(TILE_KERNEL, class, offset)
EACH_CLASS(CLASS_KERNELS)
#define TILE_ENTRY(class, offset, lanes) [lanes] = tile_##class##_##lanes,
#define CLASS_ENTRIES(class, offset) [class] = {EACH_LANES(TILE_ENTRY, class, offset)},
static const tile_kernel tile_kernels[][MOST_LANES + 1] = {EACH_CLASS(CLASS_ENTRIES)};

typedef void (*decode_function)(const uint8_t *, size_t, ck_group *);
typedef void (*panel_function)(const uint8_t *, size_t, const group_record *, const tile_output *);

#define PANEL_KERNEL(name, values, class, offset, lanes)                                                  \
  static void panel_##name##_##lanes(const uint8_t *block, size_t blocks, const group_record *from,       \
                                     const tile_output *to) {                                             \
    group_record record = *from;                                                                          \
    if (lanes == 1 && record.width == 1) { record = (group_record){record.bytes, 1, 0}; }                 \
    panel_product(CK_##name, class, offset, values, CK_##name##_BYTES, lanes, block, blocks, record, to); \
  }
#define TYPE_KERNELS(name, values, bytes, class, offset)                           \
  static void decode_##name(const uint8_t *block, size_t groups, ck_group *out) {  \
    decode_chunk(CK_##name, class, values, CK_##name##_BYTES, block, groups, out); \
  }                                                                                \
  PANEL_KERNEL(name, values, class, offset, 1)                                     \
  PANEL_KERNEL(name, values, class, offset, 2)                                     \
  PANEL_KERNEL(name, values, class, offset, 4)
CK_QUANTISED_TYPES(TYPE_KERNELS)
#define DECODE_ENTRY(name, values, bytes, class, offset) [CK_##name] = decode_##name,
#define PANEL_ENTRY(name, values, bytes, class, offset) \
  [CK_##name] = {panel_##name##_1, panel_##name##_2, panel_##name##_4},
static const decode_function decode_functions[] = {CK_QUANTISED_TYPES(DECODE_ENTRY)};
static const panel_function panel_functions[][3] = {CK_QUANTISED_TYPES(PANEL_ENTRY)};

typedef struct matmul_work {
  ck_type type;
  const uint8_t *packed, *activations;
  float *out;
  size_t out_stride, rows, cols, tokens;
} matmul_work;

// At most a tile of tokens: the panel is read once from memory, and again from cache for the lanes that
// remain.
static void few_tokens(const matmul_work *work, size_t panel_begin, size_t panel_end) {
  const ck_traits *traits = ck_traits_of(work->type);
  const size_t blocks = work->cols / traits->block_values;
  for (size_t panel = panel_begin; panel < panel_end; panel++) {
    const uint8_t *block = work->packed + panel * blocks * traits->packed_bytes;
    const size_t row = panel * CK_PANEL_ROWS;
    for (size_t lane = 0; lane < work->tokens;) {
      const size_t left = work->tokens - lane, kind = left >= 4 ? 2 : left >= 2 ? 1 : 0;
      const tile_output to = {work->out + lane * work->out_stride + row, work->out_stride, work->rows - row,
                              true};
      const group_record record = {work->activations, work->tokens, lane};
      panel_functions[work->type][kind](block, blocks, &record, &to);
      lane += (size_t)1 << kind;
    }
  }
}

// A range of a matrix whose decoded groups are held at once.
typedef struct chunk {
  size_t panel, panels;  // panels panel ..< panel + panels
  size_t group, groups;  // groups group ..< group + groups of each
} chunk;

static const uint8_t *packed_groups(const matmul_work *work, size_t panel, size_t group) {
  const ck_traits *traits = ck_traits_of(work->type);
  const size_t block_groups = traits->block_values / CK_GROUP, groups = work->cols / CK_GROUP;
  return work->packed + (panel * groups + group) / block_groups * traits->packed_bytes;
}

// Multiplies a chunk with every token, fetching `ahead` (as many bytes for each panel) during the first tile.
static void multiply_chunk(const matmul_work *work, ck_group decoded[CHUNK_PANELS][CHUNK_GROUPS], chunk at,
                           const uint8_t *ahead, size_t panel_bytes) {
  const ck_traits *traits = ck_traits_of(work->type);
  const ck_class class = traits->class;
  const size_t ahead_step = (size_t)traits->packed_bytes * CK_GROUP / traits->block_values;
  for (size_t token = 0; token < work->tokens; token += CK_TILE) {
    const size_t width = ck_tile_width(work->tokens, token);
    const uint8_t *tile = work->activations + token * ck_token_bytes(class, work->cols);
    const uint8_t *record = tile + at.group * width * ck_group_bytes(class);
    for (size_t i = 0; i < at.panels; i++) {
      const size_t row = (at.panel + i) * CK_PANEL_ROWS;
      for (size_t lane = 0; lane < width; lane += MOST_LANES) {
        const size_t lanes = width - lane < MOST_LANES ? width - lane : MOST_LANES;
        const bool fetch = ahead != NULL && token == 0 && lane == 0;
        const tile_input from = {decoded[i],
                                 at.groups,
                                 {record, width, lane},
                                 fetch ? ahead + i * panel_bytes : NULL,
                                 ahead_step};
        const tile_output to = {work->out + (token + lane) * work->out_stride + row, work->out_stride,
                                work->rows - row, at.group == 0};
        tile_kernels[class][lanes](&from, &to);
      }
    }
  }
}

static void many_tokens(const matmul_work *work, size_t panel_begin, size_t panel_end) {
  const size_t groups = work->cols / CK_GROUP;
  const size_t panel_bytes = (size_t)(packed_groups(work, 1, 0) - packed_groups(work, 0, 0));
  ck_group decoded[CHUNK_PANELS][CHUNK_GROUPS] __attribute__((aligned(64)));
  for (size_t panel = panel_begin; panel < panel_end; panel += CHUNK_PANELS) {
    const size_t panels = panel_end - panel < CHUNK_PANELS ? panel_end - panel : CHUNK_PANELS;
    for (size_t group = 0; group < groups; group += CHUNK_GROUPS) {
      const size_t count = groups - group < CHUNK_GROUPS ? groups - group : CHUNK_GROUPS;
      for (size_t i = 0; i < panels; i++) {
        decode_functions[work->type](packed_groups(work, panel + i, group), count, decoded[i]);
      }
      const bool last = group + count == groups;
      const uint8_t *ahead = last && panel + panels == panel_end ? NULL
                             : last                              ? packed_groups(work, panel + panels, 0)
                                                                 : packed_groups(work, panel, group + count);
      multiply_chunk(work, decoded, (chunk){panel, panels, group, count}, ahead, panel_bytes);
    }
  }
}
