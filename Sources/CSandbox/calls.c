// System calls, by seccomp. What is refused raises SIGSYS; its handler reports the attempt and returns EACCES.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifndef ARCHITECTURE

bool csandbox_grants_calls(void) { return false; }

unsigned csandbox_calls(void) { return 0; }

void csandbox_report(void) {}

#else

// Why a call was trapped: it is refused, or its path is to be looked at.
enum { REFUSED = 1, EXAMINED = 2 };

// An argument that openat ignores; marks the handler's own calls. No secret: Landlock still decides.
enum { OWN_CALL = 0x6f70656e };

struct call {
  int number;
  const char *name;
};

#define CALL(name) {SYS_##name, #name}

static const struct call refused[] = {
    // Connections: the process has those that it needs.
    CALL(socket), CALL(connect), CALL(bind), CALL(listen), CALL(accept), CALL(accept4),
    // Other processes and programs.
    CALL(execve), CALL(execveat), CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(kcmp), {438, "pidfd_getfd"},
    // Changes to files.
    CALL(unlinkat), CALL(renameat2), CALL(mkdirat), CALL(linkat), CALL(symlinkat), CALL(mknodat), CALL(fchmodat),
    CALL(fchownat), CALL(truncate), CALL(utimensat), CALL(setxattr), CALL(lsetxattr), CALL(removexattr), CALL(lremovexattr),
    CALL(fchmod), CALL(fchown),
#if defined(__x86_64__)
    CALL(unlink), CALL(rename), CALL(renameat), CALL(mkdir), CALL(rmdir), CALL(link), CALL(symlink), CALL(mknod), CALL(chmod),
    CALL(chown), CALL(lchown), CALL(creat), CALL(utime), CALL(utimes), CALL(futimesat),
#endif
    // The system.
    CALL(mount), CALL(umount2), CALL(pivot_root), CALL(chroot), CALL(setns), CALL(unshare), CALL(bpf), CALL(perf_event_open),
    CALL(userfaultfd), CALL(keyctl), CALL(add_key), CALL(request_key), CALL(open_by_handle_at), CALL(init_module),
    CALL(finit_module), CALL(delete_module), CALL(kexec_load), CALL(reboot), CALL(swapon), CALL(swapoff), CALL(sethostname),
    CALL(setdomainname), CALL(settimeofday), CALL(clock_settime), CALL(quotactl), CALL(acct),
    {428, "open_tree"}, {429, "move_mount"}, {430, "fsopen"}, {432, "fsmount"},
};

// Not there, so that callers fall back to what can be examined: io_uring, clone3, openat2.
static const int absent[] = {425, 426, 427, 435, 437};

// MARK: The handler

static atomic_bool reports;

void csandbox_report(void) { atomic_store(&reports, true); }

struct text {
  char bytes[CSANDBOX_MESSAGE_BYTES];
  size_t length;
};

static void append(struct text *text, const char *part) {
  while (*part != 0 && text->length < sizeof(text->bytes)) text->bytes[text->length++] = *part++;
}

static void report(const char *what, const char *path) {
  if (csandbox_requests < 0 || !atomic_load(&reports)) return;
  struct text text = {.length = 0};
  text.bytes[text.length++] = CSANDBOX_WAS_REFUSED;
  append(&text, what);
  if (path != NULL) append(&text, path);
  // Not waited for: a report that cannot be sent is lost.
  send(csandbox_requests, text.bytes, text.length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

// Whether the kernel can read the path, and so this process.
static bool is_readable(const char *path) {
  struct stat status;
  return path != NULL && (stat(path, &status) == 0 || errno != EFAULT);
}

// `/proc/self/task/THREAD/stat` for `/proc/THREAD/stat`, where a library looks for its own threads; false for others.
static bool find_thread(const char *path, char *found) {
  if (strncmp(path, "/proc/", 6) != 0) return false;
  size_t digits = strspn(path + 6, "0123456789");
  if (digits == 0 || digits > 10 || strcmp(path + 6 + digits, "/stat") != 0) return false;
  strcpy(found, "/proc/self/task/");
  strcat(found, path + 6);
  return true;
}

static long examine(int folder, const char *path, int flags) {
  long result = syscall(SYS_openat, folder, path, flags, 0, 0, (long)OWN_CALL);
  if (result >= 0) return result;
  long error = errno;
  char thread[64];
  if (error == EACCES && find_thread(path, thread)) {
    result = syscall(SYS_openat, AT_FDCWD, thread, flags, 0, 0, (long)OWN_CALL);
    if (result >= 0) return result;
  }
  if (error == EACCES) report("open ", path);
  return -error;
}

static void handle(int signal, siginfo_t *information, void *raw) {
  (void)signal;
  ucontext_t *context = raw;
  int saved = errno;
#if defined(__x86_64__)
  greg_t *registers = context->uc_mcontext.gregs;
  const long arguments[] = {registers[REG_RDI], registers[REG_RSI], registers[REG_RDX]};
#define RESULT registers[REG_RAX]
#else
  const unsigned long long *arguments = context->uc_mcontext.regs;
#define RESULT context->uc_mcontext.regs[0]
#endif
  long result = -EACCES;
  int number = information->si_syscall;
  bool opens = number == SYS_openat;
  int folder = opens ? (int)arguments[0] : AT_FDCWD;
  const char *path = (const char *)arguments[opens ? 1 : 0];
  int flags = (int)arguments[opens ? 2 : 1];
#if defined(__x86_64__)
  opens = opens || number == SYS_open;
#endif
  if (opens && information->si_errno == EXAMINED) {
    result = examine(folder, path, flags);
  } else if (opens) {
    report("write to ", is_readable(path) ? path : NULL);
  } else {
    const char *name = "a system call";
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
      if (refused[i].number == number) name = refused[i].name;
    }
    report(name, NULL);
  }
  RESULT = result;
  errno = saved;
}

// MARK: The filter

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(condition, value, yes, no) BPF_JUMP(BPF_JMP | BPF_K | (condition), value, yes, no)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)

