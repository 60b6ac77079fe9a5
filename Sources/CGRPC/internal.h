// Shared by the C files of CGRPC. Each pointer field says who owns it.

#ifndef CGRPC_INTERNAL_H
#define CGRPC_INTERNAL_H

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_posix.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cgrpc.h"

// A cgrpc_queue is a grpc_completion_queue and a cgrpc_bytes a grpc_byte_buffer under another name: only cast.
static inline grpc_completion_queue *queue_unwrap(cgrpc_queue *queue) { return (grpc_completion_queue *)queue; }
static inline grpc_byte_buffer *bytes_unwrap(cgrpc_bytes *bytes) { return (grpc_byte_buffer *)bytes; }

struct cgrpc_arguments {
  grpc_channel_args list;      // owned array; keys and strings owned
  size_t capacity;             // of the array
  grpc_resource_quota *quota;  // owned reference, or null
};

struct cgrpc_metadata {
  grpc_metadata_array array;  // owned
  bool owns_slices;           // false: the slices belong to the call that received them
};

struct cgrpc_call {
  grpc_call *call;                  // owned reference
  cgrpc_metadata *sent_initial;     // owned, or null; kept as long as the call
  cgrpc_metadata *sent_trailing;    // owned, or null; kept as long as the call
  grpc_byte_buffer *sent_message;   // owned, or null; the core has emptied it
  grpc_byte_buffer *message;        // owned, or null; received and not yet taken
  cgrpc_metadata initial;           // received; slices belong to `call`
  cgrpc_metadata trailing;          // received; slices belong to `call`
  grpc_slice status_message;        // owned reference
  grpc_status_code status;
  int cancelled;
};

struct cgrpc_incoming {
  grpc_call *call;            // owned reference until taken, or null
  grpc_call_details details;  // owned slices
  cgrpc_metadata metadata;    // slices belong to the call
};

struct cgrpc_server {
  grpc_server *server;          // owned
  grpc_completion_queue *queue;  // borrowed; outlives the server
};

struct cgrpc_channel {
  grpc_channel *channel;  // owned
};

// The counters behind cgrpc_library_get_counts.
typedef struct counters {
  atomic_llong calls, messages, metadata, incoming, servers, channels;
} counters;
extern counters cgrpc_counters;

static inline void count(atomic_llong *counter, int change) {
  atomic_fetch_add_explicit(counter, change, memory_order_relaxed);
}

// Allocation that ends the process when memory is out, as the core's own does.
static inline void *allocate(size_t size) { return gpr_zalloc(size); }

// Wraps a call that the core handed out.
cgrpc_call *cgrpc_call_wrap(grpc_call *call);

#endif
