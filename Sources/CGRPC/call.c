// One call, on either side.

#include "internal.h"

#define SAME(name) _Static_assert((int)CGRPC_STATUS_##name == (int)GRPC_STATUS_##name, "status codes mirror the core's")
SAME(OK);
SAME(CANCELLED);
SAME(UNKNOWN);
SAME(INVALID_ARGUMENT);
SAME(DEADLINE_EXCEEDED);
SAME(NOT_FOUND);
SAME(ALREADY_EXISTS);
SAME(PERMISSION_DENIED);
SAME(RESOURCE_EXHAUSTED);
SAME(FAILED_PRECONDITION);
SAME(ABORTED);
SAME(OUT_OF_RANGE);
SAME(UNIMPLEMENTED);
SAME(INTERNAL);
SAME(UNAVAILABLE);
SAME(DATA_LOSS);
SAME(UNAUTHENTICATED);
#undef SAME
#define SAME(ours, theirs) _Static_assert((int)ours == 1 << (int)theirs, "operation bits follow the core's numbers")
SAME(CGRPC_SEND_INITIAL_METADATA, GRPC_OP_SEND_INITIAL_METADATA);
SAME(CGRPC_SEND_MESSAGE, GRPC_OP_SEND_MESSAGE);
SAME(CGRPC_SEND_CLOSE, GRPC_OP_SEND_CLOSE_FROM_CLIENT);
SAME(CGRPC_SEND_STATUS, GRPC_OP_SEND_STATUS_FROM_SERVER);
SAME(CGRPC_RECEIVE_INITIAL_METADATA, GRPC_OP_RECV_INITIAL_METADATA);
SAME(CGRPC_RECEIVE_MESSAGE, GRPC_OP_RECV_MESSAGE);
SAME(CGRPC_RECEIVE_STATUS, GRPC_OP_RECV_STATUS_ON_CLIENT);
SAME(CGRPC_RECEIVE_CLOSE, GRPC_OP_RECV_CLOSE_ON_SERVER);
#undef SAME

enum { OPERATION_KINDS = 8 };

cgrpc_call *cgrpc_call_wrap(grpc_call *core) {
  cgrpc_call *call = allocate(sizeof(cgrpc_call));
  call->call = core;
  grpc_metadata_array_init(&call->initial.array);
  grpc_metadata_array_init(&call->trailing.array);
  call->status_message = grpc_empty_slice();
  call->status = GRPC_STATUS_UNKNOWN;
  count(&cgrpc_counters.calls, 1);
  return call;
}

void cgrpc_call_destroy(cgrpc_call *call) {
  if (call->sent_message != NULL) cgrpc_bytes_destroy((cgrpc_bytes *)call->sent_message);
  if (call->message != NULL) grpc_byte_buffer_destroy(call->message);
  if (call->sent_initial != NULL) cgrpc_metadata_destroy(call->sent_initial);
  if (call->sent_trailing != NULL) cgrpc_metadata_destroy(call->sent_trailing);
  grpc_metadata_array_destroy(&call->initial.array);
  grpc_metadata_array_destroy(&call->trailing.array);
  grpc_slice_unref(call->status_message);
  grpc_call_unref(call->call);
  gpr_free(call);
  count(&cgrpc_counters.calls, -1);
}

// Moves what the batch carries into the call. What an earlier, refused batch left is replaced.
static void keep(cgrpc_call *call, const cgrpc_batch *batch) {
  if (batch->message != NULL) {
    if (call->sent_message != NULL) cgrpc_bytes_destroy((cgrpc_bytes *)call->sent_message);
    call->sent_message = bytes_unwrap(batch->message);
  }
  if (batch->initial != NULL) {
    if (call->sent_initial != NULL) cgrpc_metadata_destroy(call->sent_initial);
    call->sent_initial = batch->initial;
  }
  if (batch->trailing != NULL) {
    if (call->sent_trailing != NULL) cgrpc_metadata_destroy(call->sent_trailing);
    call->sent_trailing = batch->trailing;
  }
}

static void set_send_status(grpc_op *op, const cgrpc_batch *batch, grpc_slice *message) {
  op->data.send_status_from_server.status = (grpc_status_code)batch->status;
  op->data.send_status_from_server.status_details = message;
  if (batch->trailing != NULL) {
    op->data.send_status_from_server.trailing_metadata_count = batch->trailing->array.count;
    op->data.send_status_from_server.trailing_metadata = batch->trailing->array.metadata;
  }
}

