// Functions that the host offers to plugins: they allocate nothing and give the same result on every machine.
#include "workbench_host.h"

#include <math.h>
#include <stdbool.h>

// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
uint64_t wb_random(uint64_t *state) {
  *state += UINT64_C(0x9E3779B97F4A7C15);
  uint64_t mixed = *state;
  mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
  return mixed ^ (mixed >> 31);
}

void wb_softmax(const float *logits, size_t count, float *probabilities) {
  float largest = -INFINITY;
  for (size_t index = 0; index < count; index++) {
    if (logits[index] > largest) { largest = logits[index]; }
  }
  double sum = 0;
  for (size_t index = 0; index < count; index++) {
    // Also 0 when every logit is minus infinity.
    float value = logits[index] > -INFINITY ? expf(logits[index] - largest) : 0;
    probabilities[index] = value;
    sum += value;
  }
  if (!(sum > 0)) { return; }
  double scale = 1 / sum;
  for (size_t index = 0; index < count; index++) { probabilities[index] *= (float)scale; }
}

// Whether candidate `left` comes after candidate `right` in a sorted list.
static bool is_behind(const wb_candidates *candidates, size_t left, size_t right) {
  float a = candidates->logits[left], b = candidates->logits[right];
  return a != b ? a < b : candidates->ids[left] > candidates->ids[right];
}

static void exchange(wb_candidates *candidates, size_t left, size_t right) {
  float logit = candidates->logits[left];
  int32_t id = candidates->ids[left];
  candidates->logits[left] = candidates->logits[right];
  candidates->ids[left] = candidates->ids[right];
  candidates->logits[right] = logit;
  candidates->ids[right] = id;
}

// Moves the candidate at `root` down in a heap whose top is the last one in order.
static void sink(wb_candidates *candidates, size_t root, size_t count) {
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && is_behind(candidates, child + 1, child)) { child++; }
    if (!is_behind(candidates, child, root)) { return; }
    exchange(candidates, root, child);
  }
}

// Heapsort: it needs no memory, and no input makes it slow.
void wb_sort(wb_candidates *candidates) {
  size_t count = candidates->count;
  for (size_t root = count / 2; root > 0; root--) { sink(candidates, root - 1, count); }
  for (size_t last = count; last > 1; last--) {
    exchange(candidates, 0, last - 1);
    sink(candidates, 0, last - 1);
  }
  candidates->is_sorted = 1;
}
