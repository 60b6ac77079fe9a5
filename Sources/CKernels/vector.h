// The vectors that the fast levels are written in: 512 bits, which AVX2 holds as two halves.
//
// avx512.c and avx2.c define CK_VECTOR_AVX512 to 1 or 0, set the target for every function that follows, and
// include this file and the *_vector.h files. Arithmetic is Clang's vector extension; what differs by level
// is here.
#include <immintrin.h>

#include "attention.h"
#include "blocks.h"

// Every function that takes or returns a vector is inlined, so how one would be passed does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define CK_INLINE static inline __attribute__((always_inline, unused))

typedef float f32x16 __attribute__((vector_size(64)));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef uint8_t u8x64 __attribute__((vector_size(64)));
typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef int8_t i8x32 __attribute__((vector_size(32)));
typedef int16_t i16x16 __attribute__((vector_size(32)));
typedef int16_t i16x32 __attribute__((vector_size(64)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef float f32x8 __attribute__((vector_size(32)));

// 1. Loads and stores at any address --------------------------------------------------------------

#define CK_LOAD(name, type)               \
  CK_INLINE type name(const void *from) { \
    type value;                           \
    memcpy(&value, from, sizeof value);   \
    return value;                         \
  }
CK_LOAD(load_f32, f32x16)
CK_LOAD(load_u8, u8x64)
CK_LOAD(load_i8x16, i8x16)
CK_LOAD(load_u8x16, u8x16)
CK_LOAD(load_u16, u16x16)
#undef CK_LOAD

CK_INLINE void store_f32(float *to, f32x16 value) { memcpy(to, &value, sizeof value); }

CK_INLINE f32x16 all_f32(float x) { return (f32x16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

CK_INLINE i32x16 all_i32(int32_t x) { return (i32x16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

CK_INLINE i16x32 all_i16(int16_t x) { return (i16x32){0} + x; }

CK_INLINE f32x16 all_f32_at(const void *from) { return all_f32(ck_float_of_bits(ck_load_u32(from))); }

CK_INLINE i32x16 all_i32_at(const void *from) { return all_i32((int32_t)ck_load_u32(from)); }

// 2. Arithmetic -----------------------------------------------------------------------------------

CK_INLINE f32x16 fma_f32(f32x16 a, f32x16 b, f32x16 c) { return __builtin_elementwise_fma(a, b, c); }

CK_INLINE f32x16 to_f32(i32x16 x) { return __builtin_convertvector(x, f32x16); }

// a where mask is all ones, b where it is zero.
CK_INLINE f32x16 select_f32(i32x16 mask, f32x16 a, f32x16 b) {
  return (f32x16)((mask & (i32x16)a) | (~mask & (i32x16)b));
}

// Adds 16 lanes as ck_sum_lanes_reference does.
CK_INLINE float sum_lanes(f32x16 x) {
  const f32x8 eight = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7)
                      + __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
  const f32x4 four =
    __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
  return (four[0] + four[2]) + (four[1] + four[3]);
}

// Numbers that fit 16 bits, low ones first.
CK_INLINE i16x32 narrow_i32(i32x16 low, i32x16 high) {
  const i16x16 a = __builtin_convertvector(low, i16x16), b = __builtin_convertvector(high, i16x16);
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
                                 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
}

// 3. What the levels do differently ---------------------------------------------------------------

#if CK_VECTOR_AVX512

CK_INLINE __mmask16 first_lanes(size_t count) {
  return count >= 16 ? 0xffff : (__mmask16)((1u << count) - 1);
}

// The first `count` floats, or 16; zeros after them.
CK_INLINE f32x16 load_some(const float *from, size_t count) {
  return (f32x16)_mm512_maskz_loadu_ps(first_lanes(count), from);
}

CK_INLINE void store_some(float *to, f32x16 value, size_t count) {
  _mm512_mask_storeu_ps(to, first_lanes(count), (__m512)value);
}

CK_INLINE f32x16 half_to_f32(u16x16 x) { return (f32x16)_mm512_cvtph_ps((__m256i)x); }

CK_INLINE u16x16 f32_to_half(f32x16 x) {
  return (u16x16)_mm512_cvtps_ph((__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// To nearest even.
CK_INLINE i32x16 round_to_i32(f32x16 x) { return (i32x16)_mm512_cvtps_epi32((__m512)x); }

// (x * factor + 2^14) >> 15 of each lane.
CK_INLINE i16x32 scale_i16(i16x32 x, int16_t factor) {
  return (i16x32)_mm512_mulhrs_epi16((__m512i)x, _mm512_set1_epi16(factor));
}

// The products of neighbouring lanes, added in pairs.
CK_INLINE i32x16 dot_pairs(i16x32 a, i16x32 b) {
  return (i32x16)_mm512_madd_epi16((__m512i)a, (__m512i)b);
}

// b where either is NaN.
CK_INLINE f32x16 max_f32(f32x16 a, f32x16 b) { return (f32x16)_mm512_max_ps((__m512)a, (__m512)b); }

CK_INLINE f32x16 min_f32(f32x16 a, f32x16 b) { return (f32x16)_mm512_min_ps((__m512)a, (__m512)b); }

CK_INLINE float largest_lane(f32x16 x) { return _mm512_reduce_max_ps((__m512)x); }

// The bytes of a 16-entry table at 64 indices below 16.
CK_INLINE u8x64 look_up(u8x16 table, u8x64 indices) {
  return (u8x64)_mm512_shuffle_epi8(_mm512_broadcast_i32x4((__m128i)table), (__m512i)indices);
}

// Adds 16 where the bit of a byte is set.
CK_INLINE u8x64 add_fifth_bits(u8x64 nibbles, const uint8_t *bits) {
  uint64_t mask;
  memcpy(&mask, bits, sizeof mask);
  return (u8x64)_mm512_mask_add_epi8((__m512i)nibbles, mask, (__m512i)nibbles, _mm512_set1_epi8(16));
}

// Adds the products of four unsigned bytes and four signed ones to each lane; `offset` is the weights'
// (ck_class).
CK_INLINE i32x16 dot_bytes(i32x16 sum, u8x64 weights, i32x16 x, uint8_t offset) {
  (void)offset;
  return (i32x16)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)weights, (__m512i)x);
}

// What a dot product starts from so that the weights' offset is taken off; `bias` is -offset * sum(x).
CK_INLINE i32x16 dot_start(const void *bias, uint8_t offset) {
  return offset ? all_i32_at(bias) : all_i32(0);
}

#else

CK_INLINE __m256i low_half(u8x64 x) {
  __m256i half;
  memcpy(&half, &x, sizeof half);
  return half;
}

CK_INLINE __m256i high_half(u8x64 x) {
  __m256i half;
  memcpy(&half, (const uint8_t *)&x + 32, sizeof half);
  return half;
}

CK_INLINE u8x64 join_halves(__m256i low, __m256i high) {
  u8x64 x;
  memcpy(&x, &low, sizeof low);
  memcpy((uint8_t *)&x + 32, &high, sizeof high);
  return x;
}

// Lanes first ..< first + 8 below `count` as a mask.
CK_INLINE __m256i lanes_below(size_t count, int first) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((count < 16 ? (int)count : 16) - first), lanes);
}

CK_INLINE f32x16 load_some(const float *from, size_t count) {
  return (f32x16)join_halves((__m256i)_mm256_maskload_ps(from, lanes_below(count, 0)),
                             (__m256i)_mm256_maskload_ps(from + 8, lanes_below(count, 8)));
}

CK_INLINE void store_some(float *to, f32x16 value, size_t count) {
  _mm256_maskstore_ps(to, lanes_below(count, 0), (__m256)low_half((u8x64)value));
  _mm256_maskstore_ps(to + 8, lanes_below(count, 8), (__m256)high_half((u8x64)value));
}

CK_INLINE f32x16 half_to_f32(u16x16 x) {
  const __m256 low = _mm256_cvtph_ps(_mm256_castsi256_si128((__m256i)x));
  const __m256 high = _mm256_cvtph_ps(_mm256_extracti128_si256((__m256i)x, 1));
  return (f32x16)join_halves((__m256i)low, (__m256i)high);
}

CK_INLINE u16x16 f32_to_half(f32x16 x) {
  enum { mode = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC };
  const __m128i low = _mm256_cvtps_ph((__m256)low_half((u8x64)x), mode);
  const __m128i high = _mm256_cvtps_ph((__m256)high_half((u8x64)x), mode);
  return (u16x16)_mm256_set_m128i(high, low);
}

CK_INLINE i32x16 round_to_i32(f32x16 x) {
  return (i32x16)join_halves(_mm256_cvtps_epi32((__m256)low_half((u8x64)x)),
                             _mm256_cvtps_epi32((__m256)high_half((u8x64)x)));
}

CK_INLINE i16x32 scale_i16(i16x32 x, int16_t factor) {
  const __m256i factors = _mm256_set1_epi16(factor);
  return (i16x32)join_halves(_mm256_mulhrs_epi16(low_half((u8x64)x), factors),
                             _mm256_mulhrs_epi16(high_half((u8x64)x), factors));
}

CK_INLINE i32x16 dot_pairs(i16x32 a, i16x32 b) {
  return (i32x16)join_halves(_mm256_madd_epi16(low_half((u8x64)a), low_half((u8x64)b)),
                             _mm256_madd_epi16(high_half((u8x64)a), high_half((u8x64)b)));
}

CK_INLINE f32x16 max_f32(f32x16 a, f32x16 b) {
  return (f32x16)join_halves(
    (__m256i)_mm256_max_ps((__m256)low_half((u8x64)a), (__m256)low_half((u8x64)b)),
    (__m256i)_mm256_max_ps((__m256)high_half((u8x64)a), (__m256)high_half((u8x64)b)));
}

CK_INLINE f32x16 min_f32(f32x16 a, f32x16 b) {
  return (f32x16)join_halves(
    (__m256i)_mm256_min_ps((__m256)low_half((u8x64)a), (__m256)low_half((u8x64)b)),
    (__m256i)_mm256_min_ps((__m256)high_half((u8x64)a), (__m256)high_half((u8x64)b)));
}

CK_INLINE float largest_lane(f32x16 x) {
  const __m256 eight = _mm256_max_ps((__m256)low_half((u8x64)x), (__m256)high_half((u8x64)x));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

CK_INLINE u8x64 look_up(u8x16 table, u8x64 indices) {
  const __m256i both = _mm256_broadcastsi128_si256((__m128i)table);
  return join_halves(_mm256_shuffle_epi8(both, low_half(indices)),
                     _mm256_shuffle_epi8(both, high_half(indices)));
}

// 16 in the bytes whose bit is set.
CK_INLINE __m256i spread_bits(uint32_t bits) {
  const __m256i byte_of = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bit_of = _mm256_set1_epi64x((long long)0x8040201008040201ull);
  const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), byte_of);
  return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit_of), bit_of), _mm256_set1_epi8(16));
}

