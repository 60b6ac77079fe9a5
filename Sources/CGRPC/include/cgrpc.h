// CGRPC: the only door to libgrpc's C core (1.51, core 29). No grpc header is needed to use this one.
//
// Verbs: `create`/`destroy` own, `get` borrows until the owner changes or dies, `copy` gives bytes to the caller's
// memory, `take` moves ownership (into the callee for a parameter so marked, to the caller for a result).
// Every pointer argument must be non-null unless it says otherwise. Strings end in NUL unless a length goes with them.
// A function that returns `bool` returns false when it did nothing.

#ifndef CGRPC_H
#define CGRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cgrpc_queue cgrpc_queue;          // where finished operations come out
typedef struct cgrpc_server cgrpc_server;        // accepts connections and calls
typedef struct cgrpc_channel cgrpc_channel;      // a client's connection
typedef struct cgrpc_call cgrpc_call;            // one call, either side
typedef struct cgrpc_incoming cgrpc_incoming;    // a place for the server's next call
typedef struct cgrpc_metadata cgrpc_metadata;    // an ordered list of keys and values
typedef struct cgrpc_bytes cgrpc_bytes;          // one message
typedef struct cgrpc_arguments cgrpc_arguments;  // named settings of a server or channel
typedef struct cgrpc_poller cgrpc_poller;        // watches descriptors for the accept loop

// ---- library ----------------------------------------------------------------------------------------------------

// Called with each line that the core logs at error level, on any thread. Must not call back into CGRPC.
typedef void (*cgrpc_log_function)(const char *file, int line, const char *message);

// Starts the core; must precede everything else. `log` may be null: lines are then dropped.
void cgrpc_library_start(cgrpc_log_function log);
// The core's version, such as "29.0.0"; static.
const char *cgrpc_library_get_version(void);

// Objects that exist now, by noun; for leak tests.
typedef struct cgrpc_counts {
  int64_t calls, messages, metadata, incoming, servers, channels;
} cgrpc_counts;
cgrpc_counts cgrpc_library_get_counts(void);

// ---- queue ------------------------------------------------------------------------------------------------------

typedef enum cgrpc_event_kind {
  CGRPC_EVENT_SHUTDOWN = 0,
  CGRPC_EVENT_TIMEOUT = 1,
  CGRPC_EVENT_COMPLETION = 2,
} cgrpc_event_kind;

typedef struct cgrpc_event {
  cgrpc_event_kind kind;
  bool ok;    // false: the operation failed; only for COMPLETION
  void *tag;  // as it was given; only for COMPLETION
} cgrpc_event;

cgrpc_queue *cgrpc_queue_create(void);
// After shutdown the queue drains and then yields SHUTDOWN; only then may it be destroyed.
void cgrpc_queue_shutdown(cgrpc_queue *queue);
void cgrpc_queue_destroy(cgrpc_queue *queue);
// Blocks until something finishes. One thread at a time; that thread also does the queue's I/O.
cgrpc_event cgrpc_queue_next(cgrpc_queue *queue);

// ---- arguments --------------------------------------------------------------------------------------------------

cgrpc_arguments *cgrpc_arguments_create(void);
void cgrpc_arguments_destroy(cgrpc_arguments *arguments);
// Adds a setting; key and value are copied. A later setting of the same key does not replace an earlier one.
void cgrpc_arguments_add_integer(cgrpc_arguments *arguments, const char *key, int32_t value);
void cgrpc_arguments_add_string(cgrpc_arguments *arguments, const char *key, const char *value);
// Bounds the memory for connections and messages of what is made with these arguments. At most once.
void cgrpc_arguments_add_quota(cgrpc_arguments *arguments, size_t bytes);

// ---- metadata ---------------------------------------------------------------------------------------------------

cgrpc_metadata *cgrpc_metadata_create(size_t capacity);
void cgrpc_metadata_destroy(cgrpc_metadata *metadata);
// Appends a copy; false when the core would refuse the key or (without a "-bin" key) the value.
bool cgrpc_metadata_add(cgrpc_metadata *metadata, const char *key, size_t key_length, const uint8_t *value,
                        size_t value_length);
size_t cgrpc_metadata_get_count(const cgrpc_metadata *metadata);
// `index` must be below the count. The result is not NUL-terminated.
const char *cgrpc_metadata_get_key(const cgrpc_metadata *metadata, size_t index, size_t *length);
const uint8_t *cgrpc_metadata_get_value(const cgrpc_metadata *metadata, size_t index, size_t *length);

// ---- bytes ------------------------------------------------------------------------------------------------------

