// The interface of Workbench plugins: the one header that a plugin includes. C11 and C++11; no library is needed.
//
// A plugin is a shared library that exports `workbench_plugin_entry` and offers samplers, prompt templates and
// tokenizers as tables of functions. plugins/README.md walks through writing one; this file is the contract.
//
// Rules that hold everywhere
//   Versions   Every struct begins with a `wb_header`: the version of this header, then the size of the struct. A
//              plugin is accepted when its major number equals the host's and its minor is not newer. Structs grow at
//              their end only, in minor versions; what an older plugin lacks counts as zero. In an array of structs
//              the distance between elements is the size that the first one states.
//   Failure    A function that fails returns a status other than WB_OK, writes why into the buffer `error` (ended by a
//              zero byte, at most `capacity` bytes with it) and leaves every other out-parameter as it was. It does
//              not abort, exit, throw C++ exceptions or trap: any of these ends the process that runs the model.
//   Ownership  What a struct of the plugin points at belongs to the plugin and stays as it is until the process ends;
//              libraries are never unloaded. What the host passes belongs to the host and is valid during the call
//              only, except `wb_host`, which is valid until the process ends. Neither side frees memory of the other.
//   Threads    The host calls from threads of its own, with at least 512 KiB of stack. Two calls on one instance of a
//              sampler, on one template or on one tokenizer never overlap, but may come from different threads; calls
//              on different ones may overlap. No thread of the plugin may be left running when a call returns.
//   Text       UTF-8. Names have 1 to 64 letters, digits, '_', '-' and '.'; one-line texts at most 512 bytes.
//   Time       Every call has a budget (100 ms for a sampler step by default): a longer one counts as a fault, three
//              faults disable what was called, and a call that does not end costs the process.
#ifndef WORKBENCH_PLUGIN_H
#define WORKBENCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WB_ABI_MAJOR 1
#define WB_ABI_MINOR 0

// Begins every struct. `size` is sizeof of the whole struct.
typedef struct wb_header {
  uint16_t major;
  uint16_t minor;
  uint32_t size;
} wb_header;

// The header of a struct of `type`, for initialisers.
#define WB_HEADER(type) {WB_ABI_MAJOR, WB_ABI_MINOR, (uint32_t)sizeof(type)}

// What a call came to. Unknown numbers count as WB_FAILED.
typedef int32_t wb_status;
enum {
  WB_OK = 0,
  WB_FAILED = 1,            // for the reason in `error`
  WB_INVALID_ARGUMENT = 2,  // the caller of the host asked for something that cannot be; no fault of the plugin
  WB_OUT_OF_MEMORY = 3,
  WB_UNSUPPORTED = 4,       // by entry: the plugin does not run here
  WB_LIMIT = 5              // by the host: no more output is taken; return it
};

// Text or bytes; `bytes[count]` is a zero byte that does not count. Zero bytes may be part of it. Absent: `bytes` null.
typedef struct wb_text {
  const char *bytes;
  size_t count;
} wb_text;

// ---------------------------------------------------------------------------------------------------- Samplers

typedef int32_t wb_type;
enum {
  WB_F64 = 1,   // a number
  WB_I64 = 2,   // a whole number
  WB_BOOL = 3,  // 0 or 1
  WB_TEXT = 4   // a text; this host gives the default always
};

// A value of a parameter: `i64` for WB_I64 and WB_BOOL, ended by zero for WB_TEXT. Never grows.
typedef union wb_value {
  double f64;
  int64_t i64;
  const char *text;
} wb_value;

// One parameter of a sampler. The host refuses requests out of range before the plugin sees them.
typedef struct wb_parameter {
  wb_header header;
  const char *name;
  const char *meaning;  // one sentence
  wb_type type;
  int32_t reserved;
  wb_value fallback;    // when a request says nothing; within the range
  wb_value minimum;     // both finite, both included; not used for WB_BOOL and WB_TEXT
  wb_value maximum;
} wb_parameter;

