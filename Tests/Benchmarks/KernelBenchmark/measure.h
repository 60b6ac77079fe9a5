// What the benchmark measures.
#ifndef MEASURE_H
#define MEASURE_H

#include "ckernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// GB/s of reading 256 MiB with `threads` threads.
double measure_read(size_t threads);
// Prints one line; false when the level in use differs from the reference.
bool measure_matmul(ck_type type, size_t rows, size_t cols, size_t tokens);
// Attention, activations, exponentials, argmax.
void measure_rest(void);

#endif
