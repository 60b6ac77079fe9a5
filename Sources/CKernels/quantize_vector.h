// Floats to blocks in vectors; quantize_reference.c has their meaning. A lane is a group: 16 groups are turned so that
// vector i holds value i of each, which leaves nothing to add across lanes.
#include "quantize.h"

CK_INLINE f32x16 code_of(f32x16 x, f32x16 inverse, float least, float most) {
  const f32x16 rounded = fma_f32(x, inverse, all_f32(CK_ROUNDER)) - all_f32(CK_ROUNDER);
  return min_f32(max_f32(rounded, all_f32(least)), all_f32(most));
}

CK_INLINE f32x16 inverse_of(f32x16 scale) {
  return select_f32(scale != all_f32(0), all_f32(1) / scale, all_f32(0));
}

CK_INLINE f32x16 magnitude_of(f32x16 x) { return (f32x16)((i32x16)x & 0x7fffffff); }

// Exchanges, for rows a and b that are `distance` apart, the blocks of the matrix that lie off its diagonal.
#define CK_EXCHANGE(a, b, distance)                                                                    \
  do {                                                                                                 \
    const f32x16 first = (a), second = (b);                                                            \
    (a) = __builtin_shufflevector(first, second, CK_FROM_FIRST(distance));                             \
    (b) = __builtin_shufflevector(first, second, CK_FROM_SECOND(distance));                            \
  } while (0)
#define CK_PICK_FIRST(lane, distance) ((lane) & (distance) ? (lane) - (distance) + 16 : (lane))
#define CK_PICK_SECOND(lane, distance) ((lane) & (distance) ? (lane) + 16 : (lane) + (distance))
#define CK_EVERY_LANE(pick, d)                                                                              \
  pick(0, d), pick(1, d), pick(2, d), pick(3, d), pick(4, d), pick(5, d), pick(6, d), pick(7, d), pick(8, d), \
    pick(9, d), pick(10, d), pick(11, d), pick(12, d), pick(13, d), pick(14, d), pick(15, d)
#define CK_FROM_FIRST(distance) CK_EVERY_LANE(CK_PICK_FIRST, distance)
#define CK_FROM_SECOND(distance) CK_EVERY_LANE(CK_PICK_SECOND, distance)

// Turns a matrix of 16 x 16.
CK_INLINE void turn(f32x16 rows[16]) {
  CK_UNROLL for (unsigned i = 0; i < 8; i++) { CK_EXCHANGE(rows[i], rows[i + 8], 8); }
  CK_UNROLL for (unsigned i = 0; i < 16; i++) {
    if (!(i & 4)) { CK_EXCHANGE(rows[i], rows[i + 4], 4); }
  }
  CK_UNROLL for (unsigned i = 0; i < 16; i++) {
    if (!(i & 2)) { CK_EXCHANGE(rows[i], rows[i + 2], 2); }
  }
  CK_UNROLL for (unsigned i = 0; i < 16; i += 2) { CK_EXCHANGE(rows[i], rows[i + 1], 1); }
}

// 16 groups of n values, 16 or 32, that follow each other: x[i] becomes value i of each group.
CK_INLINE void load_groups(const float *from, f32x16 *x, unsigned n) {
  for (unsigned part = 0; part < n; part += 16) {
    CK_UNROLL for (unsigned group = 0; group < 16; group++) {
      x[part + group] = load_f32(from + group * n + part);
    }
    turn(x + part);
  }
}

// Codes that are whole numbers below 256, as load_groups holds them, to bytes: group after group.
CK_INLINE void store_codes(f32x16 *codes, uint8_t *to, unsigned n) {
  for (unsigned part = 0; part < n; part += 16) {
    turn(codes + part);
    CK_UNROLL for (unsigned group = 0; group < 16; group++) {
      const u8x16 bytes = __builtin_convertvector(__builtin_convertvector(codes[part + group], i32x16), u8x16);
      memcpy(to + group * n + part, &bytes, sizeof bytes);
    }
  }
}

