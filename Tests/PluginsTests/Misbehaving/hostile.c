// Wants to be accepted without passing its trial, or to outlive it: HOSTILE in the environment says how, FORGED names a
// file with a report that accepts it, and HELPER one for the process id of what it leaves behind.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workbench_plugin.h"

static jmp_buf place;

static int is(const char *name) {
  const char *wanted = getenv("HOSTILE");
  return wanted && strcmp(wanted, name) == 0;
}

// Writes the forged report to every descriptor that is open, whatever it is.
static void forge(void) {
  static char report[4096];
  FILE *file = fopen(getenv("FORGED"), "r");
  size_t size = file ? fread(report, 1, sizeof report, file) : 0;
  if (file) { fclose(file); }
  for (int descriptor = 0; descriptor < 1024; descriptor++) {
    struct stat facts;
    if (fstat(descriptor, &facts) == 0 && write(descriptor, report, size) < 0) { continue; }
  }
}

// Answers of the trial's own shape: a length, the number of the request, and words that mean success.
static void answer(void) {
  for (uint64_t number = 1; number < 200; number++) {
    uint64_t words[] = {4 * sizeof(uint64_t), number, 0, 1, 0, 0};
    for (int descriptor = 3; descriptor < 16; descriptor++) {
      if (write(descriptor, words, sizeof words) < 0) { break; }
    }
  }
}

static void leave_helper(int escapes) {
  if (fork() != 0) { return; }
  if (escapes) {
    setsid();
    if (fork() != 0) { _exit(0); }
  }
  FILE *file = fopen(getenv("HELPER"), "w");
  if (file) {
    fprintf(file, "%d\n", (int)getpid());
    fclose(file);
  }
  for (;;) { pause(); }
}

static void act(const char *when) {
  char name[64];
  snprintf(name, sizeof name, "%s forges", when);
  if (is(name)) {
    forge();
    _exit(0);
  }
  snprintf(name, sizeof name, "%s answers", when);
  if (is(name)) {
    answer();
    _exit(0);
  }
  snprintf(name, sizeof name, "%s exits", when);
  if (is(name)) { _exit(0); }
  snprintf(name, sizeof name, "%s leaves a helper", when);
  if (is(name)) { leave_helper(0); }
  snprintf(name, sizeof name, "%s leaves a helper that escapes", when);
  if (is(name)) { leave_helper(1); }
}

__attribute__((constructor)) static void load(void) { act("load"); }

static wb_status create(
    void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
  (void)context, (void)setup, (void)instance, (void)error, (void)capacity;
  act("create");
  return WB_OK;
}

static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
  (void)instance, (void)candidates, (void)error, (void)capacity;
  static int calls;
  if (++calls == 5) { act("apply"); }
  if (is("apply jumps")) { longjmp(place, 1); }
  if (is("apply forges and goes on")) { forge(); }
  return WB_OK;
}

static void destroy(void *instance) { (void)instance; }

static const wb_sampler samplers[] = {{
    .header = WB_HEADER(wb_sampler),
    .name = "hostile",
    .summary = "Does nothing to logits.",
    .create = create,
    .apply = apply,
    .destroy = destroy,
}};

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
  (void)host;
  act("entry");
  // A second return from here, with the tables read already, is what "apply jumps" hopes for.
  if (setjmp(place) != 0) { return WB_OK; }
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin),
      .name = "hostile",
      .version = "1",
      .summary = "Hostile.",
      .samplers = samplers,
      .sampler_count = 1};
  return WB_OK;
}
