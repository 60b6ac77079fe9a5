// Sockets: the system calls behind the accept loop.

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
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

static int listen_at(const struct addrinfo *address, int backlog, uint16_t *port) {
  int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  int on = 1;
  // REUSEADDR lets a restart pass connections in TIME_WAIT; unlike REUSEPORT it never shares a live port.
  if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) return fail(descriptor);
  if (address->ai_family == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (bind(descriptor, address->ai_addr, address->ai_addrlen) != 0) return fail(descriptor);
  if (listen(descriptor, backlog) != 0) return fail(descriptor);
  struct sockaddr_storage bound;
  socklen_t length = sizeof(bound);
  if (getsockname(descriptor, (struct sockaddr *)&bound, &length) != 0) return fail(descriptor);
  *port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                            : ((struct sockaddr_in *)&bound)->sin_port);
  return descriptor;
}

int cgrpc_socket_listen_tcp(const char *host, uint16_t *port, int backlog) {
  char service[8];
  snprintf(service, sizeof(service), "%u", (unsigned)*port);
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  if (getaddrinfo(host, service, &hints, &found) != 0) return -EADDRNOTAVAIL;
  int result = -EADDRNOTAVAIL;
  // The first address that works; "localhost" may name one family that this machine lacks.
  for (struct addrinfo *each = found; each != NULL && result < 0 && result != -EADDRINUSE; each = each->ai_next) {
    result = listen_at(each, backlog, port);
  }
  freeaddrinfo(found);
  return result;
}

int cgrpc_socket_accept(int listener) {
  int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) return -errno;
  int on = 1;
  // Fails harmlessly on unix sockets; small messages must not wait for Nagle on TCP.
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return descriptor;
}

int cgrpc_socket_get_credentials(int descriptor, uint32_t *uid, int32_t *pid) {
  struct ucred credentials;
  socklen_t length = sizeof(credentials);
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -errno;
  *uid = credentials.uid;
  *pid = credentials.pid;
  return 0;
}

void cgrpc_socket_copy_address(int descriptor, char *destination, size_t capacity) {
  if (capacity == 0) return;
  destination[0] = 0;
  struct sockaddr_storage peer;
  socklen_t length = sizeof(peer);
  if (getpeername(descriptor, (struct sockaddr *)&peer, &length) != 0) return;
  char host[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    struct sockaddr_in *address = (struct sockaddr_in *)&peer;
    inet_ntop(AF_INET, &address->sin_addr, host, sizeof(host));
    snprintf(destination, capacity, "%s:%u", host, (unsigned)ntohs(address->sin_port));
  } else if (peer.ss_family == AF_INET6) {
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)&peer;
    inet_ntop(AF_INET6, &address->sin6_addr, host, sizeof(host));
    snprintf(destination, capacity, "[%s]:%u", host, (unsigned)ntohs(address->sin6_port));
  }
}
