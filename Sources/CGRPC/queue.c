// The completion queue.

#include "internal.h"

_Static_assert((int)CGRPC_EVENT_SHUTDOWN == (int)GRPC_QUEUE_SHUTDOWN, "event kinds mirror the core's");
_Static_assert((int)CGRPC_EVENT_TIMEOUT == (int)GRPC_QUEUE_TIMEOUT, "event kinds mirror the core's");
_Static_assert((int)CGRPC_EVENT_COMPLETION == (int)GRPC_OP_COMPLETE, "event kinds mirror the core's");

cgrpc_queue *cgrpc_queue_create(void) { return (cgrpc_queue *)grpc_completion_queue_create_for_next(NULL); }

void cgrpc_queue_shutdown(cgrpc_queue *queue) { grpc_completion_queue_shutdown(queue_unwrap(queue)); }

void cgrpc_queue_destroy(cgrpc_queue *queue) { grpc_completion_queue_destroy(queue_unwrap(queue)); }

cgrpc_event cgrpc_queue_next(cgrpc_queue *queue) {
  gpr_timespec never = gpr_inf_future(GPR_CLOCK_MONOTONIC);
  grpc_event event = grpc_completion_queue_next(queue_unwrap(queue), never, NULL);
  bool complete = event.type == GRPC_OP_COMPLETE;
  return (cgrpc_event){
      .kind = (cgrpc_event_kind)event.type,
      .ok = complete && event.success != 0,
      .tag = complete ? event.tag : NULL,
  };
}
