// What the trial of a library knows of the allocator.
#include "workbench_host.h"

#include <malloc.h>

enum { FILL = 0xA5 };

long wb_allocated_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return (long)(info.uordblks + info.hblkhd);
}

void wb_fill_allocations(void) { mallopt(M_PERTURB, FILL); }