static size_t first_unfit(ck_type type, const float *x, size_t n) {
  const u32x16 most = (u32x16)all_i32((int32_t)ck_largest_bits(type)), no_sign = (u32x16)all_i32(0x7fffffff);
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    i32x16 beyond = {0};
    CK_UNROLL for (unsigned part = 0; part < 4; part++) {
      beyond |= (i32x16)(((u32x16)load_f32(x + i + 16 * part) & no_sign) > most);
    }
    if (__builtin_reduce_or(beyond)) { break; }
  }
  return i + ck_first_unfit_reference(type, x + i, n - i);
}

CK_INLINE f32x16 grid_scale(const f32x16 *x, unsigned n, float levels) {
  f32x16 extreme = all_f32(0);
  for (unsigned i = 0; i < n; i++) {
    extreme = select_f32(magnitude_of(x[i]) > magnitude_of(extreme), x[i], extreme);
  }
  f32x16 best = all_f32(0), scale = all_f32(0);
  for (unsigned choice = 0; choice < CK_GRID_CHOICES; choice += 2) {
    f32x16 inverse[2], xq[2], qq[2];
    CK_UNROLL for (unsigned c = 0; c < 2; c++) {
      inverse[c] = all_f32(-ck_grid_steps(levels, choice + c)) / extreme;
      xq[c] = qq[c] = all_f32(0);
    }
    for (unsigned i = 0; i < n; i++) {
      CK_UNROLL for (unsigned c = 0; c < 2; c++) {
        const f32x16 q = code_of(x[i], inverse[c], -levels, levels - 1);
        xq[c] = fma_f32(x[i], q, xq[c]);
        qq[c] = fma_f32(q, q, qq[c]);
      }
    }
    CK_UNROLL for (unsigned c = 0; c < 2; c++) {
      const f32x16 ratio = xq[c] / qq[c], gain = xq[c] * ratio;
      const i32x16 better = gain > best;
      scale = select_f32(better, ratio, scale);
      best = select_f32(better, gain, best);
    }
  }
  return select_f32(magnitude_of(extreme) < all_f32(CK_LEAST_WEIGHT), all_f32(0), scale);
}

// The halves nearest to scales, and their values.
CK_INLINE f32x16 half_scales(f32x16 scale, uint16_t halves[16]) {
  const u16x16 nearest = f32_to_half(scale);
  memcpy(halves, &nearest, sizeof nearest);
  for (unsigned i = 0; i < 16; i++) { halves[i] = ck_half_scale(scale[i]); }
  return half_to_f32(load_u16(halves));
}

static void signed_blocks(ck_type type, const float *from, uint8_t *out, size_t blocks) {
  const float levels = ck_levels(type);
  f32x16 x[32];
  load_groups(from, x, 32);
  uint16_t halves[16];
  const f32x16 inverse = inverse_of(half_scales(grid_scale(x, 32, levels), halves));
  for (unsigned i = 0; i < 32; i++) {
    x[i] = code_of(x[i], inverse, -levels, levels - 1) + all_f32(levels);
  }
  uint8_t codes[16 * 32];
  store_codes(x, codes, 32);
  for (size_t block = 0; block < blocks; block++) {
    ck_put_signed_block(type, halves[block], codes + 32 * block, out + block * ck_traits_of(type)->block_bytes);
  }
}

CK_INLINE void range_scale(const f32x16 *x, f32x16 *scale, f32x16 *min) {
  f32x16 least = all_f32(0), most = x[0], sum = all_f32(0);
  for (unsigned i = 0; i < 32; i++) {
    least = min_f32(x[i], least);
    most = max_f32(x[i], most);
    sum += x[i];
  }
  const f32x16 span = most - least;
  f32x16 best = all_f32(-1);
  *scale = *min = all_f32(0);
  for (unsigned choice = 0; choice < CK_RANGE_CHOICES; choice += 2) {
    f32x16 inverse[2], q1[2], qq[2], xq[2];
    CK_UNROLL for (unsigned c = 0; c < 2; c++) {
      inverse[c] = all_f32(ck_range_steps(choice + c)) / span;
      q1[c] = qq[c] = xq[c] = all_f32(0);
    }
    for (unsigned i = 0; i < 32; i++) {
      CK_UNROLL for (unsigned c = 0; c < 2; c++) {
        const f32x16 q = code_of(x[i] - least, inverse[c], 0, 15);
        q1[c] += q;
        qq[c] = fma_f32(q, q, qq[c]);
        xq[c] = fma_f32(x[i], q, xq[c]);
      }
    }
    CK_UNROLL for (unsigned c = 0; c < 2; c++) {
      const f32x16 determinant = 32 * qq[c] - q1[c] * q1[c];
      const f32x16 lower = (qq[c] * sum - q1[c] * xq[c]) / determinant;
      const i32x16 has_min = (determinant > all_f32(0)) & (lower <= all_f32(0));
      const f32x16 slope = select_f32(has_min, (32 * xq[c] - sum * q1[c]) / determinant, xq[c] / qq[c]);
      const f32x16 intercept = select_f32(has_min, lower, all_f32(0));
      const f32x16 gain = slope * xq[c] + intercept * sum;
      const i32x16 better = gain > best;
      *scale = select_f32(better, slope, *scale);
      *min = select_f32(better, intercept, *min);
      best = select_f32(better, gain, best);
    }
  }
  const i32x16 is_flat = span < all_f32(CK_LEAST_WEIGHT);
  *scale = select_f32(is_flat, all_f32(0), *scale);
  *min = select_f32(is_flat, least, *min);
}