// What a sampler is made from.
typedef struct wb_sampler_setup {
  wb_header header;
  const wb_value *values;  // one for each parameter, in their order
  uint32_t value_count;
  uint32_t vocabulary_size;  // every token is from 0 to one less
  uint64_t seed;             // the only source of chance: equal seeds must give equal results
} wb_sampler_setup;

// The tokens that are still possible, as two arrays of equal length: lent, not copied.
//
// A sampler may change logits, and it may reorder, as long as ids and logits move together. It drops candidates by
// moving those to keep to the front and setting `count`; at least one with a finite logit must be left. A logit may
// become minus infinity, never NaN. Nothing may be written at or behind `count` as it was given.
typedef struct wb_candidates {
  wb_header header;
  int32_t *ids;    // each token at most once
  float *logits;   // none is NaN; aligned like any float, no more
  size_t count;    // at least 1
  int64_t selected;          // -1; a sampler with WB_SELECTS sets the place of its pick
  uint32_t vocabulary_size;
  uint32_t is_sorted;        // 1 when the logits fall from the first to the last
} wb_candidates;

enum {
  WB_STATEFUL = 1,    // calls change the instance: `clone` and `reset` are needed
  WB_HISTORY = 2,     // wants `accept` for each token of prompt and answer; goes with WB_STATEFUL
  WB_KEEPS_BEST = 4,  // the candidate with the highest logit stays the best: nothing changes at temperature 0
  WB_SELECTS = 8      // picks the token; stands last in a chain
};

// A kind of sampler. An instance serves one sequence. Without WB_STATEFUL the host shares one instance between
// sequences and threads, and calls may then overlap: it must be read-only after `create`.
typedef struct wb_sampler {
  wb_header header;
  const char *name;     // as in requests; must differ from every other sampler's
  const char *summary;  // one sentence
  uint32_t flags;
  uint32_t parameter_count;        // at most 64
  const wb_parameter *parameters;  // may be null when there are none
  void *context;                   // handed to `create`
  // Makes an instance, which is the plugin's until `destroy`.
  wb_status (*create)(void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity);
  // Makes an instance that will do exactly as this one would, and shares nothing that changes.
  wb_status (*clone)(const void *instance, void **copy, char *error, size_t capacity);
  // Works on the candidates of one step.
  wb_status (*apply)(void *instance, wb_candidates *candidates, char *error, size_t capacity);
  // Hears of a token that is now part of the sequence.
  wb_status (*accept)(void *instance, int32_t token);
  // Goes back to the state after `create`.
  void (*reset)(void *instance);
  void (*destroy)(void *instance);
} wb_sampler;

// ---------------------------------------------------------------------------------------------------- Output

// Where a template or a tokenizer puts what it makes; the host's, for one call.
typedef struct wb_output wb_output;

// Where rendered text comes from. Special tokens such as <|im_end|> are read out of the first four only: text that
// somebody wrote must be passed as WB_CONTENT, or people could write the turns of others.
typedef int32_t wb_origin;
enum {
  WB_LITERAL = 0,  // the template's own text
  WB_ROLE = 1,     // a role; `message` says whose. Trusted when it is a usual one
  WB_BOS = 2,      // the text of the token that begins a sequence
  WB_EOS = 3,      // the text of the token that ends one
  WB_CONTENT = 4   // what a message says; `message` says which
};

// ---------------------------------------------------------------------------------------------------- Templates

typedef struct wb_message {
  wb_header header;
  wb_text role;     // "system", "user", "assistant", "tool", …
  wb_text content;  // empty where a message has no text
} wb_message;

typedef struct wb_conversation {
  wb_header header;
  const wb_message *const *messages;  // oldest first
  size_t message_count;
  int32_t add_generation_prompt;  // 1: the prompt ends where the assistant is to speak
  int32_t reserved;
  wb_text bos;   // the texts of the model's special tokens; absent where it has none
  wb_text eos;
  wb_text json;  // everything, tools and further variables included: {"messages": […], "tools": […] or null, …}
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
  // Appends the prompt to `output`. The same conversation gives the same prompt. WB_INVALID_ARGUMENT says that the
  // template is not made for such a conversation.
  wb_status (*render)(
      void *context, const wb_conversation *conversation, wb_output *output, char *error, size_t capacity);
} wb_template;