static void set_receive_status(grpc_op *op, cgrpc_call *call) {
  op->data.recv_status_on_client.trailing_metadata = &call->trailing.array;
  op->data.recv_status_on_client.status = &call->status;
  op->data.recv_status_on_client.status_details = &call->status_message;
}

static void set(grpc_op *op, cgrpc_call *call, const cgrpc_batch *batch, grpc_slice *status_message) {
  switch (op->op) {
    case GRPC_OP_SEND_INITIAL_METADATA:
      if (batch->wait_for_ready) {
        op->flags = GRPC_INITIAL_METADATA_WAIT_FOR_READY | GRPC_INITIAL_METADATA_WAIT_FOR_READY_EXPLICITLY_SET;
      }
      if (batch->initial != NULL) {
        op->data.send_initial_metadata.count = batch->initial->array.count;
        op->data.send_initial_metadata.metadata = batch->initial->array.metadata;
      }
      break;
    case GRPC_OP_SEND_MESSAGE:
      op->data.send_message.send_message = call->sent_message;
      break;
    case GRPC_OP_SEND_CLOSE_FROM_CLIENT:
      break;
    case GRPC_OP_SEND_STATUS_FROM_SERVER:
      set_send_status(op, batch, status_message);
      break;
    case GRPC_OP_RECV_INITIAL_METADATA:
      op->data.recv_initial_metadata.recv_initial_metadata = &call->initial.array;
      break;
    case GRPC_OP_RECV_MESSAGE:
      op->data.recv_message.recv_message = &call->message;
      break;
    case GRPC_OP_RECV_STATUS_ON_CLIENT:
      set_receive_status(op, call);
      break;
    case GRPC_OP_RECV_CLOSE_ON_SERVER:
      op->data.recv_close_on_server.cancelled = &call->cancelled;
      break;
  }
}

bool cgrpc_call_start(cgrpc_call *call, const cgrpc_batch *batch, void *tag) {
  grpc_op ops[OPERATION_KINDS];
  size_t used = 0;
  grpc_slice status_message = grpc_empty_slice();
  if (batch->status_message_length > 0) {
    status_message = grpc_slice_from_copied_buffer(batch->status_message, batch->status_message_length);
  }
  keep(call, batch);
  for (int kind = 0; kind < OPERATION_KINDS; kind++) {
    if ((batch->operations & (1u << kind)) == 0) continue;
    grpc_op *op = &ops[used++];
    memset(op, 0, sizeof(*op));
    op->op = (grpc_op_type)kind;
    set(op, call, batch, &status_message);
  }
  bool started = grpc_call_start_batch(call->call, ops, used, tag, NULL) == GRPC_CALL_OK;
  grpc_slice_unref(status_message);
  return started;
}

void cgrpc_call_cancel(cgrpc_call *call) { grpc_call_cancel(call->call, NULL); }

const cgrpc_metadata *cgrpc_call_get_initial_metadata(const cgrpc_call *call) { return &call->initial; }

const cgrpc_metadata *cgrpc_call_get_trailing_metadata(const cgrpc_call *call) { return &call->trailing; }

int32_t cgrpc_call_get_status(const cgrpc_call *call) { return (int32_t)call->status; }

const char *cgrpc_call_get_status_message(const cgrpc_call *call, size_t *length) {
  *length = GRPC_SLICE_LENGTH(call->status_message);
  return (const char *)GRPC_SLICE_START_PTR(call->status_message);
}

bool cgrpc_call_get_cancelled(const cgrpc_call *call) { return call->cancelled != 0; }

bool cgrpc_call_get_receive_failed(const cgrpc_call *call) {
  return grpc_call_failed_before_recv_message(call->call) != 0;
}

cgrpc_bytes *cgrpc_call_take_message(cgrpc_call *call) {
  grpc_byte_buffer *message = call->message;
  call->message = NULL;
  if (message != NULL) count(&cgrpc_counters.messages, 1);
  return (cgrpc_bytes *)message;
}

size_t cgrpc_call_copy_peer(cgrpc_call *call, char *destination, size_t capacity) {
  if (capacity == 0) return 0;
  char *peer = grpc_call_get_peer(call->call);
  size_t length = peer == NULL ? 0 : strlen(peer);
  if (length > capacity - 1) length = capacity - 1;
  if (length > 0) memcpy(destination, peer, length);
  destination[length] = 0;
  gpr_free(peer);
  return length;
}
