// System calls that Swift's Glibc module does not show.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>

// A descriptor of `bytes` zero bytes of memory without a file, which processes can share; closed on exec.
// Returns -1, with errno set, when the system has no descriptor or memory left.
int clinux_memory_create(const char *name, size_t bytes);

// Gives free memory of the allocator back to the system; takes some milliseconds.
void clinux_memory_trim(void);

#endif
