// The order in which a process is locked in.

#include "internal.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int csandbox_requests = -1;

static bool write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  bool written = write(file, text, strlen(text)) == (ssize_t)strlen(text);
  close(file);
  return written;
}

// A network namespace takes a user namespace, in which the process keeps its user and group and has no privilege.
static unsigned leave_network(void) {
  char users[64], groups[64];
  snprintf(users, sizeof(users), "%u %u 1", (unsigned)geteuid(), (unsigned)geteuid());
  snprintf(groups, sizeof(groups), "%u %u 1", (unsigned)getegid(), (unsigned)getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return 0;
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", users);
  write_file("/proc/self/gid_map", groups);
  return CSANDBOX_NAMESPACE;
}

static void drop_privileges(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}};
  syscall(SYS_capset, &header, none);
}

unsigned csandbox_enter(const char *const *readable, size_t count, int requests) {
  csandbox_requests = requests;
  unsigned held = leave_network();
  drop_privileges();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return held;
  held |= csandbox_landlock(readable, count);
  return held | csandbox_calls();
}
