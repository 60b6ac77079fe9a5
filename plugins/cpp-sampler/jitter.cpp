// A sampler in C++: adds a little noise to every logit, drawn from the request's seed. It shows how clone and
// reset treat a random state, and how to keep exceptions inside the plugin.
//
//   c++ -O2 -shared -fPIC -I ../../Sources/CWorkbenchPlugin/include -o jitter.so jitter.cpp
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <new>

#include "workbench_plugin.h"

namespace {

const wb_host *host;

class Jitter {
 public:
  Jitter(double amount, std::uint64_t seed) : amount_(amount), seed_(seed), state_(seed) {}

  void apply(wb_candidates &candidates) {
    for (std::size_t index = 0; index < candidates.count; index++) {
      // Gumbel noise: with an amount of 1, taking the best candidate is the same as drawing one by probability.
      double uniform = (static_cast<double>(host->random(&state_) >> 11) + 0.5) / 9007199254740992.0;
      candidates.logits[index] -= static_cast<float>(amount_ * std::log(-std::log(uniform)));
    }
  }

  void reset() { state_ = seed_; }

 private:
  double amount_;
  std::uint64_t seed_, state_;
};

// Runs `body` and turns exceptions into statuses, since none may leave the plugin.
template <typename Body>
wb_status guarded(char *error, std::size_t capacity, Body body) {
  try {
    body();
    return WB_OK;
  } catch (const std::bad_alloc &) {
    return WB_OUT_OF_MEMORY;
  } catch (const std::exception &thrown) {
    std::snprintf(error, capacity, "%s", thrown.what());
    return WB_FAILED;
  } catch (...) {
    return WB_FAILED;
  }
}

wb_status create(void *, const wb_sampler_setup *setup, void **instance, char *error, std::size_t capacity) {
  return guarded(error, capacity, [&] { *instance = new Jitter(setup->values[0].f64, setup->seed); });
}

wb_status clone(const void *instance, void **copy, char *error, std::size_t capacity) {
  return guarded(error, capacity, [&] { *copy = new Jitter(*static_cast<const Jitter *>(instance)); });
}

wb_status apply(void *instance, wb_candidates *candidates, char *error, std::size_t capacity) {
  return guarded(error, capacity, [&] { static_cast<Jitter *>(instance)->apply(*candidates); });
}

void reset(void *instance) { static_cast<Jitter *>(instance)->reset(); }

void destroy(void *instance) { delete static_cast<Jitter *>(instance); }

wb_parameter parameter;
wb_sampler sampler;

}  // namespace

wb_status workbench_plugin_entry(const wb_host *given, wb_plugin *plugin) {
  host = given;
  parameter.header = WB_HEADER(wb_parameter);
  parameter.name = "amount";
  parameter.meaning = "The scale of the noise, in logits; 0 turns it off.";
  parameter.type = WB_F64;
  parameter.fallback.f64 = 0.1;
  parameter.minimum.f64 = 0;
  parameter.maximum.f64 = 10;
  sampler.header = WB_HEADER(wb_sampler);
  sampler.name = "jitter";
  sampler.summary = "Adds noise to every logit.";
  sampler.flags = WB_STATEFUL;
  sampler.parameters = &parameter;
  sampler.parameter_count = 1;
  sampler.create = create;
  sampler.clone = clone;
  sampler.apply = apply;
  sampler.reset = reset;
  sampler.destroy = destroy;
  plugin->header = WB_HEADER(wb_plugin);
  plugin->name = "cpp-sampler";
  plugin->version = "1.0.0";
  plugin->summary = "A sampler written in C++.";
  plugin->samplers = &sampler;
  plugin->sampler_count = 1;
  return WB_OK;
}
