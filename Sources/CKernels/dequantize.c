// Rows in the file's layout to floats: what every other form of a type is compared with.
#include "blocks.h"

static float half_at(const uint8_t *at) { return ck_half_to_float(ck_load_u16(at)); }

// The 16 pairs of nibbles of 32 values: lo is value i, hi value i + 16. `bits` holds fifth bits.
static void nibbles(const uint8_t *qs, uint32_t bits, int q[32]) {
  for (int i = 0; i < 16; i++) {
    q[i] = (qs[i] & 15) | (int)(bits >> i & 1) << 4;
    q[i + 16] = qs[i] >> 4 | (int)(bits >> (i + 16) & 1) << 4;
  }
}

static void offset_values(const int q[32], float d, int offset, float *out) {
  for (int i = 0; i < 32; i++) { out[i] = d * (float)(q[i] - offset); }
}

static void minimum_values(const int q[32], float d, float m, float *out) {
#pragma STDC FP_CONTRACT OFF
  for (int i = 0; i < 32; i++) { out[i] = d * (float)q[i] + m; }
}

static void block_q8_0(const uint8_t *b, float *out) {
  for (int i = 0; i < 32; i++) { out[i] = half_at(b) * (float)(int8_t)b[2 + i]; }
}

static void block_q4_0(const uint8_t *b, float *out) {
  int q[32];
  nibbles(b + 2, 0, q);
  offset_values(q, half_at(b), 8, out);
}

static void block_q4_1(const uint8_t *b, float *out) {
  int q[32];
  nibbles(b + 4, 0, q);
  minimum_values(q, half_at(b), half_at(b + 2), out);
}

static void block_q5_0(const uint8_t *b, float *out) {
  int q[32];
  nibbles(b + 6, ck_load_u32(b + 2), q);
  offset_values(q, half_at(b), 16, out);
}

static void block_q5_1(const uint8_t *b, float *out) {
  int q[32];
  nibbles(b + 8, ck_load_u32(b + 4), q);
  minimum_values(q, half_at(b), half_at(b + 2), out);
}

static void iq4_values(const uint8_t *qs, float d, float *out) {
  int q[32];
  nibbles(qs, 0, q);
  for (int i = 0; i < 32; i++) { out[i] = d * (float)ck_iq4_values[q[i]]; }
}

static void block_iq4_nl(const uint8_t *b, float *out) { iq4_values(b + 2, half_at(b), out); }

static void block_iq4_xs(const uint8_t *b, float *out) {
  const float d = half_at(b);
  for (int s = 0; s < 8; s++) {
    const int low = b[4 + s / 2] >> (4 * (s % 2)) & 15, high = ck_load_u16(b + 2) >> (2 * s) & 3;
    iq4_values(b + 8 + 16 * s, d * (float)((low | high << 4) - 32), out + 32 * s);
  }
}

static void block_q2_k(const uint8_t *b, float *out) {
#pragma STDC FP_CONTRACT OFF
  const float d = half_at(b + 80), m = half_at(b + 82);
  for (int i = 0; i < 256; i++) {
    const int half = i / 128, j = i / 32 % 4, sc = b[i / 16];
    const int q = b[16 + 32 * half + i % 32] >> (2 * j) & 3;
    out[i] = d * (float)(sc & 15) * (float)q - m * (float)(sc >> 4);
  }
}

static void block_q3_k(const uint8_t *b, float *out) {
  const uint8_t *scales = b + 96;
  const float d = half_at(b + 108);
  for (int i = 0; i < 256; i++) {
    const int half = i / 128, j = i / 32 % 4, part = i / 16;
    const int low = part < 8 ? scales[part] & 15 : scales[part - 8] >> 4;
    const int sc = (low | (scales[8 + part % 4] >> (2 * (part / 4)) & 3) << 4) - 32;
    const int third = b[i % 32] >> (4 * half + j) & 1;
    const int q = (b[32 + 32 * half + i % 32] >> (2 * j) & 3) | third << 2;
    out[i] = d * (float)sc * (float)(q - 4);
  }
}

// Q4_K and, with high bits, Q5_K; `bits` may be null.
static void block_q45_k(const uint8_t *b, const uint8_t *bits, const uint8_t *qs, float *out) {
#pragma STDC FP_CONTRACT OFF
  const float d = half_at(b), m = half_at(b + 2);
  const uint8_t *sc = b + 4;
  for (int s = 0; s < 8; s++) {
    const int scale = s < 4 ? sc[s] & 63 : (sc[s + 4] & 15) | (sc[s - 4] >> 6) << 4;
    const int min = s < 4 ? sc[s + 4] & 63 : sc[s + 4] >> 4 | (sc[s] >> 6) << 4;
    for (int i = 0; i < 32; i++) {
      const int high = bits ? (bits[i] >> s & 1) << 4 : 0;
      const int q = (qs[32 * (s / 2) + i] >> (4 * (s % 2)) & 15) | high;
      out[32 * s + i] = d * (float)scale * (float)q - m * (float)min;
    }
  }
}

static void block_q4_k(const uint8_t *b, float *out) { block_q45_k(b, NULL, b + 16, out); }

static void block_q5_k(const uint8_t *b, float *out) { block_q45_k(b, b + 16, b + 48, out); }

static void block_q6_k(const uint8_t *b, float *out) {
  const float d = half_at(b + 208);
  for (int i = 0; i < 256; i++) {
    const int half = i / 128, j = i / 32 % 4, l = i % 32;
    const int low = b[64 * half + 32 * (j & 1) + l] >> (4 * (j / 2)) & 15;
    const int high = b[128 + 32 * half + l] >> (2 * j) & 3;
    out[i] = d * (float)(int8_t)b[192 + i / 16] * (float)((low | high << 4) - 32);
  }
}

typedef void (*block_function)(const uint8_t *, float *);

static const block_function block_functions[] = {
  [CK_Q8_0] = block_q8_0, [CK_Q4_0] = block_q4_0, [CK_Q4_1] = block_q4_1,     [CK_Q5_0] = block_q5_0,
  [CK_Q5_1] = block_q5_1, [CK_Q2_K] = block_q2_k, [CK_Q3_K] = block_q3_k,     [CK_Q4_K] = block_q4_k,
  [CK_Q5_K] = block_q5_k, [CK_Q6_K] = block_q6_k, [CK_IQ4_NL] = block_iq4_nl, [CK_IQ4_XS] = block_iq4_xs,
};

void ck_dequantize_row(ck_type type, const void *row, float *out, size_t n) {
  const ck_traits *traits = ck_traits_of(type);
  assert(n % traits->block_values == 0);
  const uint8_t *from = row;
  switch (type) {
    case CK_F32: memcpy(out, from, n * sizeof(float)); return;
    case CK_F16:
      for (size_t i = 0; i < n; i++) { out[i] = half_at(from + 2 * i); }
      return;
    case CK_BF16:
      for (size_t i = 0; i < n; i++) { out[i] = ck_bf16_to_float(ck_load_u16(from + 2 * i)); }
      return;
    default: break;
  }
  for (size_t i = 0; i < n; i += traits->block_values) {
    block_functions[type](from, out + i);
    from += traits->block_bytes;
  }
}
