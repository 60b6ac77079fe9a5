// Activations to bytes, norms, exponentials and conversions in vectors; layer_reference.c has their meaning.

CK_INLINE f32x16 exp_f32(f32x16 x) {
  const f32x16 low = all_f32(-87.0f);
  const f32x16 clamped = min_f32(all_f32(88.0f), max_f32(low, x));
  const f32x16 shifted = fma_f32(clamped, all_f32(0x1.715476p+0f), all_f32(0x1.8p23f));
  const f32x16 n = shifted - all_f32(0x1.8p23f);
  f32x16 r = fma_f32(n, all_f32(-0x1.62e4p-1f), clamped);
  r = fma_f32(n, all_f32(-0x1.7f7d1cp-20f), r);
  f32x16 sum = all_f32(0x1.a01a02p-13f);
  sum = fma_f32(sum, r, all_f32(0x1.6c16c2p-10f));
  sum = fma_f32(sum, r, all_f32(0x1.111112p-7f));
  sum = fma_f32(sum, r, all_f32(0x1.555556p-5f));
  sum = fma_f32(sum, r, all_f32(0x1.555556p-3f));
  sum = fma_f32(sum, r, all_f32(0.5f));
  sum = fma_f32(sum, r, all_f32(1.0f));
  sum = fma_f32(sum, r, all_f32(1.0f));
  const f32x16 scaled = (f32x16)((i32x16)sum + ((i32x16)shifted << 23));
  return select_f32(x < low, all_f32(0), scaled);
}

// One group of one token; see pack_group in matmul_reference.c.
CK_INLINE void pack_group(ck_class class, int32_t offset, const float *x, uint8_t *record, size_t width,
                          size_t lane) {
  const f32x16 first = load_f32(x), second = load_f32(x + 16);
  const i32x16 no_sign = all_i32(0x7fffffff);
  const uint32_t largest = __builtin_reduce_max(
    __builtin_elementwise_max((u32x16)((i32x16)first & no_sign), (u32x16)((i32x16)second & no_sign)));
  const bool finite = largest < 0x7f800000, usable = finite && largest >= CK_LEAST_ACTIVATION_BITS;
  const float scale = usable ? ck_float_of_bits(largest) / 127.0f : finite ? 0.0f : NAN;
  i32x16 low = all_i32(0), high = all_i32(0);
  if (usable) {
    const f32x16 inverse = all_f32(127.0f / ck_float_of_bits(largest));
    low = round_to_i32(first * inverse);
    high = round_to_i32(second * inverse);
  }
  const i8x16 low_bytes = __builtin_convertvector(low, i8x16),
              high_bytes = __builtin_convertvector(high, i8x16);
  memcpy(record + 32 * lane, &low_bytes, 16);
  memcpy(record + 32 * lane + 16, &high_bytes, 16);
  memcpy(record + 32 * width + 4 * lane, &scale, 4);
  const int32_t low_sum = __builtin_reduce_add(low), high_sum = __builtin_reduce_add(high);
  const bool halves = ck_class_parts(class) == 2;
  const int32_t sums[2] = {halves ? low_sum : low_sum + high_sum, high_sum};
  for (unsigned part = 0; part < ck_class_parts(class); part++) {
    const int32_t bias = -offset * sums[part];
    const float weighted = scale * (float)sums[part];
    uint8_t *at = record + (36 + 4 * part) * width + 4 * lane;
    if (ck_class_has_min(class)) {
      memcpy(at, &weighted, 4);
    } else {
      memcpy(at, &bias, 4);
    }
  }
}

static void pack_activations(ck_type type, const float *x, size_t x_stride, void *packed, size_t tokens,
                             size_t cols, size_t token_begin, size_t token_end) {
  const ck_traits *traits = ck_traits_of(type);
  const ck_class class = traits->class;
  if (class == CK_CLASS_FLOAT) {
    ck_pack_activations_reference(type, x, x_stride, packed, tokens, cols, token_begin, token_end);
    return;
  }
  for (size_t token = token_begin; token < token_end; token++) {
    const size_t lane = token % CK_TILE, width = ck_tile_width(tokens, token - lane);
    uint8_t *record = (uint8_t *)packed + (token - lane) * ck_token_bytes(class, cols);
    const float *from = x + token * x_stride;
    for (size_t group = 0; group < cols / CK_GROUP; group++) {
      pack_group(class, traits->offset, from + group * CK_GROUP, record, width, lane);
      record += width * ck_group_bytes(class);
    }
  }
}

static void rms_norm(const float *x, const float *weight, float *out, size_t n, float epsilon) {
  f32x16 lanes = all_f32(0);
  for (size_t i = 0; i < n; i += 16) {
    const f32x16 value = load_some(x + i, n - i);
    lanes = fma_f32(value, value, lanes);
  }
  const float scale = 1.0f / sqrtf(sum_lanes(lanes) / (float)n + epsilon);
  for (size_t i = 0; i < n; i += 16) {
    const f32x16 value = load_some(x + i, n - i) * all_f32(scale) * load_some(weight + i, n - i);
    store_some(out + i, value, n - i);
  }
}

static void add(float *x, const float *y, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    store_some(x + i, load_some(x + i, n - i) + load_some(y + i, n - i), n - i);
  }
}

static void silu_multiply(float *gate, const float *up, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const f32x16 value = load_some(gate + i, n - i);
    const f32x16 silu = value / (all_f32(1) + exp_f32(-value));
    store_some(gate + i, silu * load_some(up + i, n - i), n - i);
  }
}

static void to_f16(const float *x, uint16_t *out, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const u16x16 halves = f32_to_half(load_some(x + i, n - i));
    memcpy(out + i, &halves, 2 * (n - i < 16 ? n - i : 16));
  }
}

static void from_f16(const uint16_t *x, float *out, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    u16x16 halves = {0};
    memcpy(&halves, x + i, 2 * (n - i < 16 ? n - i : 16));
    store_some(out + i, half_to_f32(halves), n - i);
  }
}

// Finds the largest value first, then the first place that holds it.
static size_t argmax(const float *x, size_t n) {
  f32x16 largest = all_f32(-INFINITY);
  size_t i = 0;
  for (; i + 16 <= n; i += 16) { largest = max_f32(load_f32(x + i), largest); }
  float most = largest_lane(largest);
  for (; i < n; i++) { most = x[i] > most ? x[i] : most; }
  for (i = 0; i + 16 <= n; i += 16) {
    if (__builtin_reduce_or(load_f32(x + i) == all_f32(most))) { break; }
  }
  for (; i < n; i++) {
    if (x[i] == most) { return i; }
  }
  return ck_argmax_reference(x, n);  // every value is NaN
}
