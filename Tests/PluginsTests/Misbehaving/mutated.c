// Tables with random mistakes in every number: versions, sizes, counts, flags, types, ranges, tokens.
// Pointers are right or null, and what lies behind the tables can be read: no host can survive other ones.
#include <string.h>

#include "workbench_plugin.h"

enum { ROOM = 64 * 4096 + 4096 };

static _Alignas(64) char sampler_room[ROOM], template_room[ROOM], tokenizer_room[ROOM], parameter_room[ROOM];
static const char *stops[128];
static int32_t ends[512];
static uint64_t state;

static wb_status create(
    void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
  (void)context, (void)setup, (void)instance, (void)error, (void)capacity;
  return WB_FAILED;
}
static wb_status clone(const void *instance, void **copy, char *error, size_t capacity) {
  (void)instance, (void)copy, (void)error, (void)capacity;
  return WB_FAILED;
}
static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
  (void)instance, (void)candidates, (void)error, (void)capacity;
  return WB_FAILED;
}
static wb_status accept(void *instance, int32_t token) {
  (void)instance, (void)token;
  return WB_FAILED;
}
static void plain(void *instance) { (void)instance; }
static wb_status render(
    void *context, const wb_conversation *conversation, wb_output *output, char *error, size_t capacity) {
  (void)context, (void)conversation, (void)output, (void)error, (void)capacity;
  return WB_FAILED;
}
static wb_status encode(
    void *context, const wb_encoding *encoding, wb_output *output, char *error, size_t capacity) {
  (void)context, (void)encoding, (void)output, (void)error, (void)capacity;
  return WB_FAILED;
}
static wb_status decode(void *context, int32_t token, wb_token_kind *kind, wb_output *output) {
  (void)context, (void)token, (void)kind, (void)output;
  return WB_FAILED;
}

// What the test sets before each opening.
WB_EXPORT void mutate(uint64_t seed) { state = seed; }

static uint32_t next(const wb_host *host) { return (uint32_t)(host->random(&state) >> 32); }

// Puts one of the numbers that break things at a random place among `words`, which are the offsets of
// numbers.
static void spoil(const wb_host *host, void *table, const size_t *words, size_t count) {
  static const uint32_t numbers[] = {
      0, 1, 2, 63, 64, 65, 255, 256, 4095, 4096, 4097, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
  if (next(host) % 3) { return; }
  uint32_t value = next(host) % 4 ? numbers[next(host) % 14] : next(host);
  memcpy((char *)table + words[next(host) % count], &value, sizeof value);
}

// Makes one of the pointers at these places null, now and then.
static void forget(const wb_host *host, void *table, const size_t *places, size_t count) {
  if (next(host) % 8 == 0) { memset((char *)table + places[next(host) % count], 0, sizeof(void *)); }
}

#define AT(type, field) offsetof(type, field)

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
  wb_parameter parameter = {.header = WB_HEADER(wb_parameter),
      .name = "p",
      .meaning = "M.",
      .type = 1 + (int)(next(host) % 3),
      .maximum = {.i64 = 1}};
  static const size_t parameter_words[] = {0, 4, AT(wb_parameter, type), AT(wb_parameter, fallback),
      AT(wb_parameter, fallback) + 4, AT(wb_parameter, minimum) + 4, AT(wb_parameter, maximum) + 4};
  spoil(host, &parameter, parameter_words, 7);
  memcpy(parameter_room, &parameter, sizeof parameter);
  wb_sampler sampler = {.header = WB_HEADER(wb_sampler),
      .name = "s",
      .summary = "S.",
      .flags = WB_STATEFUL | WB_HISTORY,
      .parameter_count = 1,
      .parameters = (const wb_parameter *)(const void *)parameter_room,
      .create = create,
      .clone = clone,
      .apply = apply,
      .accept = accept,
      .reset = plain,
      .destroy = plain};
  static const size_t sampler_words[] = {0, 4, AT(wb_sampler, flags), AT(wb_sampler, parameter_count)};
  static const size_t sampler_places[] = {AT(wb_sampler, name), AT(wb_sampler, summary),
      AT(wb_sampler, parameters), AT(wb_sampler, create), AT(wb_sampler, clone), AT(wb_sampler, accept)};
  spoil(host, &sampler, sampler_words, 4);
  forget(host, &sampler, sampler_places, 6);
  memcpy(sampler_room, &sampler, sizeof sampler);
  for (int index = 0; index < 128; index++) { stops[index] = "stop"; }
  wb_template prompt = {.header = WB_HEADER(wb_template),
      .name = "t",
      .summary = "T.",
      .stop_strings = stops,
      .stop_string_count = 1,
      .render = render};
  static const size_t template_words[] = {0, 4, AT(wb_template, stop_string_count)};
  static const size_t template_places[] = {
      AT(wb_template, name), AT(wb_template, stop_strings), AT(wb_template, render)};
  spoil(host, &prompt, template_words, 3);
  forget(host, &prompt, template_places, 3);
  memcpy(template_room, &prompt, sizeof prompt);
  wb_tokenizer tokenizer = {.header = WB_HEADER(wb_tokenizer),
      .name = "k",
      .summary = "K.",
      .vocabulary_size = 9,
      .bos = -1,
      .eos = -1,
      .unknown = -1,
      .padding = -1,
      .end_of_generation = ends,
      .end_of_generation_count = 1,
      .encode = encode,
      .decode = decode};
  static const size_t tokenizer_words[] = {0, 4, AT(wb_tokenizer, flags), AT(wb_tokenizer, vocabulary_size),
      AT(wb_tokenizer, bos), AT(wb_tokenizer, padding), AT(wb_tokenizer, end_of_generation_count)};
  static const size_t tokenizer_places[] = {
      AT(wb_tokenizer, name), AT(wb_tokenizer, end_of_generation), AT(wb_tokenizer, decode)};
  spoil(host, &tokenizer, tokenizer_words, 7);
  forget(host, &tokenizer, tokenizer_places, 3);
  memcpy(tokenizer_room, &tokenizer, sizeof tokenizer);
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin),
      .name = "mutated",
      .version = "1",
      .summary = "Wrong.",
      .samplers = (const wb_sampler *)(const void *)sampler_room,
      .sampler_count = 1,
      .templates = (const wb_template *)(const void *)template_room,
      .template_count = 1,
      .tokenizers = (const wb_tokenizer *)(const void *)tokenizer_room,
      .tokenizer_count = 1};
  static const size_t plugin_words[] = {
      0, 4, AT(wb_plugin, sampler_count), AT(wb_plugin, template_count), AT(wb_plugin, tokenizer_count)};
  static const size_t plugin_places[] = {
      AT(wb_plugin, name), AT(wb_plugin, version), AT(wb_plugin, samplers)};
  spoil(host, plugin, plugin_words, 5);
  forget(host, plugin, plugin_places, 3);
  return WB_OK;
}
