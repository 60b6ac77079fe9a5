// Memory without a file, for which Swift's Glibc has no function.
#define _GNU_SOURCE
#include "workbench_host.h"

#include <sys/mman.h>
#include <unistd.h>

int wb_shared_memory(size_t bytes) {
  int descriptor = memfd_create("workbench-plugins", MFD_CLOEXEC);
  if (descriptor >= 0 && ftruncate(descriptor, (off_t)bytes) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}
