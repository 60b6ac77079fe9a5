// Floats to blocks in plain C; quantize.h says how scales are chosen.
#include "quantize.h"
#include "reference.h"

#pragma STDC FP_CONTRACT OFF

// The nearest even whole number, not below `least` nor above `most`.
static float code_of(float x, float inverse, float least, float most) {
  const float rounded = fmaf(x, inverse, CK_ROUNDER) - CK_ROUNDER;
  const float raised = rounded > least ? rounded : least;
  return raised < most ? raised : most;
}

static float inverse_of(float scale) { return scale != 0 ? 1.0f / scale : 0.0f; }

size_t ck_first_unfit_reference(ck_type type, const float *x, size_t n) {
  const uint32_t most = ck_largest_bits(type);
  for (size_t i = 0; i < n; i++) {
    if ((ck_bits_of_float(x[i]) & 0x7fffffff) > most) { return i; }
  }
  return n;
}

// The scale with the least squared error for a group of a signed type.
static float grid_scale(const float *x, size_t n, float levels) {
  float extreme = 0;
  for (size_t i = 0; i < n; i++) { extreme = fabsf(x[i]) > fabsf(extreme) ? x[i] : extreme; }
  if (fabsf(extreme) < CK_LEAST_WEIGHT) { return 0; }
  float best = 0, scale = 0;
  for (unsigned choice = 0; choice < CK_GRID_CHOICES; choice++) {
    const float inverse = -ck_grid_steps(levels, choice) / extreme;
    float xq = 0, qq = 0;
    for (size_t i = 0; i < n; i++) {
      const float q = code_of(x[i], inverse, -levels, levels - 1);
      xq = fmaf(x[i], q, xq);
      qq = fmaf(q, q, qq);
    }
    // The error is sum(x^2) - xq^2 / qq when the scale is xq / qq.
    const float ratio = xq / qq, gain = xq * ratio;
    scale = gain > best ? ratio : scale;
    best = gain > best ? gain : best;
  }
  return scale;
}

static void q8_0_block(const float *x, uint8_t *out) {
  float largest = 0;
  for (size_t i = 0; i < 32; i++) { largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest; }
  const uint16_t d = ck_half_scale(largest / 127);
  const float inverse = inverse_of(ck_half_to_float(d));
  ck_put_half(out, d);
  for (size_t i = 0; i < 32; i++) { out[2 + i] = (uint8_t)(int8_t)code_of(x[i], inverse, -127, 127); }
}

static void signed_block(ck_type type, const float *x, uint8_t *out) {
  const float levels = ck_levels(type);
  const uint16_t d = ck_half_scale(grid_scale(x, 32, levels));
  const float inverse = inverse_of(ck_half_to_float(d));
  uint8_t codes[32];
  for (size_t i = 0; i < 32; i++) {
    codes[i] = (uint8_t)(code_of(x[i], inverse, -levels, levels - 1) + levels);
  }
  ck_put_signed_block(type, d, codes, out);
}

// The scale and the minimum, which is not above zero, with the least squared error for 32 values of Q4_K.
static void range_scale(const float *x, float *scale, float *min) {
  float least = 0, most = x[0], sum = 0;
  for (size_t i = 0; i < 32; i++) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
    sum += x[i];
  }
  const float span = most - least;
  *scale = 0;
  *min = least;
  if (span < CK_LEAST_WEIGHT) { return; }
  float best = -1;
  for (unsigned choice = 0; choice < CK_RANGE_CHOICES; choice++) {
    const float inverse = ck_range_steps(choice) / span;
    float q1 = 0, qq = 0, xq = 0;
    for (size_t i = 0; i < 32; i++) {
      const float q = code_of(x[i] - least, inverse, 0, 15);
      q1 += q;
      qq = fmaf(q, q, qq);
      xq = fmaf(x[i], q, xq);
    }
    const float determinant = 32 * qq - q1 * q1;
    const float lower = (qq * sum - q1 * xq) / determinant;
    const bool has_min = determinant > 0 && lower <= 0;
    const float slope = has_min ? (32 * xq - sum * q1) / determinant : xq / qq;
    const float intercept = has_min ? lower : 0.0f;
    const float gain = slope * xq + intercept * sum;
    *scale = gain > best ? slope : *scale;
    *min = gain > best ? intercept : *min;
    best = gain > best ? gain : best;
  }
}

