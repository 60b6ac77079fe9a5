// What the files of this module share: traits of the types, the decoded group, the packed activations, the
// dispatch table.
#ifndef CK_KERNELS_H
#define CK_KERNELS_H

#include "include/ckernels.h"

#include <assert.h>
#include <math.h>
#include <string.h>

// 1. Types ----------------------------------------------------------------------------------------

// How a decoded group of a type is multiplied. Quantised weights are unsigned bytes u with
// w = scale * (u - offset) + min: `offset` is one constant of the type, scale (and min) stand for 32 or 16
// values.
typedef enum ck_class {
  CK_CLASS_FLOAT,    // floats, no activations in bytes
  CK_CLASS_32,       // a scale for 32 values
  CK_CLASS_32_WIDE,  // the same with offset 128: u takes all of a byte
  CK_CLASS_32_MIN,   // a scale and a minimum for 32 values, offset 0
  CK_CLASS_16,       // a scale for 16 values
  CK_CLASS_16_MIN,   // a scale and a minimum for 16 values, offset 0
} ck_class;

// The quantised types: X(name, block values, block bytes, class, offset).
#define CK_QUANTISED_TYPES(X)              \
  X(Q8_0, 32, 34, CK_CLASS_32_WIDE, 128)   \
  X(Q4_0, 32, 18, CK_CLASS_32, 8)          \
  X(Q4_1, 32, 20, CK_CLASS_32_MIN, 0)      \
  X(Q5_0, 32, 22, CK_CLASS_32, 16)         \
  X(Q5_1, 32, 24, CK_CLASS_32_MIN, 0)      \
  X(Q2_K, 256, 84, CK_CLASS_16_MIN, 0)     \
  X(Q3_K, 256, 110, CK_CLASS_16, 4)        \
  X(Q4_K, 256, 144, CK_CLASS_32_MIN, 0)    \
  X(Q5_K, 256, 176, CK_CLASS_32_MIN, 0)    \
  X(Q6_K, 256, 210, CK_CLASS_16, 32)       \
  X(IQ4_NL, 32, 18, CK_CLASS_32_WIDE, 128) \
  X(IQ4_XS, 256, 136, CK_CLASS_32_WIDE, 128)

typedef struct ck_traits {
  const char *name;
  uint16_t block_values;
  uint16_t block_bytes;
  uint16_t packed_bytes;  // of a block of 16 rows
  uint8_t class;          // ck_class
  uint8_t offset;         // see ck_class
} ck_traits;

// The traits of a known type.
const ck_traits *ck_traits_of(ck_type type);

static inline bool ck_class_has_min(ck_class class) {
  return class == CK_CLASS_32_MIN || class == CK_CLASS_16_MIN;
}

// Scales of a class in a group of 32 values: 1 or 2.
static inline unsigned ck_class_parts(ck_class class) {
  return class == CK_CLASS_16 || class == CK_CLASS_16_MIN ? 2 : 1;
}

// 2. Groups: what every quantised type decodes to -------------------------------------------------

enum {
  CK_GROUP = 32,       // values of a row that one activation scale covers
  CK_GROUP_WORDS = 8,  // words of 4 values in it
  CK_TILE = 8,         // tokens whose packed activations are interleaved
};

// 32 consecutive columns of a panel. Class 32 uses part 0 of scale and min only.
typedef struct ck_group {
  uint8_t u[CK_GROUP_WORDS][CK_PANEL_ROWS][4];
  float scale[2][CK_PANEL_ROWS];
  float min[2][CK_PANEL_ROWS];
} ck_group;

// 3. Packed activations ---------------------------------------------------------------------------
//
// Tokens are grouped in tiles of CK_TILE; the last tile is as wide as the tokens that remain. A tile of n tokens:
//   float classes:  float x[cols][n]
//   others:         for each group of 32 columns: i8 q[n][32]; float scale[n]; correction[parts][n]
// where x ~ scale * q and correction undoes the weights' offset, or carries their minimum:
//   without minimum  i32 -offset * sum(q of the part)
//   with minimum     float scale * sum(q of the part)

