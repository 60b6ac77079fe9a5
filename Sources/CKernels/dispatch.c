// The level in use, and the public functions that go through it.
#include "kernels.h"

#include <stdatomic.h>

#if defined(__x86_64__)
#include <cpuid.h>

// The register that says which vector state the system saves (Intel SDM 1, 13.3).
static uint64_t saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static ck_level probe_level(void) {
  enum { FMA = 1 << 12, OSXSAVE = 1 << 27, F16C = 1 << 29 };                          // leaf 1, ecx
  enum { AVX2 = 1 << 5, AVX512F = 1 << 16, AVX512DQ = 1 << 17, AVX512BW = 1 << 30 };  // leaf 7, ebx
  enum { AVX512VNNI = 1 << 11 };                                                      // leaf 7, ecx
  const uint32_t avx512vl = UINT32_C(1) << 31;                                        // leaf 7, ebx
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) { return CK_LEVEL_REFERENCE; }
  const uint32_t basic = FMA | OSXSAVE | F16C;
  if ((c & basic) != basic || (saved_state() & 0x06) != 0x06) { return CK_LEVEL_REFERENCE; }
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & AVX2)) { return CK_LEVEL_REFERENCE; }
  const uint32_t wide = AVX512F | AVX512DQ | AVX512BW | avx512vl;
  const bool saved = (saved_state() & 0xe6) == 0xe6;
  return (b & wide) == wide && (c & AVX512VNNI) && saved ? CK_LEVEL_AVX512 : CK_LEVEL_AVX2;
}

static const ck_kernels *kernels_of(ck_level level) {
  switch (level) {
    case CK_LEVEL_AVX512: return &ck_kernels_avx512;
    case CK_LEVEL_AVX2: return &ck_kernels_avx2;
    default: return &ck_kernels_reference;
  }
}
#else
static ck_level probe_level(void) { return CK_LEVEL_REFERENCE; }

static const ck_kernels *kernels_of(ck_level level) {
  (void)level;
  return &ck_kernels_reference;
}
#endif

static _Atomic(const ck_kernels *) current;  // null until first used
static _Atomic int current_level;

static const ck_kernels *use(ck_level level) {
  const ck_kernels *kernels = kernels_of(level);
  atomic_store_explicit(&current_level, (int)level, memory_order_relaxed);
  atomic_store_explicit(&current, kernels, memory_order_release);
  return kernels;
}

static inline const ck_kernels *kernels(void) {
  const ck_kernels *known = atomic_load_explicit(&current, memory_order_acquire);
  return known ? known : use(probe_level());
}

ck_level ck_best_level(void) { return probe_level(); }

ck_level ck_current_level(void) {
  kernels();
  return (ck_level)atomic_load_explicit(&current_level, memory_order_relaxed);
}

bool ck_set_level(ck_level level) {
  if ((int)level < 0 || level > probe_level()) { return false; }
  use(level);
  return true;
}

const char *ck_level_name(ck_level level) {
  switch (level) {
    case CK_LEVEL_REFERENCE: return "reference";
    case CK_LEVEL_AVX2: return "avx2";
    case CK_LEVEL_AVX512: return "avx512";
  }
  return "unknown";
}

bool ck_can_quantize(int32_t type) {
  switch (type) {
    case CK_F32: case CK_F16: case CK_BF16: case CK_Q8_0: case CK_Q5_0: case CK_Q4_0: case CK_Q4_K: case CK_Q6_K:
      return true;
    default: return false;
  }
}

size_t ck_quantize_row(ck_type type, const float *x, void *out, size_t n) {
  assert(ck_can_quantize((int32_t)type) && n % ck_block_values(type) == 0);
  const size_t unfit = kernels()->first_unfit(type, x, n);
  if (unfit < n) { return unfit; }
  switch (type) {
    case CK_F32: memcpy(out, x, n * sizeof(float)); break;
    case CK_F16: kernels()->to_f16(x, out, n); break;
    case CK_BF16:
      for (size_t i = 0; i < n; i++) { ((uint16_t *)out)[i] = ck_float_to_bf16(x[i]); }
      break;
    default: kernels()->quantize(type, x, out, n);
  }
  return n;
}

