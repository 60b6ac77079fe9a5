// A sampler that makes tokens rest after use: a token that was just generated loses `strength` logits and
// regains them step by step over the next `window` tokens. It has state, so it shows every function of a
// sampler.
//
//   cc -O2 -shared -fPIC -I ../Sources/CWorkbenchPlugin/include -o teaching_sampler.so teaching_sampler.c
#include <stdlib.h>
#include <string.h>

#include "workbench_plugin.h"

enum { LONGEST_WINDOW = 256 };

// The state of one sequence: its parameters and the last tokens, newest first.
typedef struct cooldown {
  float strength;
  int window;
  int known;
  int32_t recent[LONGEST_WINDOW];
} cooldown;

// The parameters as `workbench sampler list` prints them and as requests are checked against them. Values
// arrive in this order.
static const wb_parameter parameters[] = {
    {.header = WB_HEADER(wb_parameter), .name = "strength", .type = WB_F64,
     .meaning = "How many logits a token loses right after its use; 0 turns it off.",
     .fallback = {.f64 = 1.0}, .minimum = {.f64 = 0}, .maximum = {.f64 = 100}},
    {.header = WB_HEADER(wb_parameter), .name = "window", .type = WB_I64,
     .meaning = "How many tokens later it has regained them all.",
     .fallback = {.i64 = 32}, .minimum = {.i64 = 1}, .maximum = {.i64 = LONGEST_WINDOW}},
};

static wb_status create(
    void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
  (void)context, (void)error, (void)capacity;
  cooldown *made = calloc(1, sizeof *made);
  if (!made) { return WB_OUT_OF_MEMORY; }
  made->strength = (float)setup->values[0].f64;
  made->window = (int)setup->values[1].i64;
  *instance = made;
  return WB_OK;
}

// A clone copies the state and shares nothing.
static wb_status clone(const void *instance, void **copy, char *error, size_t capacity) {
  (void)error, (void)capacity;
  cooldown *made = malloc(sizeof *made);
  if (!made) { return WB_OUT_OF_MEMORY; }
  memcpy(made, instance, sizeof *made);
  *copy = made;
  return WB_OK;
}

// How many logits a token still lacks.
static float rest(const cooldown *self, int32_t token) {
  for (int age = 0; age < self->known; age++) {
    float share = (float)(self->window - age) / (float)self->window;
    if (self->recent[age] == token) { return self->strength * share; }
  }
  return 0;
}

static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
  (void)error, (void)capacity;
  const cooldown *self = instance;
  if (self->known == 0) { return WB_OK; }
  for (size_t index = 0; index < candidates->count; index++) {
    candidates->logits[index] -= rest(self, candidates->ids[index]);
  }
  return WB_OK;
}

// Called for each token of the prompt, then for each that was picked.
static wb_status accept(void *instance, int32_t token) {
  cooldown *self = instance;
  if (self->known < self->window) { self->known++; }
  memmove(self->recent + 1, self->recent, sizeof(int32_t) * (size_t)(self->known - 1));
  self->recent[0] = token;
  return WB_OK;
}

static void reset(void *instance) { ((cooldown *)instance)->known = 0; }

static const wb_sampler samplers[] = {{
    .header = WB_HEADER(wb_sampler), .name = "cooldown", .summary = "Makes tokens rest after use.",
    .flags = WB_STATEFUL | WB_HISTORY, .parameters = parameters, .parameter_count = 2,
    .create = create, .clone = clone, .apply = apply, .accept = accept, .reset = reset, .destroy = free,
}};

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
  (void)host;
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin), .name = "teaching-sampler", .version = "1.0.0",
                        .summary = "A sampler to learn from.", .samplers = samplers, .sampler_count = 1};
  return WB_OK;
}