// The least squared error of 32 values with this scale and minimum.
static float range_error(const float *x, float scale, float min) {
  const float inverse = inverse_of(scale);
  float error = 0;
  for (size_t i = 0; i < 32; i++) {
    const float above = x[i] + min, q = code_of(above, inverse, 0, 15), rest = fmaf(-scale, q, above);
    error = fmaf(rest, rest, error);
  }
  return error;
}

static void q4_k_block(const float *x, uint8_t *out) {
  float scale[8], min[8], most_scale = 0, most_min = 0;
  for (size_t g = 0; g < 8; g++) {
    range_scale(x + 32 * g, &scale[g], &min[g]);
    most_scale = scale[g] > most_scale ? scale[g] : most_scale;
    most_min = -min[g] > most_min ? -min[g] : most_min;
  }
  const uint16_t half_d = ck_half_scale(most_scale / 63), half_m = ck_half_scale(most_min / 63);
  const float d = ck_half_to_float(half_d), m = ck_half_to_float(half_m);
  uint8_t scales[8], mins[8], codes[CK_K_VALUES];
  for (size_t g = 0; g < 8; g++) {
    const float *values = x + 32 * g;
    const float near_scale = code_of(scale[g], inverse_of(d), 0, 63);
    const float near_min = code_of(-min[g], inverse_of(m), 0, 63);
    float best = INFINITY, best_scale = 0, best_min = 0;
    for (int i = 0; i < CK_SCALE_CHOICES * CK_SCALE_CHOICES; i++) {
      const float s = code_of(near_scale + (float)(i / CK_SCALE_CHOICES - 1), 1, 0, 63);
      const float n = code_of(near_min + (float)(i % CK_SCALE_CHOICES - 1), 1, 0, 63);
      const float error = range_error(values, d * s, m * n);
      best_scale = error < best ? s : best_scale;
      best_min = error < best ? n : best_min;
      best = error < best ? error : best;
    }
    scales[g] = (uint8_t)best_scale;
    mins[g] = (uint8_t)best_min;
    const float inverse = inverse_of(d * best_scale), shift = m * best_min;
    for (size_t i = 0; i < 32; i++) {
      codes[32 * g + i] = (uint8_t)code_of(values[i] + shift, inverse, 0, 15);
    }
  }
  ck_put_q4_k(half_d, half_m, scales, mins, codes, out);
}

// The least squared error of 16 values of Q6_K with this scale.
static float grid_error(const float *x, float scale) {
  const float inverse = inverse_of(scale);
  float error = 0;
  for (size_t i = 0; i < 16; i++) {
    const float rest = fmaf(-scale, code_of(x[i], inverse, -32, 31), x[i]);
    error = fmaf(rest, rest, error);
  }
  return error;
}

static void q6_k_block(const float *x, uint8_t *out) {
  float scale[16], most = 0;
  for (size_t g = 0; g < 16; g++) {
    scale[g] = grid_scale(x + 16 * g, 16, 32);
    most = fabsf(scale[g]) > fabsf(most) ? scale[g] : most;
  }
  const uint16_t half_d = ck_half_scale(most / -128);
  const float d = ck_half_to_float(half_d);
  int8_t scales[16];
  uint8_t codes[CK_K_VALUES];
  for (size_t g = 0; g < 16; g++) {
    const float *values = x + 16 * g;
    const float near = code_of(scale[g], inverse_of(d), -128, 127);
    float best = INFINITY, best_scale = 0;
    for (int i = 0; i < CK_SCALE_CHOICES; i++) {
      const float s = code_of(near + (float)(i - 1), 1, -128, 127), error = grid_error(values, d * s);
      best_scale = error < best ? s : best_scale;
      best = error < best ? error : best;
    }
    scales[g] = (int8_t)best_scale;
    const float inverse = inverse_of(d * best_scale);
    for (size_t i = 0; i < 16; i++) {
      codes[16 * g + i] = (uint8_t)(code_of(values[i], inverse, -32, 31) + 32);
    }
  }
  ck_put_q6_k(half_d, scales, codes, out);
}

static void quantize_block(ck_type type, const float *x, uint8_t *out) {
  switch (type) {
    case CK_Q8_0: return q8_0_block(x, out);
    case CK_Q4_K: return q4_k_block(x, out);
    case CK_Q6_K: return q6_k_block(x, out);
    default: return signed_block(type, x, out);
  }
}

void ck_quantize_reference(ck_type type, const float *x, uint8_t *out, size_t n) {
  const ck_traits *traits = ck_traits_of(type);
  for (size_t i = 0; i < n; i += traits->block_values) {
    quantize_block(type, x + i, out);
    out += traits->block_bytes;
  }
}
