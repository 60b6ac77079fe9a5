// Sockets: the system calls behind the accept loop.

#define _GNU_SOURCE

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgrpc.h"

// Closes what a failed set-up leaves and returns its reason.
static int fail(int descriptor) {
  int reason = errno;
  close(descriptor);
  return -reason;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof(address->sun_path)) return -ENAMETOOLONG;
  memset(address, 0, sizeof(*address));
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

int cgrpc_socket_listen_unix(const char *path, int backlog) {
  struct sockaddr_un address;
  int bad = unix_address(path, &address);
  if (bad != 0) return bad;
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  // The file takes its mode from the unbound socket: no umask to change, no moment with another mode.
  if (fchmod(descriptor, 0600) != 0) return fail(descriptor);
  if (bind(descriptor, (struct sockaddr *)&address, sizeof(address)) != 0) return fail(descriptor);
  struct stat status;
  if (lstat(path, &status) != 0) return fail(descriptor);
  if ((status.st_mode & 0077) != 0 || status.st_uid != geteuid()) {
    unlink(path);
    errno = EPERM;
    return fail(descriptor);
  }
  if (listen(descriptor, backlog) != 0) {
    int reason = fail(descriptor);
    unlink(path);
    return reason;
  }
  return descriptor;
}

int cgrpc_socket_connect_unix(const char *path) {
  struct sockaddr_un address;
  int bad = unix_address(path, &address);
  if (bad != 0) return bad;
  // Non-blocking: a live listener with a full backlog answers EAGAIN instead of keeping us.
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  if (connect(descriptor, (struct sockaddr *)&address, sizeof(address)) != 0) return fail(descriptor);
  return descriptor;
}

int cgrpc_socket_accept(int listener) {
  int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}

int cgrpc_socket_get_credentials(int descriptor, uint32_t *uid, int32_t *pid) {
  struct ucred credentials;
  socklen_t length = sizeof(credentials);
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -errno;
  *uid = credentials.uid;
  *pid = credentials.pid;
  return 0;
}
