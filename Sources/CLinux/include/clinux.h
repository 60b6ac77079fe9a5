// System calls that Swift's Glibc module does not show.
//
// A program that links this module has something behind descriptors 0 to 2 before it starts (descriptors.c).
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>

// A descriptor of `bytes` zero bytes of memory without a file, which processes can share; closed on exec.
// Returns -1, with errno set, when the system has no descriptor or memory left.
int clinux_memory_create(const char *name, size_t bytes);

// Gives free memory of the allocator back to the system; takes some milliseconds.
void clinux_memory_trim(void);

// Keeps all threads to one heap. Otherwise each may reserve 64 MiB of address space for a heap of its own, and 128 MiB
// for a moment. Call it before the second thread.
void clinux_memory_share_heap(void);

// Makes this process the parent of what its children leave running. Returns -1, with errno set, where it cannot.
int clinux_adopt_orphans(void);

#endif
