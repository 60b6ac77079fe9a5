// Waiting for descriptors.

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cgrpc.h"

struct cgrpc_poller {
  int epoll;  // owned
  int wake;   // owned
};

enum { MOST_EVENTS = 64 };

static bool add(cgrpc_poller *poller, int descriptor, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  return epoll_ctl(poller->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

cgrpc_poller *cgrpc_poller_create(void) {
  cgrpc_poller *poller = malloc(sizeof(*poller));
  if (poller == NULL) return NULL;
  poller->epoll = epoll_create1(EPOLL_CLOEXEC);
  poller->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (poller->epoll < 0 || poller->wake < 0 || !add(poller, poller->wake, EPOLLIN)) {
    cgrpc_poller_destroy(poller);
    return NULL;
  }
  return poller;
}

void cgrpc_poller_destroy(cgrpc_poller *poller) {
  if (poller->epoll >= 0) close(poller->epoll);
  if (poller->wake >= 0) close(poller->wake);
  free(poller);
}

bool cgrpc_poller_add(cgrpc_poller *poller, int descriptor, cgrpc_watch watch) {
  switch (watch) {
    case CGRPC_WATCH_READABLE: return add(poller, descriptor, EPOLLIN);
    case CGRPC_WATCH_ARRIVAL: return add(poller, descriptor, EPOLLIN | EPOLLET);
    // Hang-up and error are reported unasked.
    case CGRPC_WATCH_HANGUP: return add(poller, descriptor, 0);
  }
  return false;
}

void cgrpc_poller_remove(cgrpc_poller *poller, int descriptor) {
  epoll_ctl(poller->epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int cgrpc_poller_wait(cgrpc_poller *poller, int *descriptors, int capacity, int milliseconds) {
  struct epoll_event events[MOST_EVENTS];
  int found = epoll_wait(poller->epoll, events, capacity < MOST_EVENTS ? capacity : MOST_EVENTS, milliseconds);
  for (int i = 0; i < found; i++) {
    descriptors[i] = events[i].data.fd == poller->wake ? -1 : events[i].data.fd;
    uint64_t count;
    if (descriptors[i] == -1 && read(poller->wake, &count, sizeof(count)) < 0) continue;
  }
  return found < 0 ? 0 : found;
}

void cgrpc_poller_wake(cgrpc_poller *poller) {
  uint64_t one = 1;
  // Fails only when the counter is full, and then a wake is due anyway.
  if (write(poller->wake, &one, sizeof(one)) < 0) return;
}
