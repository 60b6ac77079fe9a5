// Files across the border of a sandbox: asked for on one side, opened on the other.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;

union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

int csandbox_connect(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

static int open_directly(const char *path, bool refuses_links, uint64_t flags) {
  flags |= O_CLOEXEC;
  if (!refuses_links) return open(path, (int)flags);
  struct open_how how = {.flags = flags, .resolve = RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

// The answer to a request: an error number, and with 0 a descriptor.
static int receive_file(void) {
  int error = 0;
  union control control;
  struct iovec part = {.iov_base = &error, .iov_len = sizeof(error)};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
  ssize_t length;
  do {
    length = recvmsg(csandbox_requests, &message, MSG_CMSG_CLOEXEC);
  } while (length < 0 && errno == EINTR);
  if (length != sizeof(error)) error = EIO;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (error == 0 && header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(header), sizeof(descriptor));
    return descriptor;
  }
  // No descriptor came with a success: this process has no number left for one.
  errno = error == 0 ? EMFILE : error;
  return -1;
}

int csandbox_open(const char *path, bool refuses_links) {
  if (csandbox_requests < 0) return open_directly(path, refuses_links, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  char request[CSANDBOX_MESSAGE_BYTES];
  size_t length = strlen(path);
  if (length >= sizeof(request)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  request[0] = refuses_links ? CSANDBOX_ASKS_NO_LINKS : CSANDBOX_ASKS;
  memcpy(request + 1, path, length);
  pthread_mutex_lock(&asking);
  ssize_t sent;
  do {
    sent = send(csandbox_requests, request, length + 1, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  int descriptor = sent < 0 ? -1 : receive_file();
  int reason = errno;
  pthread_mutex_unlock(&asking);
  errno = reason;
  return descriptor;
}

static void answer(int requests, int error, int descriptor) {
  union control control = {0};
  struct iovec part = {.iov_base = &error, .iov_len = sizeof(error)};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (error == 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof(control.bytes);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  }
  // Who asked may have ended; one that asks without reading its answers is not waited for.
  sendmsg(requests, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void csandbox_refuse(int requests, int error) { answer(requests, error, -1); }

void csandbox_answer(int requests, const char *path, bool refuses_links) {
  // Found without being opened: to open a device can have side effects.
  int found = open_directly(path, refuses_links, O_PATH);
  if (found < 0) return csandbox_refuse(requests, errno);
  struct stat status;
  if (fstat(found, &status) != 0) {
    csandbox_refuse(requests, errno);
  } else if (!S_ISREG(status.st_mode)) {
    // It can be looked at, but not read.
    answer(requests, 0, found);
  } else {
    char same[64];
    snprintf(same, sizeof(same), "/proc/self/fd/%d", found);
    int file = open(same, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
      csandbox_refuse(requests, errno);
    } else {
      answer(requests, 0, file);
      close(file);
    }
  }
  close(found);
}
