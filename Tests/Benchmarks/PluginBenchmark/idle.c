// A sampler that does nothing: what is left is the cost of calling it.
#include "workbench_plugin.h"

static wb_status create(void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
  (void)context, (void)setup, (void)instance, (void)error, (void)capacity;
  return WB_OK;
}

static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
  (void)instance, (void)candidates, (void)error, (void)capacity;
  return WB_OK;
}

static void destroy(void *instance) { (void)instance; }

static const wb_sampler samplers[] = {{
    .header = WB_HEADER(wb_sampler), .name = "idle", .summary = "Does nothing.", .create = create, .apply = apply,
    .destroy = destroy,
}};

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
  (void)host;
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin), .name = "idle", .version = "1", .summary = "Does nothing.",
                        .samplers = samplers, .sampler_count = 1};
  return WB_OK;
}
