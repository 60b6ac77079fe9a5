// The core as a whole: start, version, log, counters.

#include "internal.h"

counters cgrpc_counters;

static _Atomic(cgrpc_log_function) log_function;

static void forward_log(gpr_log_func_args *line) {
  cgrpc_log_function log = atomic_load(&log_function);
  if (log != NULL && line->severity >= GPR_LOG_SEVERITY_ERROR) log(line->file, line->line, line->message);
}

void cgrpc_library_start(cgrpc_log_function log) {
  atomic_store(&log_function, log);
  gpr_set_log_function(forward_log);
  grpc_init();
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
}

const char *cgrpc_library_get_version(void) { return grpc_version_string(); }

cgrpc_counts cgrpc_library_get_counts(void) {
  return (cgrpc_counts){
      .calls = atomic_load(&cgrpc_counters.calls),
      .messages = atomic_load(&cgrpc_counters.messages),
      .metadata = atomic_load(&cgrpc_counters.metadata),
      .incoming = atomic_load(&cgrpc_counters.incoming),
      .servers = atomic_load(&cgrpc_counters.servers),
      .channels = atomic_load(&cgrpc_counters.channels),
  };
}