// ---------------------------------------------------------------------------------------------------- Tokenizers

// A part of a text: bytes `begin` to one before `end`.
typedef struct wb_range {
  size_t begin;
  size_t end;
} wb_range;

// What to encode.
typedef struct wb_encoding {
  wb_header header;
  wb_text text;                  // need not be valid UTF-8
  const wb_range *trusted;       // only inside these may the spelling of a control token become that token
  size_t trusted_count;
  int32_t continues_text;        // 1: the text goes on from an earlier one, so no leading space is put in
  int32_t reserved;
} wb_encoding;

// What a token is for; the numbers are GGUF's.
typedef int32_t wb_token_kind;
enum { WB_NORMAL = 1, WB_UNKNOWN = 2, WB_CONTROL = 3, WB_USER_DEFINED = 4, WB_UNUSED = 5, WB_BYTE = 6 };

enum {
  WB_ADDS_BOS = 1,  // the model expects `bos` before a text; the host puts it there, `encode` never does
  WB_ADDS_EOS = 2,
  WB_DROPS_LEADING_SPACE = 4  // the first piece of a decoded text begins with a space that `encode` put there
};

// A tokenizer with its vocabulary.
typedef struct wb_tokenizer {
  wb_header header;
  const char *name;
  const char *summary;
  uint32_t flags;
  int32_t vocabulary_size;  // ids run from 0 to one less; at most 4,194,304
  int32_t bos, eos, unknown, padding;  // -1 where there is none
  const int32_t *end_of_generation;    // every token after which a model has no more to say
  uint32_t end_of_generation_count;    // at most 256
  uint32_t reserved;
  void *context;
  // Appends tokens with the bytes that they stand for: in order, without overlap, inside the text. A control token
  // only for its own spelling inside a trusted range.
  wb_status (*encode)(
      void *context, const wb_encoding *encoding, wb_output *output, char *error, size_t capacity);
  // Appends the bytes that a token stands for in a text (its spelling, for a control token) and tells its kind. The
  // host asks once for each token, when the tokenizer is first used.
  wb_status (*decode)(void *context, int32_t token, wb_token_kind *kind, wb_output *output);
} wb_tokenizer;

// ---------------------------------------------------------------------------------------------------- Host, entry

enum { WB_LOG_DEBUG = 0, WB_LOG_INFO = 1, WB_LOG_WARNING = 2, WB_LOG_ERROR = 3 };

// What the host does for plugins. None of these allocates, except the two that append.
typedef struct wb_host {
  wb_header header;
  // Writes a line into the daemon's log. From any thread.
  void (*log)(int32_t level, const char *text);
  // Appends text that `render` makes; `message` counts from 0 and matters for WB_ROLE and WB_CONTENT.
  wb_status (*append_text)(
      wb_output *output, const char *bytes, size_t count, wb_origin origin, size_t message);
  // Appends a token that `encode` makes.
  wb_status (*append_token)(wb_output *output, int32_t token, size_t begin, size_t end);
  // Appends what `decode` makes.
  wb_status (*append_bytes)(wb_output *output, const char *bytes, size_t count);
  // The next 64 random bits of a stream that begins with any number, such as a seed (SplitMix64).
  uint64_t (*random)(uint64_t *state);
  // Writes the probabilities of `count` logits; `probabilities` may be the same array.
  void (*softmax)(const float *logits, size_t count, float *probabilities);
  // Orders candidates by falling logit, equal ones by rising id.
  void (*sort)(wb_candidates *candidates);
} wb_host;

// What a plugin offers. The struct is the host's, as the host made it: check `host->header.minor` before writing to
// fields that came with a later minor version.
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

// The function that a plugin exports. Called once, before anything else. It sets `plugin->header` and the rest.
WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin);

typedef wb_status (*wb_entry)(const wb_host *host, wb_plugin *plugin);

#ifdef __cplusplus
}
#endif

#endif
