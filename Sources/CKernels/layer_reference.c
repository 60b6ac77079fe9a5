// Norms, activations, rotations and conversions in plain C. Sums run in 16 lanes, as the vector forms hold
// them.
#include "reference.h"

#pragma STDC FP_CONTRACT OFF

float ck_exp_reference(float x) {
  const float low = -87.0f, high = 88.0f;
  float clamped = low > x ? low : x;  // written so that NaN passes
  clamped = high < clamped ? high : clamped;
  // x = n ln 2 + r, n whole and |r| <= ln(2) / 2; adding 1.5 * 2^23 leaves n in the low bits.
  const float shifted = fmaf(clamped, 0x1.715476p+0f, 0x1.8p23f);
  const float n = shifted - 0x1.8p23f;
  float r = fmaf(n, -0x1.62e4p-1f, clamped);
  r = fmaf(n, -0x1.7f7d1cp-20f, r);
  // Taylor's series of exp(r): the first term left out is below 6e-9.
  float sum = 0x1.a01a02p-13f;
  sum = fmaf(sum, r, 0x1.6c16c2p-10f);
  sum = fmaf(sum, r, 0x1.111112p-7f);
  sum = fmaf(sum, r, 0x1.555556p-5f);
  sum = fmaf(sum, r, 0x1.555556p-3f);
  sum = fmaf(sum, r, 0.5f);
  sum = fmaf(sum, r, 1.0f);
  sum = fmaf(sum, r, 1.0f);
  const float scaled = ck_float_of_bits(ck_bits_of_float(sum) + (ck_bits_of_float(shifted) << 23));
  return x < low ? 0.0f : scaled;
}

// Adds 16 lanes in the order in which a register is halved.
float ck_sum_lanes_reference(const float lanes[16]) {
  float sums[8];
  for (int i = 0; i < 8; i++) { sums[i] = lanes[i] + lanes[i + 8]; }
  for (int width = 4; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) { sums[i] += sums[i + width]; }
  }
  return sums[0];
}

static void rms_norm(const float *x, const float *weight, float *out, size_t n, float epsilon) {
  float lanes[16] = {0};
  for (size_t i = 0; i < n; i++) { lanes[i % 16] = fmaf(x[i], x[i], lanes[i % 16]); }
  const float scale = 1.0f / sqrtf(ck_sum_lanes_reference(lanes) / (float)n + epsilon);
  for (size_t i = 0; i < n; i++) { out[i] = x[i] * scale * weight[i]; }
}

static void add(float *x, const float *y, size_t n) {
  for (size_t i = 0; i < n; i++) { x[i] += y[i]; }
}

static void silu_multiply(float *gate, const float *up, size_t n) {
  for (size_t i = 0; i < n; i++) { gate[i] = gate[i] / (1.0f + ck_exp_reference(-gate[i])) * up[i]; }
}

void ck_rope_reference(float *x, size_t heads, size_t head_dim, size_t rotary_dim, const float *cosines,
                       const float *sines, bool interleaved) {
  const size_t pairs = rotary_dim / 2, step = interleaved ? 2 : 1, distance = interleaved ? 1 : pairs;
  for (size_t head = 0; head < heads; head++) {
    float *values = x + head * head_dim;
    for (size_t i = 0; i < pairs; i++) {
      float *first = values + i * step, *second = first + distance;
      const float a = *first, b = *second;
      *first = a * cosines[i] - b * sines[i];
      *second = a * sines[i] + b * cosines[i];
    }
  }
}

static void to_f16(const float *x, uint16_t *out, size_t n) {
  for (size_t i = 0; i < n; i++) { out[i] = ck_float_to_half(x[i]); }
}

static void from_f16(const uint16_t *x, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) { out[i] = ck_half_to_float(x[i]); }
}

size_t ck_argmax_reference(const float *x, size_t n) {
  size_t best = 0;
  for (size_t i = 1; i < n; i++) {
    if (x[i] > x[best] || (x[best] != x[best] && x[i] == x[i])) { best = i; }
  }
  return best;
}

static ck_softmax_part softmax_of(const float *x, size_t n) {
  float largest = -INFINITY, lanes[16] = {0};
  for (size_t i = 0; i < n; i++) { largest = x[i] > largest ? x[i] : largest; }
  const float shift = largest == -INFINITY ? 0 : largest;
  for (size_t i = 0; i < n; i++) { lanes[i % 16] += ck_exp_reference(x[i] - shift); }
  return (ck_softmax_part){largest, ck_sum_lanes_reference(lanes)};
}

double ck_softmax_sum(const ck_softmax_part *parts, size_t count, float largest) {
  double total = 0;
  for (size_t i = 0; i < count; i++) {
    total += (double)parts[i].sum * (double)ck_exp_reference(parts[i].largest - largest);
  }
  return total;
}

const ck_kernels ck_kernels_reference = {
  .pack_activations = ck_pack_activations_reference,
  .matmul = ck_matmul_reference,
  .rms_norm = rms_norm,
  .add = add,
  .silu_multiply = silu_multiply,
  .rope = ck_rope_reference,
  .to_f16 = to_f16,
  .from_f16 = from_f16,
  .argmax = ck_argmax_reference,
  .softmax_of = softmax_of,
  .attention = ck_attention_reference,
  .quantize = ck_quantize_reference,
  .first_unfit = ck_first_unfit_reference,
};
