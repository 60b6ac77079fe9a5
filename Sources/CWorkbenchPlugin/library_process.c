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

// Leaves the child its standard streams and its end of the socket pair, whose number it returns.
static int keep_only(int descriptor) {
  if (descriptor != CHILD_DESCRIPTOR) { dup2(descriptor, CHILD_DESCRIPTOR); }
  if (syscall(SYS_close_range, CHILD_DESCRIPTOR + 1, ~0U, 0) != 0) {
    long limit = sysconf(_SC_OPEN_MAX);
    for (int other = CHILD_DESCRIPTOR + 1; other < limit; other++) { close(other); }
  }
  return CHILD_DESCRIPTOR;
}

int wb_start_child(int *descriptor, void (*body)(int descriptor, void *context), void *context) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) { return -1; }
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) { _exit(1); }  // it ended before the line above
    body(keep_only(pair[1]), context);
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
