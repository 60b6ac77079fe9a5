// The plain C twins, which other levels may also use for what is not worth a faster form.
#ifndef CK_REFERENCE_H
#define CK_REFERENCE_H

#include "kernels.h"

// Groups of activations whose largest magnitude has smaller bits than this (about 1e-33) count as zero: the
// inverse of their scale would overflow.
#define CK_LEAST_ACTIVATION_BITS 0x09000000u

enum {
  CK_MOST_STEPS = 127,    // steps that the largest magnitude of a group of activations is quantised to
  CK_STEP_CHOICES = 4,    // step counts that are tried, downwards from CK_MOST_STEPS
  CK_FIXED_ONE = 32767,   // 1 in 16-bit fixed point
};

// Whether activations for a type are quantised with the best of several steps. It lowers their error by a tenth to a
// sixth, at the price of three times the packing, which the types made for speed do not pay.
static inline bool ck_searches_steps(ck_type type) {
  return type == CK_Q8_0 || type == CK_Q5_0 || type == CK_IQ4_NL;
}

void ck_pack_activations_reference(ck_type type, const float *x, size_t x_stride, void *packed, size_t tokens,
                                   size_t cols, size_t token_begin, size_t token_end);
void ck_matmul_reference(ck_type type, const void *packed, const void *activations, float *out,
                         size_t out_stride, size_t rows, size_t cols, size_t tokens, size_t panel_begin,
                         size_t panel_end);
void ck_rope_reference(float *x, size_t heads, size_t head_dim, size_t rotary_dim, const float *cosines,
                       const float *sines, bool interleaved);
size_t ck_argmax_reference(const float *x, size_t n);
void ck_attention_reference(const ck_attention_work *work, float *scratch);
// n floats that all fit to blocks of a quantised type.
void ck_quantize_reference(ck_type type, const float *x, uint8_t *out, size_t n);
// The index of the first value that is not finite or too large for a type; n: there is none.
size_t ck_first_unfit_reference(ck_type type, const float *x, size_t n);

// exp(x) to about 2 units in the last place; 0 below -87, infinity never: the argument is clamped to 88.
float ck_exp_reference(float x);
// The sum of 16 lanes, halves first.
float ck_sum_lanes_reference(const float lanes[16]);

#endif
