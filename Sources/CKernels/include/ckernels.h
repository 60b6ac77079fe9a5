// The arithmetic of Workbench: no allocation, no I/O, no threads, no global state but the level.
//
// Every fast kernel has a plain C twin (level CK_LEVEL_REFERENCE) that computes the same sums in the same order
// where the level allows it. All functions are pure over the memory they are given, so a caller splits work
// over threads by giving each a range. A result for one token does not depend on how many other tokens are in
// the call, nor on how the rows are split: "the same seed gives the same tokens, whatever else runs" starts here.
//
// Sizes are in values unless a name says bytes. Pointers are borrowed for the call. Callers check sizes: a wrong
// size is a programmer error (assert), never a status.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// 1. Types and levels ------------------------------------------------------------------------------------------

// Tensor types, numbered as GGUF numbers them.
typedef enum ck_type {
  CK_F32 = 0, CK_F16 = 1, CK_Q4_0 = 2, CK_Q4_1 = 3, CK_Q5_0 = 6, CK_Q5_1 = 7, CK_Q8_0 = 8,
  CK_Q2_K = 10, CK_Q3_K = 11, CK_Q4_K = 12, CK_Q5_K = 13, CK_Q6_K = 14,
  CK_IQ4_NL = 20, CK_IQ4_XS = 23, CK_BF16 = 30,
} ck_type;

typedef enum ck_level {
  CK_LEVEL_REFERENCE = 0,    // plain C
  CK_LEVEL_AVX2 = 1,         // AVX2, FMA, F16C
  CK_LEVEL_AVX512 = 2,       // AVX-512 F, BW, VL, DQ and VNNI
} ck_level;

bool ck_type_is_known(int32_t type);         // whether the functions below take this type
size_t ck_block_values(ck_type type);        // values in a block: 1, 32 or 256
size_t ck_block_bytes(ck_type type);         // bytes of a block in the file's layout
const char *ck_type_name(ck_type type);      // "Q4_1"

ck_level ck_best_level(void);                // what this processor can do
ck_level ck_current_level(void);             // what is in use; ck_best_level() until set
bool ck_set_level(ck_level level);           // false, and no change, when the processor cannot; call at start-up or in tests only
const char *ck_level_name(ck_level level);   // "reference", "avx2", "avx512"

// 2. Rows ------------------------------------------------------------------------------------------------------

// One row of `n` values in the file's layout to floats; n is a multiple of ck_block_values.
void ck_dequantize_row(ck_type type, const void *row, float *out, size_t n);

// Whether ck_quantize makes blocks of this type: F32, F16, BF16, Q8_0, Q5_0, Q4_0, Q4_K and Q6_K.
bool ck_can_quantize(int32_t type);
// Floats to a row in the file's layout; n is a multiple of ck_block_values. Returns n, or the index of the first value
// that is not finite or too large for the type; then `out` holds nothing of use.
size_t ck_quantize_row(ck_type type, const float *x, void *out, size_t n);

// 3. Matrix times activations ----------------------------------------------------------------------------------
//
// out[t * out_stride + r] = sum over c of W[r, c] * x[t, c]. W is packed once at load (ck_pack) into a layout that
// suits one token and many; x is packed per call (ck_pack_activations). Rows are handled in panels of CK_PANEL_ROWS;
// the last panel is padded with zero rows inside the packed form, and the padding is never written to `out`.
enum { CK_PANEL_ROWS = 16 };

size_t ck_packed_bytes(ck_type type, size_t rows, size_t cols);
// Packs panels [panel_begin, panel_end) of `weights` (rows x cols, the file's layout) into `packed` (whole matrix).
void ck_pack(ck_type type, const void *weights, void *packed, size_t rows, size_t cols,
             size_t panel_begin, size_t panel_end);

size_t ck_activation_bytes(ck_type weight_type, size_t tokens, size_t cols);
// Packs tokens [token_begin, token_end) of x (tokens x cols floats, x_stride apart) for a matrix of `weight_type`.
void ck_pack_activations(ck_type weight_type, const float *x, size_t x_stride, void *packed, size_t tokens,
                         size_t cols, size_t token_begin, size_t token_end);

