// The interface of Workbench plugins: the only header that a plugin includes. It is C11 and C++11, and needs
// no library.
//
// A plugin is a shared library that exports `workbench_plugin_entry` and offers samplers, prompt templates
// and tokenizers as tables of functions. plugins/README.md walks you through writing one; this file is the
// contract.
//
// General rules
//   Versions   Every struct begins with a `wb_header`: the version of this header, then the size of the
//              struct. A plugin is accepted if its major number equals the host's and its minor number is not
//              newer. Minor versions only add fields at the end of structs; fields that an older plugin lacks
//              count as zero. In an array of structs, the distance between elements is the size that the first
//              one states.
//   Failure    A function that fails returns a status other than WB_OK, writes the reason into the buffer
//              `error` (at most `capacity` bytes, terminating zero byte included) and leaves every other
//              out-parameter unchanged. It must not abort, exit, throw C++ exceptions or trap: any of these
//              ends the process that runs the model.
//   Ownership  Whatever the structs of the plugin point at belongs to the plugin and must not change until the
//              process ends; libraries are never unloaded. What the host passes belongs to the host and is
//              valid during the call only, except `wb_host`, which is valid until the process ends. Neither
//              side frees memory of the other.
//   Threads    The host calls from its own threads, with at least 512 KiB of stack. Two calls on the same
//              sampler instance, template or tokenizer never overlap, but may come from different threads
//              (`wb_sampler` names the exception); calls on different ones may overlap. The plugin must leave
//              no thread running when a call returns.
//   Text       UTF-8. Names have 1 to 64 letters, digits, '_', '-' and '.'; one-line texts at most 512 bytes.
//   Time       Every call has a budget (100 ms for a sampler step by default). A call that exceeds it counts as
//              a fault, three faults disable what was called, and a call that never returns ends the process.
#ifndef WORKBENCH_PLUGIN_H
#define WORKBENCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WB_ABI_MAJOR 1
#define WB_ABI_MINOR 0

// The beginning of every struct. `size` is the sizeof of the whole struct.
typedef struct wb_header {
  uint16_t major;
  uint16_t minor;
  uint32_t size;
} wb_header;

// The header of a struct of `type`, for initialisers.
#define WB_HEADER(type) {WB_ABI_MAJOR, WB_ABI_MINOR, (uint32_t)sizeof(type)}

// The result of a call. Unknown numbers count as WB_FAILED.
typedef int32_t wb_status;
enum {
  WB_OK = 0,
  WB_FAILED = 1,            // `error` says why
  WB_INVALID_ARGUMENT = 2,  // the request is wrong; not a fault of the plugin
  WB_OUT_OF_MEMORY = 3,
  WB_UNSUPPORTED = 4,       // from the entry function: the plugin does not run here
  WB_LIMIT = 5              // from the host: no more output is accepted; return it
};

// Text or bytes, which may contain zero bytes; `bytes[count]` is a zero byte that is not counted. If there is
// no text, `bytes` is null.
typedef struct wb_text {
  const char *bytes;
  size_t count;
} wb_text;

// ------------------------------------------------------------------------------------------ Samplers

typedef int32_t wb_type;
enum {
  WB_F64 = 1,   // a number
  WB_I64 = 2,   // a whole number
  WB_BOOL = 3,  // 0 or 1
  WB_TEXT = 4   // a text; this version of the host always passes the default
};

// A value of a parameter: `i64` is for WB_I64 and WB_BOOL, `text` ends with a zero byte. Never grows.
typedef union wb_value {
  double f64;
  int64_t i64;
  const char *text;
} wb_value;

// A parameter of a sampler. The host refuses values out of range before the plugin sees them.
typedef struct wb_parameter {
  wb_header header;
  const char *name;
  const char *meaning;  // one sentence
  wb_type type;
  int32_t reserved;
  wb_value fallback;    // the default, for requests that give no value; within the range
  wb_value minimum;     // bounds are finite and included; not used for WB_BOOL and WB_TEXT
  wb_value maximum;
} wb_parameter;

// What an instance of a sampler is created from.
typedef struct wb_sampler_setup {
  wb_header header;
  const wb_value *values;  // one for each parameter, in their order
  uint32_t value_count;
  uint32_t vocabulary_size;  // tokens are 0 to vocabulary_size - 1
  uint64_t seed;             // the only source of randomness: equal seeds must give equal results
} wb_sampler_setup;