CK_INLINE f32x16 range_error(const f32x16 *x, f32x16 scale, f32x16 min) {
  const f32x16 inverse = inverse_of(scale);
  f32x16 error = all_f32(0);
  for (unsigned i = 0; i < 32; i++) {
    const f32x16 above = x[i] + min, q = code_of(above, inverse, 0, 15), rest = fma_f32(-scale, q, above);
    error = fma_f32(rest, rest, error);
  }
  return error;
}

// The largest of the first 8 lanes, and of the others, but at least zero, divided by 63 and as halves.
CK_INLINE f32x16 k_scales(f32x16 scale, uint16_t halves[2]) {
  f32x16 values = {0};
  CK_UNROLL for (unsigned block = 0; block < 2; block++) {
    float most = 0;
    for (unsigned i = 0; i < 8; i++) { most = scale[8 * block + i] > most ? scale[8 * block + i] : most; }
    halves[block] = ck_half_scale(most / 63);
    for (unsigned i = 0; i < 8; i++) { values[8 * block + i] = ck_half_to_float(halves[block]); }
  }
  return values;
}

// Two blocks, or the first of them.
static void q4_k_blocks(const float *from, uint8_t *out, size_t blocks) {
  f32x16 x[32], scale, min;
  load_groups(from, x, 32);
  range_scale(x, &scale, &min);
  uint16_t half_d[2], half_m[2];
  const f32x16 d = k_scales(scale, half_d), m = k_scales(-min, half_m);
  const f32x16 near_scale = code_of(scale, inverse_of(d), 0, 63);
  const f32x16 near_min = code_of(-min, inverse_of(m), 0, 63);
  f32x16 best = all_f32(INFINITY), best_scale = all_f32(0), best_min = all_f32(0);
  for (int i = 0; i < CK_SCALE_CHOICES * CK_SCALE_CHOICES; i++) {
    const f32x16 s = code_of(near_scale + (float)(i / CK_SCALE_CHOICES - 1), all_f32(1), 0, 63);
    const f32x16 n = code_of(near_min + (float)(i % CK_SCALE_CHOICES - 1), all_f32(1), 0, 63);
    const f32x16 error = range_error(x, d * s, m * n);
    const i32x16 better = error < best;
    best_scale = select_f32(better, s, best_scale);
    best_min = select_f32(better, n, best_min);
    best = select_f32(better, error, best);
  }
  const f32x16 inverse = inverse_of(d * best_scale), shift = m * best_min;
  for (unsigned i = 0; i < 32; i++) { x[i] = code_of(x[i] + shift, inverse, 0, 15); }
  uint8_t codes[16 * 32];
  store_codes(x, codes, 32);
  const u8x16 scales = __builtin_convertvector(__builtin_convertvector(best_scale, i32x16), u8x16);
  const u8x16 mins = __builtin_convertvector(__builtin_convertvector(best_min, i32x16), u8x16);
  for (size_t block = 0; block < blocks; block++) {
    ck_put_q4_k(half_d[block], half_m[block], (const uint8_t *)&scales + 8 * block,
                (const uint8_t *)&mins + 8 * block, codes + CK_K_VALUES * block,
                out + block * ck_traits_of(CK_Q4_K)->block_bytes);
  }
}

