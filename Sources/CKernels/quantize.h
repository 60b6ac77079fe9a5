// What the plain and the vector form of the quantisers share: the steps that are tried, and how codes become blocks.
//
// A group is the values that have a scale of their own: 16 for Q6_K, 32 for the others. For each group several
// scales are tried, and the one with the least squared error is kept. The signed types (Q4_0, Q5_0, Q6_K) have codes
// -levels ..< levels around zero: `step` steps are laid between zero and the value of the largest magnitude, which gets
// a negative code because there is one more of them. Q4_K has codes 0 ... 15 from the least value, or zero, upwards.
#ifndef CK_QUANTIZE_H
#define CK_QUANTIZE_H

#include "blocks.h"

enum {
  CK_GRID_CHOICES = 4,    // scales that are tried for a group of a signed type
  CK_RANGE_CHOICES = 12,  // scales that are tried for a group of Q4_K
  CK_SCALE_CHOICES = 3,   // 6- and 8-bit scales that are tried: the nearest, and its two neighbours
  CK_K_VALUES = 256,      // values of a block of the K types
};

// Adding and subtracting this rounds a float of less than 2^22 to the nearest even integer.
#define CK_ROUNDER 0x1.8p23f

// Groups whose values span less than this (2^-31) have the scale zero: no half is small enough for them.
#define CK_LEAST_WEIGHT 0x1p-31f

// The largest magnitude that is quantised, as the bits of a float: the largest half, since scales are halves.
#define CK_LARGEST_BITS 0x477fe000u
// The largest magnitude that does not become infinite in BF16.
#define CK_LARGEST_BF16_BITS 0x7f7f7fffu
#define CK_LARGEST_FLOAT_BITS 0x7f7fffffu

// The largest magnitude that a type takes, as the bits of a float.
static inline uint32_t ck_largest_bits(ck_type type) {
  return type == CK_F32 ? CK_LARGEST_FLOAT_BITS : type == CK_BF16 ? CK_LARGEST_BF16_BITS : CK_LARGEST_BITS;
}

// Codes of a signed type on each side of zero.
static inline float ck_levels(ck_type type) { return type == CK_Q4_0 ? 8 : type == CK_Q5_0 ? 16 : 32; }

// Steps from zero to the largest magnitude, for each choice of a signed type.
static inline float ck_grid_steps(float levels, unsigned choice) {
  return levels + 0.4f * ((float)choice - CK_GRID_CHOICES / 2);
}

// Steps from the least to the largest value, for each choice of Q4_K.
static inline float ck_range_steps(unsigned choice) {
  return 15.0f + 0.15f * ((float)choice - CK_RANGE_CHOICES / 2);
}

// A scale as a half, none of which vanishes; the sign of a scale that is zero does not matter.
static inline uint16_t ck_half_scale(float scale) {
  const uint16_t half = ck_float_to_half(scale);
  return (half & 0x7fff) || scale == 0 ? half : half | 1;
}

// 32 codes of 4 bits: lo is code i, hi code i + 16.
static inline void ck_put_nibbles(const uint8_t *codes, uint8_t *out) {
  for (size_t i = 0; i < 16; i++) { out[i] = (uint8_t)((codes[i] & 15) | codes[i + 16] << 4); }
}

static inline void ck_put_half(uint8_t *out, uint16_t half) { memcpy(out, &half, 2); }

// A block of Q4_0 or Q5_0: its codes are 0 ..< 2 * levels.
static inline void ck_put_signed_block(ck_type type, uint16_t d, const uint8_t codes[32], uint8_t *out) {
  ck_put_half(out, d);
  if (type == CK_Q5_0) {
    uint32_t fifth = 0;
    for (size_t i = 0; i < 32; i++) { fifth |= (uint32_t)(codes[i] >> 4 & 1) << i; }
    memcpy(out + 2, &fifth, 4);
  }
  ck_put_nibbles(codes, out + (type == CK_Q5_0 ? 6 : 2));
}

// A block of Q4_K of its codes, scales and minimums.
static inline void ck_put_q4_k(uint16_t d, uint16_t m, const uint8_t scales[8], const uint8_t mins[8],
                               const uint8_t codes[CK_K_VALUES], uint8_t *out) {
  ck_put_half(out, d);
  ck_put_half(out + 2, m);
  uint8_t *pairs = out + 4;
  for (size_t i = 0; i < 4; i++) {
    pairs[i] = (uint8_t)(scales[i] | scales[i + 4] >> 4 << 6);
    pairs[i + 4] = (uint8_t)(mins[i] | mins[i + 4] >> 4 << 6);
    pairs[i + 8] = (uint8_t)((scales[i + 4] & 15) | (mins[i + 4] & 15) << 4);
  }
  for (size_t pair = 0; pair < 4; pair++) {
    const uint8_t *low = codes + 64 * pair, *high = low + 32;
    for (size_t i = 0; i < 32; i++) { out[16 + 32 * pair + i] = (uint8_t)(low[i] | high[i] << 4); }
  }
}

// A block of Q6_K of its codes, which are 0 ..< 64, and scales.
static inline void ck_put_q6_k(uint16_t d, const int8_t scales[16], const uint8_t codes[CK_K_VALUES],
                               uint8_t *out) {
  for (size_t half = 0; half < 2; half++) {
    for (size_t i = 0; i < 32; i++) {
      const uint8_t *at = codes + 128 * half + i;
      out[64 * half + i] = (uint8_t)((at[0] & 15) | (at[64] & 15) << 4);
      out[64 * half + 32 + i] = (uint8_t)((at[32] & 15) | (at[96] & 15) << 4);
      out[128 + 32 * half + i] =
        (uint8_t)(at[0] >> 4 | at[32] >> 4 << 2 | at[64] >> 4 << 4 | at[96] >> 4 << 6);
    }
  }
  memcpy(out + 192, scales, 16);
  ck_put_half(out + 208, d);
}

#endif
