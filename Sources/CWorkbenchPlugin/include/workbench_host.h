// The host's side of the plugin interface: what the module `Plugins` needs in C. Not for plugins.
#ifndef WORKBENCH_HOST_H
#define WORKBENCH_HOST_H

#include "workbench_plugin.h"

// What is wrong with candidates that a plugin returned.
typedef enum wb_verdict {
  WB_FINE,
  WB_HAS_NAN,
  WB_HAS_FOREIGN_TOKEN,
  WB_ALL_IMPOSSIBLE  // every logit is minus infinity
} wb_verdict;

// Checks every candidate: no logit is NaN, at least one is above minus infinity, ids are below vocabulary_size.
wb_verdict wb_check_candidates(
    const int32_t *ids, const float *logits, size_t count, uint32_t vocabulary_size);

// How this thread rounds and treats subnormal numbers: the bits of the processor's control register.
uint32_t wb_arithmetic_mode(void);

// The functions of `wb_host` that need no Swift.
uint64_t wb_random(uint64_t *state);
void wb_softmax(const float *logits, size_t count, float *probabilities);
void wb_sort(wb_candidates *candidates);

#endif