// A message with a copy of `length` bytes; `source` may be null when length is 0.
cgrpc_bytes *cgrpc_bytes_create(const uint8_t *source, size_t length);
void cgrpc_bytes_destroy(cgrpc_bytes *bytes);
// The same message once more, in the same memory; null when `bytes` is broken.
cgrpc_bytes *cgrpc_bytes_share(const cgrpc_bytes *bytes);
size_t cgrpc_bytes_get_length(const cgrpc_bytes *bytes);
// Writes at most `capacity` bytes from the start of the message; returns how many.
size_t cgrpc_bytes_copy(cgrpc_bytes *bytes, uint8_t *destination, size_t capacity);

// ---- call -------------------------------------------------------------------------------------------------------

typedef enum cgrpc_status {
  CGRPC_STATUS_OK = 0,
  CGRPC_STATUS_CANCELLED = 1,
  CGRPC_STATUS_UNKNOWN = 2,
  CGRPC_STATUS_INVALID_ARGUMENT = 3,
  CGRPC_STATUS_DEADLINE_EXCEEDED = 4,
  CGRPC_STATUS_NOT_FOUND = 5,
  CGRPC_STATUS_ALREADY_EXISTS = 6,
  CGRPC_STATUS_PERMISSION_DENIED = 7,
  CGRPC_STATUS_RESOURCE_EXHAUSTED = 8,
  CGRPC_STATUS_FAILED_PRECONDITION = 9,
  CGRPC_STATUS_ABORTED = 10,
  CGRPC_STATUS_OUT_OF_RANGE = 11,
  CGRPC_STATUS_UNIMPLEMENTED = 12,
  CGRPC_STATUS_INTERNAL = 13,
  CGRPC_STATUS_UNAVAILABLE = 14,
  CGRPC_STATUS_DATA_LOSS = 15,
  CGRPC_STATUS_UNAUTHENTICATED = 16,
} cgrpc_status;

// What a batch does; a set of bits. Each may be in flight once a call at a time.
typedef enum cgrpc_operation {
  CGRPC_SEND_INITIAL_METADATA = 1 << 0,
  CGRPC_SEND_MESSAGE = 1 << 1,
  CGRPC_SEND_CLOSE = 1 << 2,   // client only
  CGRPC_SEND_STATUS = 1 << 3,  // server only
  CGRPC_RECEIVE_INITIAL_METADATA = 1 << 4,
  CGRPC_RECEIVE_MESSAGE = 1 << 5,
  CGRPC_RECEIVE_STATUS = 1 << 6,  // client only
  CGRPC_RECEIVE_CLOSE = 1 << 7,   // server only
} cgrpc_operation;

typedef struct cgrpc_batch {
  uint32_t operations;              // cgrpc_operation bits
  bool wait_for_ready;              // with SEND_INITIAL_METADATA, client: queue instead of failing when unconnected
  cgrpc_metadata *initial;          // taken; may be null; SEND_INITIAL_METADATA
  cgrpc_bytes *message;             // taken; SEND_MESSAGE
  int32_t status;                   // SEND_STATUS
  const char *status_message;       // borrowed for the call of start; may be null when the length is 0; SEND_STATUS
  size_t status_message_length;
  cgrpc_metadata *trailing;         // taken; may be null; SEND_STATUS
} cgrpc_batch;

// Starts a batch whose end comes out of the call's queue as `tag`. What the batch takes is taken either way. False:
// the core refused it, the tag will not come. One thread at a time for each call.
bool cgrpc_call_start(cgrpc_call *call, const cgrpc_batch *batch, void *tag);
// Ends the call early; all that is in flight finishes soon. Any thread, any number of times.
void cgrpc_call_cancel(cgrpc_call *call);
// No batch may be in flight.
void cgrpc_call_destroy(cgrpc_call *call);
// Results, each valid once the batch that received it has come out of the queue.
const cgrpc_metadata *cgrpc_call_get_initial_metadata(const cgrpc_call *call);
const cgrpc_metadata *cgrpc_call_get_trailing_metadata(const cgrpc_call *call);
int32_t cgrpc_call_get_status(const cgrpc_call *call);
const char *cgrpc_call_get_status_message(const cgrpc_call *call, size_t *length);
// Whether RECEIVE_CLOSE saw the call end before the server sent a status.
bool cgrpc_call_get_cancelled(const cgrpc_call *call);
// Whether the last RECEIVE_MESSAGE came back empty because of an error rather than at the end of the stream.
bool cgrpc_call_get_receive_failed(const cgrpc_call *call);
// The received message; null when the stream had ended or failed. The caller owns it.
cgrpc_bytes *cgrpc_call_take_message(cgrpc_call *call);
// Writes the other side's address as the core names it ("ipv4:127.0.0.1:4711", "fd:12") with a NUL, cut to fit.
// Returns the length without the NUL.
size_t cgrpc_call_copy_peer(cgrpc_call *call, char *destination, size_t capacity);

