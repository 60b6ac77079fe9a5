// The client's side of a connection.

#include "internal.h"

static cgrpc_channel *wrap(grpc_channel *core) {
  cgrpc_channel *channel = allocate(sizeof(cgrpc_channel));
  channel->channel = core;
  count(&cgrpc_counters.channels, 1);
  return channel;
}

cgrpc_channel *cgrpc_channel_create(const char *target, const cgrpc_arguments *arguments, bool tls, const char *roots,
                                    const char *certificates, const char *private_key) {
  grpc_ssl_pem_key_cert_pair pair = {.private_key = private_key, .cert_chain = certificates};
  bool with_certificate = certificates != NULL && private_key != NULL;
  grpc_channel_credentials *credentials =
      tls ? grpc_ssl_credentials_create(roots, with_certificate ? &pair : NULL, NULL, NULL)
          : grpc_insecure_credentials_create();
  if (credentials == NULL) {
    return wrap(grpc_lame_client_channel_create(target, GRPC_STATUS_UNAVAILABLE, "unusable TLS credentials"));
  }
  grpc_channel *core = grpc_channel_create(target, credentials, &arguments->list);
  grpc_channel_credentials_release(credentials);
  return wrap(core);
}

cgrpc_channel *cgrpc_channel_create_from_descriptor(const char *name, int descriptor,
                                                    const cgrpc_arguments *arguments) {
  grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
  grpc_channel *core = grpc_channel_create_from_fd(name, descriptor, credentials, &arguments->list);
  grpc_channel_credentials_release(credentials);
  return wrap(core);
}

void cgrpc_channel_destroy(cgrpc_channel *channel) {
  grpc_channel_destroy(channel->channel);
  gpr_free(channel);
  count(&cgrpc_counters.channels, -1);
}

cgrpc_call *cgrpc_channel_create_call(cgrpc_channel *channel, cgrpc_queue *queue, const char *method,
                                      size_t method_length, int64_t timeout) {
  gpr_timespec deadline = gpr_inf_future(GPR_CLOCK_MONOTONIC);
  if (timeout != INT64_MAX) {
    deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(timeout, GPR_TIMESPAN));
  }
  grpc_slice slice = grpc_slice_from_copied_buffer(method, method_length);
  grpc_call *call = grpc_channel_create_call(channel->channel, NULL, GRPC_PROPAGATE_DEFAULTS, queue_unwrap(queue),
                                             slice, NULL, deadline, NULL);
  grpc_slice_unref(slice);
  return cgrpc_call_wrap(call);
}

void cgrpc_channel_reset_backoff(cgrpc_channel *channel) { grpc_channel_reset_connect_backoff(channel->channel); }
