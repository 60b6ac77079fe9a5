// Throws C++ exceptions where the interface has statuses: THROW_IN_ENTRY or THROW_IN_APPLY.
#include <cstdlib>
#include <stdexcept>

#include "workbench_plugin.h"

static wb_status create(void *, const wb_sampler_setup *, void **instance, char *, size_t) {
  *instance = nullptr;
  return WB_OK;
}

static wb_status apply(void *, wb_candidates *, char *, size_t) {
  if (std::getenv("THROW_IN_APPLY")) { throw std::runtime_error("thrown in apply"); }
  return WB_OK;
}

static void destroy(void *) {}

static wb_sampler sampler;

extern "C" wb_status workbench_plugin_entry(const wb_host *, wb_plugin *plugin) {
  if (std::getenv("THROW_IN_ENTRY")) { throw std::runtime_error("thrown in entry"); }
  sampler.header = WB_HEADER(wb_sampler);
  sampler.name = "throws";
  sampler.summary = "Throws.";
  sampler.create = create;
  sampler.apply = apply;
  sampler.destroy = destroy;
  plugin->header = WB_HEADER(wb_plugin);
  plugin->name = "throwing";
  plugin->version = "1";
  plugin->summary = "Throws.";
  plugin->samplers = &sampler;
  plugin->sampler_count = 1;
  return WB_OK;
}