// ---- server -----------------------------------------------------------------------------------------------------

cgrpc_server *cgrpc_server_create(const cgrpc_arguments *arguments, cgrpc_queue *queue);
void cgrpc_server_start(cgrpc_server *server);
// Serves HTTP/2 on a connected, non-blocking socket, which is taken. Only after start.
void cgrpc_server_adopt(cgrpc_server *server, int descriptor);
// Asks for the next call of any method. False: the tag will not come. A tag that comes with ok false brings no call.
bool cgrpc_server_request_call(cgrpc_server *server, cgrpc_incoming *incoming, void *tag);
// Stops accepting; the tag comes when every connection has ended.
void cgrpc_server_shutdown(cgrpc_server *server, void *tag);
// Ends all calls and connections at once; only after shutdown.
void cgrpc_server_cancel_all(cgrpc_server *server);
// Only after a shutdown's tag has come.
void cgrpc_server_destroy(cgrpc_server *server);

cgrpc_incoming *cgrpc_incoming_create(void);
void cgrpc_incoming_destroy(cgrpc_incoming *incoming);
// The call that arrived; the caller owns it. Null when there was none or it has been taken.
cgrpc_call *cgrpc_incoming_take_call(cgrpc_incoming *incoming);
// The rest is valid while the call lives.
const char *cgrpc_incoming_get_method(const cgrpc_incoming *incoming, size_t *length);
const cgrpc_metadata *cgrpc_incoming_get_metadata(const cgrpc_incoming *incoming);
// Nanoseconds until the deadline, 0 when it has passed, INT64_MAX without one.
int64_t cgrpc_incoming_get_time_left(const cgrpc_incoming *incoming);

// ---- channel ----------------------------------------------------------------------------------------------------

// Without `tls` the rest is ignored. `roots` (PEM) may be null: the system's. `certificates` and `private_key` may be
// null. Connects at the first call. Never null.
cgrpc_channel *cgrpc_channel_create(const char *target, const cgrpc_arguments *arguments, bool tls, const char *roots,
                                    const char *certificates, const char *private_key);
// Speaks HTTP/2 on a connected socket, which is taken. Never null.
cgrpc_channel *cgrpc_channel_create_from_descriptor(const char *name, int descriptor,
                                                    const cgrpc_arguments *arguments);
void cgrpc_channel_destroy(cgrpc_channel *channel);
// A new call; the caller owns it. `timeout` in nanoseconds, INT64_MAX for none.
cgrpc_call *cgrpc_channel_create_call(cgrpc_channel *channel, cgrpc_queue *queue, const char *method,
                                      size_t method_length, int64_t timeout);
// Forgets the wait before the next attempt to connect.
void cgrpc_channel_reset_backoff(cgrpc_channel *channel);

// ---- socket -----------------------------------------------------------------------------------------------------
// Plain system calls that Swift cannot spell; each returns a descriptor (close-on-exec) or a negative errno.

// A listening socket at `path`, mode 0600 from its first instant, whatever the umask of the process. The path must
// be free.
int cgrpc_socket_listen_unix(const char *path, int backlog);
// A connection to `path`, non-blocking: >= 0 or -EAGAIN (its backlog is full) when a listener is alive, -ECONNREFUSED
// when the file is stale.
int cgrpc_socket_connect_unix(const char *path);
// The next connection, non-blocking.
int cgrpc_socket_accept(int listener);
// Credentials of a unix socket's other end; 0 or a negative errno.
int cgrpc_socket_get_credentials(int descriptor, uint32_t *uid, int32_t *pid);

// ---- poller -----------------------------------------------------------------------------------------------------
// epoll, which Swift's Glibc module leaves out.

typedef enum cgrpc_watch {
  CGRPC_WATCH_READABLE = 0,  // reported as long as there is something to read
  CGRPC_WATCH_ARRIVAL = 1,   // reported once each time something arrives
  CGRPC_WATCH_HANGUP = 2,    // reported when both directions have ended
} cgrpc_watch;

// Null when descriptors have run out.
cgrpc_poller *cgrpc_poller_create(void);
void cgrpc_poller_destroy(cgrpc_poller *poller);
bool cgrpc_poller_add(cgrpc_poller *poller, int descriptor, cgrpc_watch watch);
// Harmless for a descriptor that is not watched.
void cgrpc_poller_remove(cgrpc_poller *poller, int descriptor);
// Writes at most `capacity` descriptors that have something to report, -1 among them after a wake. Waits up to
// `milliseconds`, without a limit when negative. Returns how many, 0 also when interrupted.
int cgrpc_poller_wait(cgrpc_poller *poller, int *descriptors, int capacity, int milliseconds);
// Makes a wait return; any thread.
void cgrpc_poller_wake(cgrpc_poller *poller);

#endif
