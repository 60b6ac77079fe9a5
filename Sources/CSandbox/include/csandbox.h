// Takes from a process what it does not need: files, the network, most system calls.
#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The means that a kernel may grant.
enum {
  CSANDBOX_FILES = 1,      // Landlock: opens nothing but what it was given
  CSANDBOX_TCP = 2,        // Landlock: no TCP
  CSANDBOX_SIGNALS = 4,    // Landlock: no signals to other processes, no abstract sockets
  CSANDBOX_CALLS = 8,      // seccomp: no new sockets, programs, mounts, changes to files
  CSANDBOX_NAMESPACE = 16  // a network namespace without interfaces
};

// Locks the process in for good and returns the means that hold, as bits. Call it before the second thread.
//
// `readable` are files and folders that it may still read by itself, beside the system's libraries; what does not exist
// is left out. Through `requests`, one end of a SOCK_SEQPACKET pair, it asks the other end for further files and says
// what was refused; -1: it does neither.
unsigned csandbox_enter(const char *const *readable, size_t count, int requests);

// From now on, says what was refused: libraries try things out while they start.
void csandbox_report(void);

// Opens a file for reading, without waiting for pipes: in a sandbox by asking for it, elsewhere directly. Returns -1,
// with errno set, on failure.
int csandbox_open(const char *path, bool refuses_links);

// The kinds of message that a process in a sandbox sends, in the first byte; text follows.
enum {
  CSANDBOX_ASKS = 'o',           // for the file of this path
  CSANDBOX_ASKS_NO_LINKS = 'n',  // the same, where no part of the path is a symbolic link
  CSANDBOX_WAS_REFUSED = 'r'     // this
};

// Bytes of such a message.
enum { CSANDBOX_MESSAGE_BYTES = 4352 };

// Both ends of a connection for requests: [0] for the one who answers. Returns -1, with errno set, on failure.
int csandbox_connect(int ends[2]);

// Answers a request with the file at `path`, which the answering process opens, or with the reason why it cannot.
void csandbox_answer(int requests, const char *path, bool refuses_links);

// Answers a request with an error number.
void csandbox_refuse(int requests, int error);

#endif
