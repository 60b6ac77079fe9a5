#define _GNU_SOURCE
#include "csystem.h"

#include <sys/mman.h>
#include <unistd.h>

int csystem_memory_create(const char *name, size_t bytes) {
  int descriptor = memfd_create(name, MFD_CLOEXEC);
  if (descriptor >= 0 && ftruncate(descriptor, (off_t)bytes) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}