// Bytes of one token's group in its tile.
static inline size_t ck_group_bytes(ck_class class) { return 32 + 4 + 4 * (size_t)ck_class_parts(class); }

// Bytes of one token.
static inline size_t ck_token_bytes(ck_class class, size_t cols) {
  return class == CK_CLASS_FLOAT ? cols * sizeof(float) : cols / CK_GROUP * ck_group_bytes(class);
}

// Tokens in the tile that starts at `first`, of `tokens` in all.
static inline size_t ck_tile_width(size_t tokens, size_t first) {
  return tokens - first < CK_TILE ? tokens - first : CK_TILE;
}

// 4. Scalars --------------------------------------------------------------------------------------

static inline float ck_float_of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t ck_bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline uint16_t ck_load_u16(const void *from) {
  uint16_t value;
  memcpy(&value, from, sizeof value);
  return value;
}

static inline uint32_t ck_load_u32(const void *from) {
  uint32_t value;
  memcpy(&value, from, sizeof value);
  return value;
}

// IEEE binary16 to float, exact, subnormals, infinities and NaN included.
static inline float ck_half_to_float(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  const uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
  if ((half & 0x7c00) == 0x7c00) {
    const uint32_t quiet = (half & 0x03ff) ? 0x00400000 : 0;
    return ck_float_of_bits(sign | magnitude | 0x7f800000 | quiet);
  }
  const float scaled = ck_float_of_bits(magnitude) * 0x1p112f;  // moves the exponent's bias from 15 to 127
  return ck_float_of_bits(sign | ck_bits_of_float(scaled));
}

// Float to IEEE binary16, to nearest even; too large becomes infinity, NaN stays (quiet) NaN.
static inline uint16_t ck_float_to_half(float value) {
  const uint32_t bits = ck_bits_of_float(value);
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) { return sign | 0x7e00 | (uint16_t)(magnitude >> 13 & 0x03ff); }
  if (magnitude >= 0x477ff000) { return sign | 0x7c00; }
  if (magnitude < 0x38800000) {  // subnormal half: let the adder round at 2^-24
    const float rounded = ck_float_of_bits(magnitude) + 0.5f;
    return sign | (uint16_t)(ck_bits_of_float(rounded) - 0x3f000000);
  }
  const uint32_t odd = magnitude >> 13 & 1;
  return sign | (uint16_t)((magnitude - 0x38000000 + 0x0fff + odd) >> 13);
}

static inline float ck_bf16_to_float(uint16_t bf16) { return ck_float_of_bits((uint32_t)bf16 << 16); }

// Finite float to the upper half of one, to nearest even.
static inline uint16_t ck_float_to_bf16(float value) {
  const uint32_t bits = ck_bits_of_float(value);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// 5. Dispatch -------------------------------------------------------------------------------------

// One level's functions. Those of matmul take a range of panels of one class of types.
typedef struct ck_kernels {
  void (*pack_activations)(ck_type, const float *, size_t, void *, size_t, size_t, size_t, size_t);
  void (*matmul)(ck_type, const void *, const void *, float *, size_t, size_t, size_t, size_t, size_t,
                 size_t);
  void (*rms_norm)(const float *, const float *, float *, size_t, float);
  void (*add)(float *, const float *, size_t);
  void (*silu_multiply)(float *, const float *, size_t);
  void (*rope)(float *, size_t, size_t, size_t, const float *, const float *, bool);
  void (*to_f16)(const float *, uint16_t *, size_t);
  void (*from_f16)(const uint16_t *, float *, size_t);
  size_t (*argmax)(const float *, size_t);
  ck_softmax_part (*softmax_of)(const float *, size_t);
  void (*attention)(const ck_attention_work *, float *);
  void (*quantize)(ck_type, const float *, uint8_t *, size_t);
  size_t (*first_unfit)(ck_type, const float *, size_t);
} ck_kernels;

extern const ck_kernels ck_kernels_reference;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avx512;
#endif

// Decodes columns 32 * group ..< 32 * (group + 1) of a packed panel of a quantised type.
void ck_decode_group_reference(ck_type type, const uint8_t *panel, size_t group, ck_group *out);

#endif