CK_INLINE f32x16 grid_error(const f32x16 *x, f32x16 scale) {
  const f32x16 inverse = inverse_of(scale);
  f32x16 error = all_f32(0);
  for (unsigned i = 0; i < 16; i++) {
    const f32x16 rest = fma_f32(-scale, code_of(x[i], inverse, -32, 31), x[i]);
    error = fma_f32(rest, rest, error);
  }
  return error;
}

static void q6_k_block(const float *from, uint8_t *out) {
  f32x16 x[16];
  load_groups(from, x, 16);
  const f32x16 scale = grid_scale(x, 16, 32);
  float most = 0;
  for (unsigned i = 0; i < 16; i++) { most = fabsf(scale[i]) > fabsf(most) ? scale[i] : most; }
  const uint16_t half_d = ck_half_scale(most / -128);
  const f32x16 d = all_f32(ck_half_to_float(half_d));
  const f32x16 near = code_of(scale, inverse_of(d), -128, 127);
  f32x16 best = all_f32(INFINITY), best_scale = all_f32(0);
  for (int i = 0; i < CK_SCALE_CHOICES; i++) {
    const f32x16 s = code_of(near + (float)(i - 1), all_f32(1), -128, 127), error = grid_error(x, d * s);
    const i32x16 better = error < best;
    best_scale = select_f32(better, s, best_scale);
    best = select_f32(better, error, best);
  }
  const f32x16 inverse = inverse_of(d * best_scale);
  for (unsigned i = 0; i < 16; i++) { x[i] = code_of(x[i], inverse, -32, 31) + all_f32(32); }
  uint8_t codes[CK_K_VALUES];
  store_codes(x, codes, 16);
  const i8x16 scales = __builtin_convertvector(__builtin_convertvector(best_scale, i32x16), i8x16);
  ck_put_q6_k(half_d, (const int8_t *)&scales, codes, out);
}

CK_INLINE void q8_0_block(const float *x, uint8_t *out) {
  const f32x16 first = load_f32(x), second = load_f32(x + 16);
  const uint16_t d =
    ck_half_scale(largest_lane(max_f32(magnitude_of(first), magnitude_of(second))) / 127);
  const float value = ck_half_to_float(d);
  const f32x16 inverse = all_f32(value != 0 ? 1.0f / value : 0.0f);
  const i8x16 low = __builtin_convertvector(__builtin_convertvector(code_of(first, inverse, -127, 127), i32x16), i8x16);
  const i8x16 high = __builtin_convertvector(__builtin_convertvector(code_of(second, inverse, -127, 127), i32x16), i8x16);
  ck_put_half(out, d);
  memcpy(out + 2, &low, sizeof low);
  memcpy(out + 18, &high, sizeof high);
}

// As many blocks as 16 lanes take, or fewer of them at the end.
static void quantize_lanes(ck_type type, const float *x, uint8_t *out, size_t blocks) {
  if (type == CK_Q4_K) {
    q4_k_blocks(x, out, blocks);
  } else {
    signed_blocks(type, x, out, blocks);
  }
}

static void quantize(ck_type type, const float *x, uint8_t *out, size_t n) {
  const ck_traits *traits = ck_traits_of(type);
  const size_t blocks = n / traits->block_values, bytes = traits->block_bytes;
  if (type == CK_Q8_0) {
    for (size_t block = 0; block < blocks; block++) { q8_0_block(x + 32 * block, out + block * bytes); }
    return;
  }
  if (type == CK_Q6_K) {
    for (size_t block = 0; block < blocks; block++) {
      q6_k_block(x + CK_K_VALUES * block, out + block * bytes);
    }
    return;
  }
  enum { values = 16 * CK_GROUP };  // of 16 groups
  const size_t at_once = values / traits->block_values, whole = blocks / at_once * at_once;
  for (size_t block = 0; block < whole; block += at_once) {
    quantize_lanes(type, x + block * traits->block_values, out + block * bytes, at_once);
  }
  if (whole < blocks) {
    float rest[values] = {0};
    memcpy(rest, x + whole * traits->block_values, (n - whole * traits->block_values) * sizeof(float));
    quantize_lanes(type, rest, out + whole * bytes, blocks - whole);
  }
}
