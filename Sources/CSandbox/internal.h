// Shared by the C files of CSandbox.
#ifndef CSANDBOX_INTERNAL_H
#define CSANDBOX_INTERNAL_H

#define _GNU_SOURCE

#include "csandbox.h"

// The connection of this process for requests, or -1.
extern int csandbox_requests;

// Whether the kernel filters system calls as `csandbox_calls` asks for.
bool csandbox_grants_calls(void);

// Denies files, TCP and signals by Landlock; returns the means that hold.
unsigned csandbox_landlock(const char *const *readable, size_t count);

// Denies system calls by seccomp; returns the means that hold.
unsigned csandbox_calls(void);

#endif