size_t ck_packed_bytes(ck_type type, size_t rows, size_t cols) {
  const ck_traits *traits = ck_traits_of(type);
  assert(cols % traits->block_values == 0);
  const size_t panels = (rows + CK_PANEL_ROWS - 1) / CK_PANEL_ROWS;
  return panels * (cols / traits->block_values) * traits->packed_bytes;
}

size_t ck_activation_bytes(ck_type weight_type, size_t tokens, size_t cols) {
  const ck_traits *traits = ck_traits_of(weight_type);
  assert(cols % traits->block_values == 0);
  return tokens * ck_token_bytes(traits->class, cols);
}

void ck_pack_activations(ck_type weight_type, const float *x, size_t x_stride, void *packed, size_t tokens,
                         size_t cols, size_t token_begin, size_t token_end) {
  assert(cols % ck_block_values(weight_type) == 0 && (x_stride >= cols || tokens <= 1));
  assert(token_begin <= token_end && token_end <= tokens);
  kernels()->pack_activations(weight_type, x, x_stride, packed, tokens, cols, token_begin, token_end);
}

void ck_matmul(ck_type type, const void *packed, const void *activations, float *out, size_t out_stride,
               size_t rows, size_t cols, size_t tokens, size_t panel_begin, size_t panel_end) {
  assert(cols % ck_block_values(type) == 0 && (out_stride >= rows || tokens <= 1));
  assert(panel_begin <= panel_end && panel_end <= (rows + CK_PANEL_ROWS - 1) / CK_PANEL_ROWS);
  if (tokens == 0) { return; }
  kernels()->matmul(type, packed, activations, out, out_stride, rows, cols, tokens, panel_begin, panel_end);
}

void ck_rms_norm(const float *x, const float *weight, float *out, size_t n, float epsilon) {
  assert(n > 0 && epsilon >= 0);
  kernels()->rms_norm(x, weight, out, n, epsilon);
}

void ck_add(float *x, const float *y, size_t n) { kernels()->add(x, y, n); }

void ck_silu_multiply(float *gate, const float *up, size_t n) { kernels()->silu_multiply(gate, up, n); }

void ck_rope(float *x, size_t heads, size_t head_dim, size_t rotary_dim, const float *cosines,
             const float *sines, bool interleaved) {
  assert(rotary_dim % 2 == 0 && rotary_dim <= head_dim);
  kernels()->rope(x, heads, head_dim, rotary_dim, cosines, sines, interleaved);
}

void ck_to_f16(const float *x, uint16_t *out, size_t n) { kernels()->to_f16(x, out, n); }

void ck_from_f16(const uint16_t *x, float *out, size_t n) { kernels()->from_f16(x, out, n); }

size_t ck_cache_value_bytes(ck_cache_type type) {
  return type == CK_CACHE_F16 ? sizeof(uint16_t) : sizeof(float);
}

void ck_to_cache(ck_cache_type type, const float *x, void *out, size_t n) {
  if (type == CK_CACHE_F16) {
    ck_to_f16(x, out, n);
  } else {
    memcpy(out, x, n * sizeof(float));
  }
}

size_t ck_argmax(const float *x, size_t n) {
  assert(n > 0);
  return kernels()->argmax(x, n);
}

ck_softmax_part ck_softmax_of(const float *x, size_t n) {
  assert(n <= CK_SOFTMAX_VALUES);
  return kernels()->softmax_of(x, n);
}

void ck_attention(const ck_attention_work *work, float *scratch) {
  assert(work->page_tokens > 0 && work->group > 0 && work->head_dim > 0 && work->part_count > 0);
  kernels()->attention(work, scratch);
}
