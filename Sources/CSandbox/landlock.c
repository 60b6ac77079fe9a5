// Files, TCP and signals, by Landlock: https://docs.kernel.org/userspace-api/landlock.html

#include "internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's interface, since headers of Debian 12 know only its first versions.
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, RULE_PATH_BENEATH = 1, GET_VERSION = 1 };

struct ruleset {
  uint64_t files;
  uint64_t network;
  uint64_t scoped;
};

struct path_beneath {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

static const uint64_t WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_FOLDER = 1 << 3;

// Every right over files that version `version` knows.
static uint64_t rights(int version) {
  uint64_t known = (1 << 13) - 1;
  if (version >= 2) known |= 1 << 13;  // link and rename between folders
  if (version >= 3) known |= 1 << 14;  // truncate
  if (version >= 5) known |= 1 << 15;  // ioctl on devices
  return known;
}

static void allow(int ruleset, const char *path, uint64_t allowed) {
  int place = open(path, O_PATH | O_CLOEXEC);
  if (place < 0) return;
  struct stat status;
  if (fstat(place, &status) == 0) {
    if (!S_ISDIR(status.st_mode)) allowed &= ~READ_FOLDER;
    struct path_beneath rule = {.allowed = allowed, .parent = place};
    syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
  }
  close(place);
}

// What every process reads: libraries that plugins need, its own facts, time zones, the machine's processors and memory.
static const char *const system_files[] = {
    "/lib",       "/lib64",      "/usr/lib",         "/usr/lib64",       "/usr/local/lib",        "/etc/ld.so.cache",
    "/proc/self", "/proc/stat",  "/proc/meminfo",    "/proc/cpuinfo",    "/proc/sys/vm",          "/etc/localtime",
    "/dev/null",  "/dev/zero",   "/dev/random",      "/dev/urandom",     "/usr/share/zoneinfo",   "/sys/fs/cgroup",
    "/sys/devices/system/cpu",   "/sys/devices/system/node",             "/sys/kernel/mm/transparent_hugepage",
};

unsigned csandbox_landlock(const char *const *readable, size_t count) {
  int version = (int)syscall(CREATE_RULESET, NULL, 0, GET_VERSION);
  if (version < 1) return 0;
  struct ruleset wanted = {.files = rights(version)};
  size_t size = sizeof(wanted.files);
  unsigned held = CSANDBOX_FILES;
  if (version >= 4) {
    wanted.network = 3;  // bind and connect
    size += sizeof(wanted.network);
    held |= CSANDBOX_TCP;
  }
  if (version >= 6) {
    wanted.scoped = 3;  // abstract sockets and signals
    size += sizeof(wanted.scoped);
    held |= CSANDBOX_SIGNALS;
  }
  int ruleset = (int)syscall(CREATE_RULESET, &wanted, size, 0);
  if (ruleset < 0) return 0;
  for (size_t i = 0; i < sizeof(system_files) / sizeof(*system_files); i++) {
    allow(ruleset, system_files[i], READ_FILE | READ_FOLDER);
  }
  for (size_t i = 0; i < count; i++) allow(ruleset, readable[i], READ_FILE | READ_FOLDER);
  allow(ruleset, "/dev/null", READ_FILE | WRITE_FILE);
  // libdispatch ends a process that cannot read the state of its threads under /proc/THREAD; with a filter of system
  // calls the handler finds them elsewhere.
  if (!csandbox_grants_calls()) allow(ruleset, "/proc", READ_FILE | READ_FOLDER);
  bool restricted = syscall(RESTRICT_SELF, ruleset, 0) == 0;
  close(ruleset);
  return restricted ? held : 0;
}
