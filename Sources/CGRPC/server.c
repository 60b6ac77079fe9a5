// The server, and the place where its next call arrives.

#include "internal.h"

cgrpc_server *cgrpc_server_create(const cgrpc_arguments *arguments, cgrpc_queue *queue) {
  cgrpc_server *server = allocate(sizeof(cgrpc_server));
  server->server = grpc_server_create(&arguments->list, NULL);
  server->queue = queue_unwrap(queue);
  grpc_server_register_completion_queue(server->server, server->queue, NULL);
  count(&cgrpc_counters.servers, 1);
  return server;
}

void cgrpc_server_start(cgrpc_server *server) { grpc_server_start(server->server); }

void cgrpc_server_adopt(cgrpc_server *server, int descriptor) {
  grpc_server_credentials *credentials = grpc_insecure_server_credentials_create();
  grpc_server_add_channel_from_fd(server->server, descriptor, credentials);
  grpc_server_credentials_release(credentials);
}

bool cgrpc_server_request_call(cgrpc_server *server, cgrpc_incoming *incoming, void *tag) {
  return grpc_server_request_call(server->server, &incoming->call, &incoming->details, &incoming->metadata.array,
                                  server->queue, server->queue, tag) == GRPC_CALL_OK;
}

void cgrpc_server_shutdown(cgrpc_server *server, void *tag) {
  grpc_server_shutdown_and_notify(server->server, server->queue, tag);
}

void cgrpc_server_cancel_all(cgrpc_server *server) { grpc_server_cancel_all_calls(server->server); }

void cgrpc_server_destroy(cgrpc_server *server) {
  grpc_server_destroy(server->server);
  gpr_free(server);
  count(&cgrpc_counters.servers, -1);
}

cgrpc_incoming *cgrpc_incoming_create(void) {
  cgrpc_incoming *incoming = allocate(sizeof(cgrpc_incoming));
  grpc_call_details_init(&incoming->details);
  grpc_metadata_array_init(&incoming->metadata.array);
  count(&cgrpc_counters.incoming, 1);
  return incoming;
}

void cgrpc_incoming_destroy(cgrpc_incoming *incoming) {
  if (incoming->call != NULL) grpc_call_unref(incoming->call);
  grpc_call_details_destroy(&incoming->details);
  grpc_metadata_array_destroy(&incoming->metadata.array);
  gpr_free(incoming);
  count(&cgrpc_counters.incoming, -1);
}

cgrpc_call *cgrpc_incoming_take_call(cgrpc_incoming *incoming) {
  grpc_call *call = incoming->call;
  incoming->call = NULL;
  return call == NULL ? NULL : cgrpc_call_wrap(call);
}

const char *cgrpc_incoming_get_method(const cgrpc_incoming *incoming, size_t *length) {
  *length = GRPC_SLICE_LENGTH(incoming->details.method);
  return (const char *)GRPC_SLICE_START_PTR(incoming->details.method);
}

const cgrpc_metadata *cgrpc_incoming_get_metadata(const cgrpc_incoming *incoming) { return &incoming->metadata; }

int64_t cgrpc_incoming_get_time_left(const cgrpc_incoming *incoming) {
  gpr_timespec deadline = incoming->details.deadline;
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return INT64_MAX;
  gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
  if (left.tv_sec < 0) return 0;
  if (left.tv_sec >= INT64_MAX / 1000000000 - 1) return INT64_MAX;
  return left.tv_sec * 1000000000 + left.tv_nsec;
}
