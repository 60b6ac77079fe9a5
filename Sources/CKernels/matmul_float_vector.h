// Products of matrices of floats (F32, F16, BF16) in vectors: sums run over the columns in order.

CK_INLINE f32x16 load_weights(ck_type type, const uint8_t *at) {
  switch (type) {
    case CK_F16: return half_to_f32(load_u16(at));
    case CK_BF16: return (f32x16)(__builtin_convertvector(load_u16(at), u32x16) << 16);
    default: return load_f32(at);
  }
}

CK_INLINE size_t weight_bytes(ck_type type) { return type == CK_F32 ? 64 : 32; }

// `cols` columns of one panel times `lanes` of the tile's `width` tokens.
CK_INLINE void float_product(ck_type type, unsigned lanes, const uint8_t *weights, size_t cols,
                             const uint8_t *x, size_t width, const tile_output *to) {
  if (MOST_LANES == CK_TILE) { width = lanes; }
  f32x16 sums[MOST_LANES];
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
    sums[lane] = to->first ? all_f32(0) : load_some(to->out + lane * to->stride, to->rows);
  }
  _Pragma("clang loop unroll_count(4)") for (size_t col = 0; col < cols; col++) {
    if (lanes == 1) { __builtin_prefetch(weights + PREFETCH_BYTES); }
    const f32x16 weight = load_weights(type, weights);
    CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
      sums[lane] = fma_f32(weight, all_f32_at(x + 4 * lane), sums[lane]);
    }
    weights += weight_bytes(type);
    x += 4 * width;
  }
  CK_UNROLL for (unsigned lane = 0; lane < lanes; lane++) {
    store_some(to->out + lane * to->stride, sums[lane], to->rows);
  }
}

typedef void (*float_kernel)(const uint8_t *, size_t, const uint8_t *, size_t, const tile_output *);

#define FLOAT_KERNEL(type, unused, lanes)                                                                 \
  static void float_##type##_##lanes(const uint8_t *weights, size_t cols, const uint8_t *x, size_t width, \
                                     const tile_output *to) {                                             \
    float_product(type, lanes, weights, cols, x, width, to);                                              \
  }
EACH_LANES(FLOAT_KERNEL, CK_F32, 0)
FLOAT_KERNEL(CK_F16, 0, 1)
FLOAT_KERNEL(CK_BF16, 0, 1)
#define FLOAT_ENTRY(type, unused, lanes) [lanes] = float_##type##_##lanes,
static const float_kernel float_kernels[MOST_LANES + 1] = {EACH_LANES(FLOAT_ENTRY, CK_F32, 0)};

static void float_single(const matmul_work *work, size_t panel_begin, size_t panel_end) {
  const size_t panel_bytes = work->cols * weight_bytes(work->type);
  const float_kernel kernel = work->type == CK_F32   ? float_CK_F32_1
                              : work->type == CK_F16 ? float_CK_F16_1
                                                     : float_CK_BF16_1;
  for (size_t panel = panel_begin; panel < panel_end; panel++) {
    const size_t row = panel * CK_PANEL_ROWS;
    const tile_output to = {work->out + row, work->out_stride, work->rows - row, true};
    kernel(work->packed + panel * panel_bytes, work->cols, work->activations, 1, &to);
  }
}

// Converts `cols` columns of a panel to floats, unless they are.
static const uint8_t *float_columns(ck_type type, const uint8_t *weights, size_t cols, float *converted) {
  if (type == CK_F32) { return weights; }
  for (size_t col = 0; col < cols; col++) {
    const f32x16 weight = type == CK_F16 ? load_weights(CK_F16, weights) : load_weights(CK_BF16, weights);
    store_f32(converted + col * CK_PANEL_ROWS, weight);
    weights += weight_bytes(type);
  }
  return (const uint8_t *)converted;
}

static void float_many(const matmul_work *work, size_t panel_begin, size_t panel_end) {
  float converted[CHUNK_COLUMNS * CK_PANEL_ROWS] __attribute__((aligned(64)));
  for (size_t panel = panel_begin; panel < panel_end; panel++) {
    const size_t row = panel * CK_PANEL_ROWS;
    for (size_t col = 0; col < work->cols; col += CHUNK_COLUMNS) {
      const size_t cols = work->cols - col < CHUNK_COLUMNS ? work->cols - col : CHUNK_COLUMNS;
      const uint8_t *from = work->packed + (panel * work->cols + col) * weight_bytes(work->type);
      const uint8_t *weights = float_columns(work->type, from, cols, converted);
      for (size_t token = 0; token < work->tokens; token += CK_TILE) {
        const size_t width = ck_tile_width(work->tokens, token);
        const uint8_t *x = work->activations + 4 * (token * work->cols + col * width);
        for (size_t lane = 0; lane < width; lane += MOST_LANES) {
          const size_t lanes = width - lane < MOST_LANES ? width - lane : MOST_LANES;
          const tile_output to = {work->out + (token + lane) * work->out_stride + row, work->out_stride,
                                  work->rows - row, col == 0};
          float_kernels[lanes](weights, cols, x + 4 * lane, width, &to);
        }
      }
    }
  }
}

static void matmul(ck_type type, const void *packed, const void *activations, float *out, size_t out_stride,
                   size_t rows, size_t cols, size_t tokens, size_t panel_begin, size_t panel_end) {
  const matmul_work work = {type, packed, activations, out, out_stride, rows, cols, tokens};
  const bool floats = ck_traits_of(type)->class == CK_CLASS_FLOAT;
  if (floats) {
    if (tokens == 1) {
      float_single(&work, panel_begin, panel_end);
    } else {
      float_many(&work, panel_begin, panel_end);
    }
  } else if (tokens <= CK_TILE) {
    few_tokens(&work, panel_begin, panel_end);
  } else {
    many_tokens(&work, panel_begin, panel_end);
  }
}
