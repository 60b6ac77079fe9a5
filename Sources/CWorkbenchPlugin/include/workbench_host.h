// The host's side of the plugin interface: what the module `Plugins` needs in C. Not for plugins.
#ifndef WORKBENCH_HOST_H
#define WORKBENCH_HOST_H

#include "workbench_plugin.h"

// The sizes of the structs that a plugin fills in, in version 1.0: the least that any plugin states. They never change;
// what later versions add lies behind them and is optional.
enum {
  WB_PLUGIN_1_0 = 72,
  WB_SAMPLER_1_0 = 96,
  WB_PARAMETER_1_0 = 56,
  WB_TEMPLATE_1_0 = 56,
  WB_TOKENIZER_1_0 = 88
};

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

// The bytes that this process has allocated with malloc and not freed.
long wb_allocated_bytes(void);

// Makes small blocks that malloc gives contain other bytes than zero, so that a library which relies on zeros is found
// out.
void wb_fill_allocations(void);

// Starts a child process that runs `body` with its end of a socket pair, and no other descriptor of this process but
// the standard ones and `kept`, which is above 3 or -1 for none; it is killed when the calling thread ends. What it leaves behind becomes a child of this process.
// `descriptor` receives this process's end. Returns the process id; -1, with errno set, when the system has no process
// or descriptor left.
int wb_start_child(int *descriptor, int kept, void (*body)(int descriptor, void *context), void *context);

// The functions of `wb_host` that need no Swift.
uint64_t wb_random(uint64_t *state);
void wb_softmax(const float *logits, size_t count, float *probabilities);
void wb_sort(wb_candidates *candidates);

#endif
