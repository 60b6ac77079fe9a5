#define _GNU_SOURCE
#include <fcntl.h>
#include <stddef.h>

// Opens /dev/null for each of the descriptors 0 to 2 that is closed when the program starts, so that no library's
// descriptor becomes standard input or output. Reading and writing them still fails, since each is opened for the
// opposite. This runs before the initializers of all libraries: libgrpc's open descriptors of their own.
static void reserve_standard_descriptors(void) {
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest free number is taken, which is this one.
    if (open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0) return;
  }
}

__attribute__((section(".preinit_array"), used)) static void (*const reserve)(void) = reserve_standard_descriptors;
