// The plain C twins, which other levels may also use for what is not worth a faster form.
#ifndef CK_REFERENCE_H
#define CK_REFERENCE_H

#include "kernels.h"

// Groups of activations whose largest magnitude has smaller bits than this (about 1e-33) count as zero: the
// inverse of their scale would overflow.
#define CK_LEAST_ACTIVATION_BITS 0x09000000u

void ck_pack_activations_reference(ck_type type, const float *x, size_t x_stride, void *packed, size_t tokens,
                                   size_t cols, size_t token_begin, size_t token_end);
void ck_matmul_reference(ck_type type, const void *packed, const void *activations, float *out,
                         size_t out_stride, size_t rows, size_t cols, size_t tokens, size_t panel_begin,
                         size_t panel_end);
void ck_rope_reference(float *x, size_t heads, size_t head_dim, size_t rotary_dim, const float *cosines,
                       const float *sines, bool interleaved);
size_t ck_argmax_reference(const float *x, size_t n);
void ck_attention_reference(const ck_attention_work *work, float *scratch);

// The arithmetic of llama.cpp.

// Rounds the scales and corrections of packed tokens [token_begin, token_end) to half precision.
void ck_round_activations(ck_type type, void *packed, size_t tokens, size_t cols, size_t token_begin,
                          size_t token_end);
void ck_pack_activations_llama_cpp(ck_type type, const float *x, size_t x_stride, void *packed, size_t tokens,
                                   size_t cols, size_t token_begin, size_t token_end);
void ck_matmul_by_word(ck_type type, const void *packed, const void *activations, float *out,
                       size_t out_stride, size_t rows, size_t cols, size_t tokens, size_t panel_begin,
                       size_t panel_end);
void ck_rms_norm_llama_cpp(const float *x, const float *weight, float *out, size_t n, float epsilon);
void ck_rope_llama_cpp(float *x, size_t heads, size_t head_dim, size_t rotary_dim, const float *cosines,
                       const float *sines, bool interleaved);
void ck_silu_multiply_llama_cpp(float *gate, const float *up, size_t n);
void ck_attention_llama_cpp(const ck_attention_work *work, float *scratch);

// The rotation of both arithmetics; llama.cpp's is `fused`: one rounding less a value, as compilers fuse
// ggml's. Inlined, so that a level with fused operations uses them.
static inline void ck_rotate(bool fused, float *x, size_t heads, size_t head_dim, size_t rotary_dim,
                             const float *cosines, const float *sines, bool interleaved) {
#pragma STDC FP_CONTRACT OFF
  const size_t pairs = rotary_dim / 2, step = interleaved ? 2 : 1, distance = interleaved ? 1 : pairs;
  for (size_t head = 0; head < heads; head++) {
    float *values = x + head * head_dim;
    for (size_t i = 0; i < pairs; i++) {
      float *first = values + i * step, *second = first + distance;
      const float a = *first, b = *second, bc = b * cosines[i], bs = b * sines[i];
      *first = fused ? fmaf(a, cosines[i], -bs) : a * cosines[i] - bs;
      *second = fused ? fmaf(a, sines[i], bc) : a * sines[i] + bc;
    }
  }
}

// exp(x) to about 2 units in the last place; 0 below -87, infinity never: the argument is clamped to 88.
float ck_exp_reference(float x);
// The sum of 16 lanes, halves first.
float ck_sum_lanes_reference(const float lanes[16]);

#endif
