#define _GNU_SOURCE
#include "clinux.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

int clinux_memory_create(const char *name, size_t bytes) {
  int descriptor = memfd_create(name, MFD_CLOEXEC);
  if (descriptor >= 0 && ftruncate(descriptor, (off_t)bytes) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}

void clinux_memory_trim(void) { malloc_trim(0); }

void clinux_memory_share_heap(void) { mallopt(M_ARENA_MAX, 1); }