// The tokens that are still possible, as two arrays of equal length: lent, not copied.
//
// A sampler may change logits, and may reorder candidates if ids and logits move together. It drops
// candidates by moving those that it keeps to the front and setting `count`; at least one with a finite logit
// must be left. A logit may become minus infinity, but never NaN. The sampler must not write at or beyond the
// index `count` that it was given.
typedef struct wb_candidates {
  wb_header header;
  int32_t *ids;    // each token at most once
  float *logits;   // none is NaN; aligned to 4 bytes only
  size_t count;    // at least 1
  int64_t selected;          // -1; a sampler with WB_SELECTS sets the index of its pick
  uint32_t vocabulary_size;
  uint32_t is_sorted;        // 1 if logits fall from the first to the last
} wb_candidates;

enum {
  WB_STATEFUL = 1,    // calls change the instance; `clone` and `reset` are required
  WB_HISTORY = 2,     // `accept` is called for each token of prompt and answer; requires WB_STATEFUL
  WB_KEEPS_BEST = 4,  // the candidate with the highest logit stays the best, so greedy picks do not change
  WB_SELECTS = 8      // picks the token; must come last in a chain
};

// A sampler. An instance serves one sequence. Without WB_STATEFUL, the host shares one instance between
// sequences and threads, and calls may overlap: the instance must be read-only after `create`.
typedef struct wb_sampler {
  wb_header header;
  const char *name;     // the name in requests; must differ from that of every other sampler
  const char *summary;  // one sentence
  uint32_t flags;
  uint32_t parameter_count;        // at most 64
  const wb_parameter *parameters;  // may be null if there are none
  void *context;                   // handed to `create`
  // Creates an instance, which belongs to the plugin; the host calls `destroy` when it is done with it.
  wb_status (*create)(
      void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity);
  // Creates an instance that behaves exactly as this one would, and shares no changeable state with it.
  wb_status (*clone)(const void *instance, void **copy, char *error, size_t capacity);
  // Processes the candidates of one step.
  wb_status (*apply)(void *instance, wb_candidates *candidates, char *error, size_t capacity);
  // Is told of a token that is now part of the sequence.
  wb_status (*accept)(void *instance, int32_t token);
  // Restores the state after `create`.
  void (*reset)(void *instance);
  void (*destroy)(void *instance);
} wb_sampler;

// ---------------------------------------------------------------------------------------------------- Output

// Collects what a template or a tokenizer appends; belongs to the host and is valid for one call.
typedef struct wb_output wb_output;

// Where rendered text comes from. Special tokens such as <|im_end|> are recognised in the first four only: text
// that a person wrote must be passed as WB_CONTENT, or users could forge the turns of others.
typedef int32_t wb_origin;
enum {
  WB_LITERAL = 0,  // the template's own text
  WB_ROLE = 1,     // the role of message `message`; trusted if it is a common one
  WB_BOS = 2,      // the text of the beginning-of-sequence token
  WB_EOS = 3,      // the text of the end-of-sequence token
  WB_CONTENT = 4   // the content of message `message`
};

// ------------------------------------------------------------------------------------------ Templates

typedef struct wb_message {
  wb_header header;
  wb_text role;     // "system", "user", "assistant", "tool", …
  wb_text content;  // empty if the message has no text
} wb_message;

typedef struct wb_conversation {
  wb_header header;
  const wb_message *const *messages;  // oldest first
  size_t message_count;
  int32_t add_generation_prompt;  // 1: the prompt ends where the assistant's answer begins
  int32_t reserved;
  wb_text bos;   // the text of the model's special tokens; null if it has none
  wb_text eos;
  wb_text json;  // everything, with tools and variables: {"messages": […], "tools": […] or null, …}
} wb_conversation;

// A prompt template.
typedef struct wb_template {
  wb_header header;
  const char *name;
  const char *summary;
  const char *const *stop_strings;  // texts that end the answer
  uint32_t stop_string_count;       // at most 64
  uint32_t reserved;
  void *context;
  // Appends the prompt to `output`. The same conversation must give the same prompt. WB_INVALID_ARGUMENT means
  // that the template is not made for such a conversation.
  wb_status (*render)(
      void *context, const wb_conversation *conversation, wb_output *output, char *error, size_t capacity);
} wb_template;

// ------------------------------------------------------------------------------------------ Tokenizers

