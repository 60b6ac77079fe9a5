// What the trial of a library knows of the allocator.
#include "workbench_host.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { FILL = 0xA5, STEP = 16, SIZES = 256, BLOCKS = 16 };

long wb_allocated_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return (long)(info.uordblks + info.hblkhd);
}

// Blocks of many sizes that were written to and freed are what the next ones are made of.
void wb_fill_allocations(void) {
  static void *blocks[SIZES * BLOCKS];
  for (int index = 0; index < SIZES * BLOCKS; index++) {
    size_t size = (size_t)(index % SIZES + 1) * STEP;
    blocks[index] = malloc(size);
    if (blocks[index]) { memset(blocks[index], FILL, size); }
  }
  // The last one stays: memory at the end of the heap would go back to the system.
  for (int index = 0; index < SIZES * BLOCKS - 1; index++) { free(blocks[index]); }
}
