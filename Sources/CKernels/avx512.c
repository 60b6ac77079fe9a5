// The level of AVX-512 F, BW, VL, DQ and VNNI.
#if defined(__x86_64__)
#define CK_VECTOR_AVX512 1
#include <immintrin.h>

#include "attention.h"
#include "blocks.h"
#include "quantize.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(                                                             \
  __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), \
  apply_to = function)
#include "vector.h"

#include "decode_vector.h"
#include "matmul_vector.h"
#include "matmul_float_vector.h"
#include "layer_vector.h"
#include "attention_vector.h"
#include "quantize_vector.h"
#pragma clang attribute pop

#define CK_VECTOR_KERNELS ck_kernels_avx512
#include "kernels_vector.h"
#endif
