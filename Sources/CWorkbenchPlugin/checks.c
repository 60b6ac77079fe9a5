// Checks of what a plugin returns, in one pass: with 32,000 candidates it must cost little compared with the
// call itself.
#include "workbench_host.h"

#include <string.h>

#if defined(__x86_64__) && defined(__clang__)
// The loader picks the widest version that the processor has.
#define WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST
#endif

// Fields of version 1.0 never move or change their size.
_Static_assert(offsetof(wb_plugin, reserved) + 4 == WB_PLUGIN_1_0, "wb_plugin");
_Static_assert(offsetof(wb_sampler, destroy) + sizeof(void *) == WB_SAMPLER_1_0, "wb_sampler");
_Static_assert(offsetof(wb_parameter, maximum) + sizeof(wb_value) == WB_PARAMETER_1_0, "wb_parameter");
_Static_assert(offsetof(wb_template, render) + sizeof(void *) == WB_TEMPLATE_1_0, "wb_template");
_Static_assert(offsetof(wb_tokenizer, decode) + sizeof(void *) == WB_TOKENIZER_1_0, "wb_tokenizer");

enum {
  INFINITE = 0x7F800000,  // without the sign, the bits of a NaN are greater
  IMPOSSIBLE = INT32_MIN | INFINITE,
  LINE = 64  // bytes of the widest aligned load
};

// What a scan of the arrays found.
typedef struct findings {
  uint32_t magnitude;  // the largest bits of a logit, without the sign
  uint32_t possible;   // nonzero if some logit is not minus infinity
  uint32_t id;         // the largest id, as unsigned: a negative one is larger than any other
} findings;

// How many elements precede the next multiple of LINE in memory.
static size_t before_line(const void *array, size_t count) {
  size_t head = (-(uintptr_t)array & (LINE - 1)) / sizeof(uint32_t);
  return head < count ? head : count;
}

// Simple loops over one array each, from such a multiple on: compilers turn them into the widest aligned loads.
WIDEST static void scan_logits(findings *found, const float *logits, size_t count) {
  uint32_t magnitude = found->magnitude, possible = found->possible;
  for (size_t index = 0; index < count; index++) {
    uint32_t bits;
    memcpy(&bits, &logits[index], sizeof bits);
    uint32_t unsigned_bits = bits & INT32_MAX;
    magnitude = unsigned_bits > magnitude ? unsigned_bits : magnitude;
    possible |= bits ^ (uint32_t)IMPOSSIBLE;
  }
  found->magnitude = magnitude;
  found->possible = possible;
}

WIDEST static void scan_ids(findings *found, const int32_t *ids, size_t count) {
  uint32_t largest = found->id;
  for (size_t index = 0; index < count; index++) {
    largest = (uint32_t)ids[index] > largest ? (uint32_t)ids[index] : largest;
  }
  found->id = largest;
}

wb_verdict wb_check_candidates(
    const int32_t *ids, const float *logits, size_t count, uint32_t vocabulary_size) {
  findings found = {0, 0, 0};
  size_t head = before_line(logits, count);
  scan_logits(&found, logits, head);
  scan_logits(&found, logits + head, count - head);
  if (found.magnitude > INFINITE) { return WB_HAS_NAN; }
  head = before_line(ids, count);
  scan_ids(&found, ids, head);
  scan_ids(&found, ids + head, count - head);
  if (found.id >= vocabulary_size) { return WB_HAS_FOREIGN_TOKEN; }
  return found.possible ? WB_FINE : WB_ALL_IMPOSSIBLE;
}

uint32_t wb_arithmetic_mode(void) {
#if defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & 0xFFC0u;  // without the six flags that results set
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return (uint32_t)mode;
#else
  return 0;
#endif
}
