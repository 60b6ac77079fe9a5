// Passes the conformance check with the default of its parameter, and is wrong in service with every other
// value.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workbench_plugin.h"

typedef struct state {
  int64_t mode;
  int32_t last;
} state;

static int64_t clones;

static wb_status create(
    void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
  (void)context;
  if (setup->values[0].i64 == 20) {
    strncpy(error, "mode 20 does not exist", capacity);
    return WB_INVALID_ARGUMENT;
  }
  state *made = calloc(1, sizeof *made);
  made->mode = setup->values[0].i64;
  made->last = -1;
  *instance = made;
  return WB_OK;
}

static wb_status clone(const void *instance, void **copy, char *error, size_t capacity) {
  (void)error, (void)capacity;
  clones++;
  state *made = malloc(sizeof *made);
  *made = *(const state *)instance;
  *copy = made;
  return made->mode == 13 ? WB_OUT_OF_MEMORY : WB_OK;
}

static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
  state *self = instance;
  size_t count = candidates->count;
  switch (self->mode) {
    case 1: candidates->logits[0] = NAN; break;
    case 2: candidates->count = 0; break;
    case 3: candidates->count = count + 1; break;
    case 4: candidates->ids[0] = 999999; break;
    case 5: strncpy(error, "out of luck", capacity); return WB_FAILED;
    case 6: {
      struct timespec now, start;
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
      do {
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
      } while ((now.tv_sec - start.tv_sec) * 1000000000 + (now.tv_nsec - start.tv_nsec) < 30000000);
      break;
    }
    case 15: {
      struct timespec pause = {0, 30000000};
      nanosleep(&pause, NULL);
      break;
    }
    case 7: candidates->logits[count] = 7; break;
    case 8: candidates->ids = NULL; break;
    case 9:
      for (size_t index = 0; index < count; index++) { candidates->logits[index] = -INFINITY; }
      break;
    case 10:  // bans the last token
      for (size_t index = 0; index < count; index++) {
        if (candidates->ids[index] == self->last) { candidates->logits[index] = -INFINITY; }
      }
      break;
    case 11:  // keeps the upper half
      if (!candidates->is_sorted) { return WB_FAILED; }
      candidates->count = (count + 1) / 2;
      break;
    case 12: memset(error, 'x', capacity + 8); return WB_FAILED;
    default: break;
  }
  return WB_OK;
}

static wb_status accept(void *instance, int32_t token) {
  state *self = instance;
  self->last = token;
  return self->mode == 14 ? WB_FAILED : WB_OK;
}

static void reset(void *instance) { ((state *)instance)->last = -1; }

static const wb_parameter parameters[] = {
    {.header = WB_HEADER(wb_parameter),
        .name = "mode",
        .type = WB_I64,
        .meaning = "Which mistake.",
        .minimum = {.i64 = 0},
        .maximum = {.i64 = 20}},
};

static const wb_sampler samplers[] = {{
    .header = WB_HEADER(wb_sampler),
    .name = "in_service",
    .summary = "Wrong when asked.",
    .flags = WB_STATEFUL | WB_HISTORY,
    .parameters = parameters,
    .parameter_count = 1,
    .create = create,
    .clone = clone,
    .apply = apply,
    .accept = accept,
    .reset = reset,
    .destroy = free,
}};

WB_EXPORT int64_t in_service_clones(void) { return clones; }

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
  (void)host;
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin),
      .name = "service",
      .version = "1",
      .summary = "Wrong.",
      .samplers = samplers,
      .sampler_count = 1};
  return WB_OK;
}