// Computes rows of panels [panel_begin, panel_end) for all `tokens`.
void ck_matmul(ck_type type, const void *packed, const void *activations, float *out, size_t out_stride,
               size_t rows, size_t cols, size_t tokens, size_t panel_begin, size_t panel_end);

// 4. The rest of a layer ---------------------------------------------------------------------------------------

// out[i] = x[i] / sqrt(mean(x^2) + epsilon) * weight[i]. out may be x.
void ck_rms_norm(const float *x, const float *weight, float *out, size_t n, float epsilon);
// x[i] += y[i].
void ck_add(float *x, const float *y, size_t n);
// gate[i] = silu(gate[i]) * up[i].
void ck_silu_multiply(float *gate, const float *up, size_t n);
// Rotates `heads` vectors of head_dim floats (stride head_dim) in place; cosines and sines hold rotary_dim/2 values of this
// position. interleaved: pairs are (2i, 2i+1), as GGUF's llama has them; otherwise (i, i + rotary_dim/2).
void ck_rope(float *x, size_t heads, size_t head_dim, size_t rotary_dim, const float *cosines,
             const float *sines, bool interleaved);
// Floats to IEEE half and back.
void ck_to_f16(const float *x, uint16_t *out, size_t n);
void ck_from_f16(const uint16_t *x, float *out, size_t n);
// The index of the largest value (the first of equals); n > 0. NaN never wins against a number.
size_t ck_argmax(const float *x, size_t n);

// What a softmax needs of at most CK_SOFTMAX_VALUES values: the largest one (-infinity if all are NaN), and the sum of
// exp(x[i] - largest), in which terms below exp(-87) count as 0. The sum is NaN if a value is NaN or infinity.
typedef struct ck_softmax_part { float largest, sum; } ck_softmax_part;
enum { CK_SOFTMAX_VALUES = 512 };
ck_softmax_part ck_softmax_of(const float *x, size_t n);
// The sum of exp(x[i] - largest) over the values of all parts, of which `largest` is the largest.
double ck_softmax_sum(const ck_softmax_part *parts, size_t count, float largest);

// 5. Attention over a paged cache ------------------------------------------------------------------------------
//
// One KV head and the `group` query heads that share it, for consecutive tokens of one sequence or of several. A query
// sees the positions max(0, position - window + 1) ... position of its sequence (window 0: all).

// What the cache stores keys and values as; attention computes in floats either way.
typedef enum ck_cache_type { CK_CACHE_F16, CK_CACHE_F32 } ck_cache_type;

// Bytes of one value of the cache.
size_t ck_cache_value_bytes(ck_cache_type type);
// Stores n floats as values of the cache.
void ck_to_cache(ck_cache_type type, const float *x, void *out, size_t n);

// Consecutive tokens of one sequence: query i is row first_row + i, at position first_position + i.
typedef struct ck_attention_part {
  const void *const *pages;       // page p holds positions p * page_tokens and on
  size_t first_row, queries, first_position;
} ck_attention_part;

typedef struct ck_attention_work {
  const ck_attention_part *parts;
  size_t part_count;              // with more than one, at most CK_ATTENTION_QUERIES queries in all
  size_t shared;                  // positions from 0 on whose pages all parts have in common; 0 for one part
  const float *q;                 // row r, head h of the group: q + r * q_stride + h * head_dim
  size_t q_stride;
  float *out;                     // as q, with out_stride
  size_t out_stride;
  ck_cache_type cache_type;
  size_t page_tokens;
  size_t key_offset, value_offset;  // bytes in a page before the keys, and the values, of this KV head: each
                                    // page_tokens x head_dim values, position-major
  size_t group, head_dim, window;
  float scale;                    // usually 1 / sqrt(head_dim)
} ck_attention_work;

enum { CK_ATTENTION_QUERIES = 32 };  // queries that share a converted block of keys

// Floats of scratch that ck_attention needs for work of this group and head_dim.
size_t ck_attention_scratch(size_t group, size_t head_dim);
void ck_attention(const ck_attention_work *work, float *scratch);

#endif
