// The child process in which a trial runs a library.
#define _GNU_SOURCE
#include "workbench_host.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHILD_DESCRIPTOR = 3 };

static void close_between(unsigned first, unsigned last) {
  if (first > last || syscall(SYS_close_range, first, last, 0) == 0) { return; }
  long limit = sysconf(_SC_OPEN_MAX);
  for (unsigned other = first; other <= last && other < limit; other++) { close((int)other); }
}

// Leaves the child its standard streams, `kept` and its end of the socket pair, whose number it returns.
static int keep_only(int descriptor, int kept) {
  if (descriptor != CHILD_DESCRIPTOR) { dup2(descriptor, CHILD_DESCRIPTOR); }
  unsigned last = kept > CHILD_DESCRIPTOR ? (unsigned)kept : CHILD_DESCRIPTOR;
  close_between(CHILD_DESCRIPTOR + 1, last - 1);
  close_between(last + 1, ~0U);
  return CHILD_DESCRIPTOR;
}

int wb_start_child(int *descriptor, int kept, void (*body)(int descriptor, void *context), void *context) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) { return -1; }
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) { _exit(1); }  // it ended before the line above
    body(keep_only(pair[1], kept), context);
    _exit(1);
  }
  close(pair[1]);
  if (child < 0) {
    int reason = errno;
    close(pair[0]);
    errno = reason;
    return -1;
  }
  *descriptor = pair[0];
  return child;
}
