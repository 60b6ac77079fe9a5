// Checks of what a plugin gives back: one pass over 32,000 candidates must cost little beside the call itself.
#include "workbench_host.h"

#include <math.h>

#if defined(__x86_64__) && defined(__clang__)
// The loader picks the widest version that the processor has.
#define WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST
#endif

// Bit 0: a NaN. Bit 1: something above minus infinity. Bit 2: an id out of range.
WIDEST static uint32_t scan(const int32_t *ids, const float *logits, size_t count, uint32_t vocabulary_size) {
  uint32_t nan = 0, possible = 0, foreign = 0;
  for (size_t index = 0; index < count; index++) {
    nan |= logits[index] != logits[index];
    possible |= logits[index] > -INFINITY;
    foreign |= (uint32_t)ids[index] >= vocabulary_size;
  }
  return nan | possible << 1 | foreign << 2;
}

wb_verdict wb_check_candidates(const int32_t *ids, const float *logits, size_t count, uint32_t vocabulary_size) {
  uint32_t found = scan(ids, logits, count, vocabulary_size);
  if (found & 1) { return WB_HAS_NAN; }
  if (found & 4) { return WB_HAS_FOREIGN_TOKEN; }
  return found & 2 ? WB_FINE : WB_ALL_IMPOSSIBLE;
}

uint32_t wb_arithmetic_mode(void) {
#if defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & 0xFFC0u;  // without the six flags that every inexact result sets
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return (uint32_t)mode;
#else
  return 0;
#endif
}