enum { MOST_STEPS = 256 };

struct filter {
  struct sock_filter steps[MOST_STEPS];
  unsigned short count;
};

static void add(struct filter *filter, struct sock_filter step) {
  if (filter->count < MOST_STEPS) filter->steps[filter->count++] = step;
}

// What `number` gives, after which the number is loaded again.
static void add_result(struct filter *filter, int number, uint32_t result) {
  add(filter, (struct sock_filter)IF(BPF_JEQ, (uint32_t)number, 0, 1));
  add(filter, (struct sock_filter)RETURN(result));
}

// To write is refused; a path that is read is examined.
static void add_open(struct filter *filter, int number, int flags) {
  const uint32_t writes = O_ACCMODE | O_CREAT | O_TRUNC | (__O_TMPFILE & ~O_DIRECTORY);
  add(filter, (struct sock_filter)IF(BPF_JEQ, (uint32_t)number, 0, 6));
  add(filter, (struct sock_filter)BPF_STMT(
                  BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)flags)));
  add(filter, (struct sock_filter)IF(BPF_JSET, writes, 0, 1));
  add(filter, (struct sock_filter)RETURN(SECCOMP_RET_TRAP | REFUSED));
  add(filter, (struct sock_filter)LOAD(args[5]));
  add(filter, (struct sock_filter)IF(BPF_JEQ, OWN_CALL, 1, 0));
  add(filter, (struct sock_filter)RETURN(SECCOMP_RET_TRAP | EXAMINED));
  add(filter, (struct sock_filter)LOAD(nr));
}

// New threads and processes are allowed, new namespaces are not.
static void add_clone(struct filter *filter) {
  const uint32_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                              CLONE_NEWPID | CLONE_NEWNET;
  add(filter, (struct sock_filter)IF(BPF_JEQ, SYS_clone, 0, 4));
  add(filter, (struct sock_filter)LOAD(args[0]));
  add(filter, (struct sock_filter)IF(BPF_JSET, namespaces, 0, 1));
  add(filter, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM));
  add(filter, (struct sock_filter)LOAD(nr));
}

bool csandbox_grants_calls(void) {
  uint32_t action = SECCOMP_RET_TRAP;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

unsigned csandbox_calls(void) {
  struct filter filter = {.count = 0};
  add(&filter, (struct sock_filter)LOAD(arch));
  add(&filter, (struct sock_filter)IF(BPF_JEQ, ARCHITECTURE, 1, 0));
  add(&filter, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
  add(&filter, (struct sock_filter)LOAD(nr));
#if defined(__x86_64__)
  // Numbers of the other interface of this processor.
  add(&filter, (struct sock_filter)IF(BPF_JGE, 0x40000000, 0, 1));
  add(&filter, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS));
#endif
  add_open(&filter, SYS_openat, 2);
#if defined(__x86_64__)
  add_open(&filter, SYS_open, 1);
#endif
  add_clone(&filter);
  for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++) {
    add_result(&filter, absent[i], SECCOMP_RET_ERRNO | ENOSYS);
  }
  for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
    add_result(&filter, refused[i].number, SECCOMP_RET_TRAP | REFUSED);
  }
  add(&filter, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
  if (filter.count == MOST_STEPS) return 0;

  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGSYS, &action, NULL) != 0) return 0;
  struct sock_fprog program = {.len = filter.count, .filter = filter.steps};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? CSANDBOX_CALLS : 0;
}

#endif
