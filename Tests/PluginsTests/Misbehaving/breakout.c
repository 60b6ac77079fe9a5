// Tries to get out of its process: with AT_LOAD when it is loaded, otherwise when its sampler is created with the
// value 7, which no trial uses. FOLDER is where it finds the daemon's socket and another model.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "workbench_plugin.h"

static int reason(int result) { return result < 0 ? errno : 0; }

static int connect_tcp(void) {
  int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) return errno;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return reason(connect(descriptor, (struct sockaddr *)&address, sizeof address));
}

static int connect_daemon(void) {
  // Made before the sandbox could be asked about sockets, as a library might find one.
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) return errno;
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = FOLDER "/d.sock"};
  return reason(connect(pair[0], (struct sockaddr *)&address, sizeof address));
}

static void attempt(char *text, size_t capacity) {
  int written = open(FOLDER "/written", O_WRONLY | O_CREAT, 0600);
  int write_reason = reason(written);
  int read_reason = reason(open(FOLDER "/other.gguf", O_RDONLY));
  int kill_reason = reason(kill(getppid(), 0));
  int remove_reason = reason(unlink(FOLDER "/other.gguf"));
  snprintf(text, capacity, "tcp=%d daemon=%d write=%d read=%d kill=%d remove=%d.", connect_tcp(), connect_daemon(),
      write_reason, read_reason, kill_reason, remove_reason);
}

#ifdef AT_LOAD
__attribute__((constructor)) static void load(void) {
  char text[200];
  attempt(text, sizeof text);
}
#endif

static wb_status create(
    void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
  (void)context;
  static int nothing;
  *instance = &nothing;
  if (setup->values[0].i64 != 7) return WB_OK;
  attempt(error, capacity);
  return WB_FAILED;
}

static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
  (void)instance, (void)candidates, (void)error, (void)capacity;
  return WB_OK;
}

static void destroy(void *instance) { (void)instance; }

static const wb_parameter parameters[] = {
    {.header = WB_HEADER(wb_parameter),
        .name = "attempt",
        .type = WB_I64,
        .meaning = "Whether to try.",
        .minimum = {.i64 = 0},
        .maximum = {.i64 = 20}},
};

static const wb_sampler samplers[] = {{
    .header = WB_HEADER(wb_sampler),
    .name = "breakout",
    .summary = "Tries to get out.",
    .parameters = parameters,
    .parameter_count = 1,
    .create = create,
    .apply = apply,
    .destroy = destroy,
}};

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
  (void)host;
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin),
      .name = "breakout",
      .version = "1",
      .summary = "Tries to get out.",
      .samplers = samplers,
      .sampler_count = 1};
  return WB_OK;
}