// A part of a text: bytes `begin` to `end` - 1.
typedef struct wb_range {
  size_t begin;
  size_t end;
} wb_range;

// What to encode.
typedef struct wb_encoding {
  wb_header header;
  wb_text text;                  // need not be valid UTF-8
  const wb_range *trusted;       // only in these parts may the spelling of a control token become that token
  size_t trusted_count;
  int32_t continues_text;        // 1: the text continues an earlier one, so no leading space is added
  int32_t reserved;
} wb_encoding;

// What a token is for; the numbers are GGUF's.
typedef int32_t wb_token_kind;
enum { WB_NORMAL = 1, WB_UNKNOWN = 2, WB_CONTROL = 3, WB_USER_DEFINED = 4, WB_UNUSED = 5, WB_BYTE = 6 };

enum {
  WB_ADDS_BOS = 1,  // the model expects `bos` before a text; the host adds it, `encode` must not
  WB_ADDS_EOS = 2,
  WB_DROPS_LEADING_SPACE = 4  // a decoded text begins with a space that `encode` added, to be dropped
};

// A tokenizer with its vocabulary.
typedef struct wb_tokenizer {
  wb_header header;
  const char *name;
  const char *summary;
  uint32_t flags;
  int32_t vocabulary_size;  // ids are 0 to vocabulary_size - 1; at most 4,194,304
  int32_t bos, eos, unknown, padding;  // -1 if there is none
  const int32_t *end_of_generation;    // the tokens that end an answer
  uint32_t end_of_generation_count;    // at most 256
  uint32_t reserved;
  void *context;
  // Appends tokens with the bytes of the text that they stand for, in order and without overlap. A control
  // token is allowed only for its own spelling inside a trusted range.
  wb_status (*encode)(
      void *context, const wb_encoding *encoding, wb_output *output, char *error, size_t capacity);
  // Appends the bytes that a token stands for in a text (for a control token, its spelling) and sets its kind.
  // The host calls it once for each token, when the tokenizer is first used.
  wb_status (*decode)(void *context, int32_t token, wb_token_kind *kind, wb_output *output);
} wb_tokenizer;

// ------------------------------------------------------------------------------------------ Host, entry

enum { WB_LOG_DEBUG = 0, WB_LOG_INFO = 1, WB_LOG_WARNING = 2, WB_LOG_ERROR = 3 };

// What the host does for plugins. Only the functions that append allocate memory.
typedef struct wb_host {
  wb_header header;
  // Writes a line to the daemon's log; may be called from any thread.
  void (*log)(int32_t level, const char *text);
  // For `render`: appends text; `message` counts from 0 and is used for WB_ROLE and WB_CONTENT.
  wb_status (*append_text)(
      wb_output *output, const char *bytes, size_t count, wb_origin origin, size_t message);
  // For `encode`: appends a token.
  wb_status (*append_token)(wb_output *output, int32_t token, size_t begin, size_t end);
  // For `decode`: appends bytes of the token.
  wb_status (*append_bytes)(wb_output *output, const char *bytes, size_t count);
  // The next 64 random bits (SplitMix64); `state` starts with any number, such as the seed.
  uint64_t (*random)(uint64_t *state);
  // Writes the probabilities of `count` logits; both arrays may be the same.
  void (*softmax)(const float *logits, size_t count, float *probabilities);
  // Sorts candidates by falling logit, and by rising id where logits are equal.
  void (*sort)(wb_candidates *candidates);
} wb_host;

// What a plugin offers. The host allocates the struct in its own version: check `host->header.minor` before
// writing fields that were added in a later minor version.
typedef struct wb_plugin {
  wb_header header;
  const char *name;
  const char *version;  // of the plugin, such as "1.2.0"
  const char *summary;
  const wb_sampler *samplers;
  const wb_template *templates;
  const wb_tokenizer *tokenizers;
  uint32_t sampler_count;  // at most 64 of each kind
  uint32_t template_count;
  uint32_t tokenizer_count;
  uint32_t reserved;
} wb_plugin;

#if defined(__GNUC__)
#define WB_EXPORT __attribute__((visibility("default")))
#else
#define WB_EXPORT
#endif

// The function that a plugin exports. The host calls it once, before anything else; it fills in `plugin`,
// header included.
WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin);

typedef wb_status (*wb_entry)(const wb_host *host, wb_plugin *plugin);

#ifdef __cplusplus
}
#endif

#endif