CK_INLINE u8x64 add_fifth_bits(u8x64 nibbles, const uint8_t *bits) {
  return nibbles | join_halves(spread_bits(ck_load_u32(bits)), spread_bits(ck_load_u32(bits + 4)));
}

CK_INLINE __m256i dot_half(__m256i sum, __m256i weights, __m256i x, uint8_t offset) {
  if (offset == 128) {  // pairs of unsigned products would not fit 16 bits: |w| times x with w's sign
    const __m256i w = _mm256_xor_si256(weights, _mm256_set1_epi8((char)0x80));
    weights = _mm256_abs_epi8(w);
    x = _mm256_sign_epi8(x, w);
  }
  const __m256i pairs = _mm256_maddubs_epi16(weights, x);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

CK_INLINE i32x16 dot_bytes(i32x16 sum, u8x64 weights, i32x16 x, uint8_t offset) {
  return (i32x16)join_halves(
    dot_half(low_half((u8x64)sum), low_half(weights), low_half((u8x64)x), offset),
    dot_half(high_half((u8x64)sum), high_half(weights), high_half((u8x64)x), offset));
}

CK_INLINE i32x16 dot_start(const void *bias, uint8_t offset) {
  return offset && offset != 128 ? all_i32_at(bias) : all_i32(0);
}

#endif
