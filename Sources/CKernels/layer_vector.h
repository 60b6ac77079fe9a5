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

// The sums of eight vectors' lanes, in order: each step halves the lanes of two vectors and puts them side by side.
CK_INLINE i32x8 sum_each(const i32x16 x[8]) {
  i32x16 eights[4], fours[2];
  CK_UNROLL for (unsigned i = 0; i < 4; i++) {
    const i32x16 a = x[i], b = x[i + 4];
    eights[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
                 + __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  }
  CK_UNROLL for (unsigned i = 0; i < 2; i++) {
    const i32x16 a = eights[i], b = eights[i + 2];
    fours[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
                  + __builtin_shufflevector(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
  }
  const i32x16 a = fours[0], b = fours[1];
  const i32x16 twos = __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
                       + __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  return __builtin_shufflevector(twos, twos, 0, 2, 4, 6, 8, 10, 12, 14)
         + __builtin_shufflevector(twos, twos, 1, 3, 5, 7, 9, 11, 13, 15);
}

// See quantise_searched in matmul_reference.c.
CK_INLINE i16x32 quantise_searched(f32x16 first, f32x16 second, float largest, float *scale) {
  const f32x16 inverse = all_f32(CK_FIXED_ONE / largest);
  const i16x32 fixed = narrow_i32(round_to_i32(first * inverse), round_to_i32(second * inverse));
  i32x16 products[2 * CK_STEP_CHOICES];
  CK_UNROLL for (unsigned choice = 0; choice < CK_STEP_CHOICES; choice++) {
    const i16x32 q = scale_i16(fixed, (int16_t)(CK_MOST_STEPS - choice));
    products[choice] = dot_pairs(fixed, q);
    products[CK_STEP_CHOICES + choice] = dot_pairs(q, q);
  }
  const f32x8 sums = __builtin_convertvector(sum_each(products), f32x8);
  const f32x4 xq = __builtin_shufflevector(sums, sums, 0, 1, 2, 3);
  const f32x4 qq = __builtin_shufflevector(sums, sums, 4, 5, 6, 7);
  const f32x4 gain = xq * xq / qq, ratio = xq / qq;
  unsigned best = 0;
  CK_UNROLL for (unsigned choice = 1; choice < CK_STEP_CHOICES; choice++) {
    best = gain[choice] > gain[best] ? choice : best;
  }
  *scale = ratio[best] * (largest / CK_FIXED_ONE);
  return scale_i16(fixed, (int16_t)(CK_MOST_STEPS - best));
}

// One group of one token; see pack_group in matmul_reference.c.
CK_INLINE void pack_group(ck_type type, ck_class class, int32_t offset, const float *x, uint8_t *record,
                          size_t width, size_t lane) {
  const f32x16 first = load_f32(x), second = load_f32(x + 16);
  const i32x16 no_sign = all_i32(0x7fffffff);
  const uint32_t bits = __builtin_reduce_max(
    __builtin_elementwise_max((u32x16)((i32x16)first & no_sign), (u32x16)((i32x16)second & no_sign)));
  const bool finite = bits < 0x7f800000;
  const float largest = ck_float_of_bits(bits);
  float scale = finite ? 0.0f : NAN;
  i16x32 q = {0};
  if (finite && bits >= CK_LEAST_ACTIVATION_BITS) {
    if (ck_searches_steps(type)) {
      q = quantise_searched(first, second, largest, &scale);
    } else {
      const f32x16 inverse = all_f32(CK_MOST_STEPS / largest);
      q = narrow_i32(round_to_i32(first * inverse), round_to_i32(second * inverse));
      scale = largest / CK_MOST_STEPS;
    }
  }
  const i8x32 bytes = __builtin_convertvector(q, i8x32);
  memcpy(record + 32 * lane, &bytes, sizeof bytes);
  memcpy(record + 32 * width + 4 * lane, &scale, 4);
  const i32x16 pairs = dot_pairs(q, all_i16(1));
  const int32_t low_sum =
    __builtin_reduce_add(__builtin_shufflevector(pairs, pairs, 0, 1, 2, 3, 4, 5, 6, 7));
  const int32_t high_sum =
    __builtin_reduce_add(__builtin_shufflevector(pairs, pairs, 8, 9, 10, 11, 12, 13, 14, 15));
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
      pack_group(type, class, traits->offset, from + group * CK_GROUP, record, width, lane);
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

static ck_softmax_part softmax_of(const float *x, size_t n) {
  f32x16 most = all_f32(-INFINITY), lanes = all_f32(0);
  size_t i = 0;
  for (; i + 16 <= n; i += 16) { most = max_f32(load_f32(x + i), most); }
  float rest[16];  // lanes beyond the end add exp(-infinity), which is 0
  for (size_t lane = 0; lane < 16; lane++) { rest[lane] = i + lane < n ? x[i + lane] : -INFINITY; }
  const float largest = largest_lane(max_f32(load_f32(rest), most));
  const f32x16 shift = all_f32(largest == -INFINITY ? 0 : largest);
  for (i = 0; i + 16 <= n; i += 16) { lanes += exp_f32(load_f32(x + i) - shift); }
  lanes += exp_f32(load_f32(rest) - shift);
  return (ck_softmax_part){largest, sum_lanes(lanes)};
}
