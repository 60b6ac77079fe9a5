// One library, many ways to be wrong: MISBEHAVIOUR in the environment says which. Without it everything is
// right.
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "workbench_plugin.h"

static const wb_host *host;
static char kind[64];

static int is(const char *name) { return strcmp(kind, name) == 0; }

static int starts(const char *name) { return strncmp(kind, name, strlen(name)) == 0; }

static void hang(void) {
  for (;;) { pause(); }
}

// Where the compiler cannot know that it is nowhere.
static volatile int *volatile nowhere;

static void crash(void) { *nowhere = 1; }

static void *sleeper(void *unused) {
  hang();
  return unused;
}

static void leave_thread(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, sleeper, NULL);
}

static void busy(long milliseconds) {
  struct timespec start, now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
  do {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < milliseconds);
}

// ------------------------------------------------------------------------------------------------ Sampler

// Adds noise and makes used tokens less likely: everything that conformance asks about has an effect.
typedef struct state {
  uint64_t seed, random;
  int32_t used[64];
  int count;
} state;

static uint64_t calls;

static wb_status create(
    void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
  (void)context;
  if (is("create refuses a bound") && setup->values[0].f64 == 2) {
    strncpy(error, "two is too many", capacity);
    return WB_INVALID_ARGUMENT;
  }
  if (is("create allocates without end")) {
    static void *volatile taken;
    while ((taken = malloc((size_t)1 << 26))) {}
    return WB_OUT_OF_MEMORY;
  }
  if (is("create gives nothing")) { return WB_OK; }
  state *made = calloc(1, sizeof *made);
  made->seed = made->random = is("ignores the seed") ? ++calls : setup->seed;
  *instance = made;
  return WB_OK;
}

static wb_status clone(const void *instance, void **copy, char *error, size_t capacity) {
  (void)error, (void)capacity;
  if (is("clone shares state")) {
    *copy = (void *)instance;
    return WB_OK;
  }
  state *made = calloc(1, sizeof *made);
  if (!is("clone forgets")) { *made = *(const state *)instance; }
  *copy = made;
  return WB_OK;
}

static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
  state *self = instance;
  size_t count = candidates->count;
  float *logits = candidates->logits;
  if (is("apply crashes")) { crash(); }
  if (is("apply aborts")) { abort(); }
  if (is("apply exits")) { exit(0); }
  if (is("apply hangs")) { hang(); }
  if (is("apply loops")) {
    for (;;) { calls++; }
  }
  if (is("apply leaves a thread")) { leave_thread(); }
  if (is("apply is slow") && count > 10000) { busy(25); }
  if (is("apply is too slow")) { busy(150); }
  // Longer than any budget, but without a processor: what a busy machine does to every call.
  if (is("apply is kept waiting") && count > 10000) { usleep(300000); }
  if (is("apply writes NaN")) { logits[count / 2] = NAN; }
  if (is("apply drops all")) { candidates->count = 0; }
  if (is("apply adds candidates")) { candidates->count = count + 1; }
  if (is("apply adds 2^63 candidates")) { candidates->count = (size_t)1 << 63; }
  if (is("apply invents a token")) { candidates->ids[0] = 1 << 30; }
  if (is("apply returns a negative token")) { candidates->ids[0] = -5; }
  if (is("apply returns a token twice") && count > 1) { candidates->ids[1] = candidates->ids[0]; }
  if (is("apply forbids all")) {
    for (size_t index = 0; index < count; index++) { logits[index] = -INFINITY; }
  }
  if (is("apply writes behind the end")) { logits[count] = 1; }
  if (is("apply writes before the start")) { candidates->ids[-1] = 1; }
  if (is("apply writes far behind the end")) { logits[count + 100000] = 1; }
  if (is("apply exchanges the arrays")) { candidates->logits = malloc(count * sizeof(float)); }
  if (is("apply fails")) {
    strncpy(error, "no\033[31m luck", capacity);
    return WB_FAILED;
  }
  if (is("apply writes a long message")) {
    memset(error, 'x', capacity + 16);
    return WB_FAILED;
  }
  for (size_t index = 0; index < count; index++) {
    uint64_t mixed = self->random ^ (uint64_t)candidates->ids[index];
    logits[index] += (float)(host->random(&mixed) >> 40) * 0x1p-22f;
    for (int place = 0; place < self->count; place++) {
      if (self->used[place] == candidates->ids[index]) { logits[index] -= 5; }
    }
  }
  if (!is("lies about state") || self->count < 60) { host->random(&self->random); }
  return WB_OK;
}

static wb_status accept(void *instance, int32_t token) {
  state *self = instance;
  if (self->count < 64) { self->used[self->count++] = token; }
  return WB_OK;
}

static void reset(void *instance) {
  state *self = instance;
  if (is("reset remembers")) { return; }
  self->count = 0;
  self->random = is("reset keeps its random numbers") ? self->random : self->seed;
}

static void destroy(void *instance) {
  if (is("destroy crashes")) { crash(); }
  if (!is("clone shares state")) { free(instance); }
}

static wb_parameter parameters[] = {
    {.header = WB_HEADER(wb_parameter),
        .name = "noise",
        .type = WB_F64,
        .meaning = "How much.",
        .fallback = {.f64 = 1},
        .minimum = {.f64 = 0},
        .maximum = {.f64 = 2}},
    {.header = WB_HEADER(wb_parameter),
        .name = "kept",
        .type = WB_BOOL,
        .meaning = "Whether.",
        .fallback = {.i64 = 1}},
    {.header = WB_HEADER(wb_parameter),
        .name = "note",
        .type = WB_TEXT,
        .meaning = "What.",
        .fallback = {.text = "a"}},
};

static wb_sampler samplers[2] = {{
    .header = WB_HEADER(wb_sampler),
    .name = "x",
    .summary = "Adds noise.",
    .flags = WB_STATEFUL | WB_HISTORY,
    .parameters = parameters,
    .parameter_count = 3,
    .create = create,
    .clone = clone,
    .apply = apply,
    .accept = accept,
    .reset = reset,
    .destroy = destroy,
}};

// ------------------------------------------------------------------------------------------------ Template

static wb_status render(
    void *context, const wb_conversation *conversation, wb_output *output, char *error, size_t capacity) {
  (void)context, (void)error, (void)capacity;
  static char block[65536];
  if (is("render writes without end")) {
    while (host->append_text(output, block, sizeof block, WB_LITERAL, 0) == WB_OK) {}
    return WB_OK;
  }
  if (is("render crashes")) { crash(); }
  if (is("render writes bytes")) { host->append_text(output, "ab\xFF", 3, WB_LITERAL, 0); }
  if (is("render names a message too many")) { host->append_text(output, "a", 1, WB_CONTENT, (size_t)-1); }
  if (is("render names an unknown origin")) { host->append_text(output, "a", 1, 77, 0); }
  if (is("render appends nothing much")) { host->append_text(output, NULL, 5, WB_LITERAL, 0); }
  if (is("render appends a negative count")) { host->append_text(output, block, (size_t)-1, WB_LITERAL, 0); }
  if (is("render appends tokens")) { host->append_token(output, 1, 0, 1); }
  if (is("render splits a character")) {
    host->append_text(output, "\xC3", 1, WB_LITERAL, 0);
    host->append_text(output, "\xA9", 1, WB_BOS, 0);
  }
  if (is("render counts its calls")) {
    char digit = (char)('0' + calls++ % 10);
    host->append_text(output, &digit, 1, WB_LITERAL, 0);
  }
  if (is("render refuses all")) { return WB_INVALID_ARGUMENT; }
  for (size_t index = 0; index < conversation->message_count; index++) {
    wb_text text = conversation->messages[index]->content;
    if (is("render leaves content out")) { text.count = 0; }
    wb_origin origin = is("render calls content its own") ? WB_LITERAL : WB_CONTENT;
    host->append_text(output, "> ", 2, WB_LITERAL, 0);
    host->append_text(output, text.bytes, text.count, origin, index);
  }
  return WB_OK;
}

static const char *stops[] = {"> "};

static wb_template templates[] = {{
    .header = WB_HEADER(wb_template),
    .name = "y",
    .summary = "Quotes.",
    .stop_strings = stops,
    .stop_string_count = 1,
    .render = render,
}};

// ------------------------------------------------------------------------------------------------ Tokenizer

// Whether "<s>" stands at `at`, in a trusted part.
static int is_start(const wb_encoding *encoding, size_t at) {
  if (encoding->text.count - at < 3 || memcmp(encoding->text.bytes + at, "<s>", 3) != 0) { return 0; }
  for (size_t index = 0; index < encoding->trusted_count; index++) {
    wb_range range = encoding->trusted[index];
    if (range.begin <= at && at + 3 <= range.end) { return 1; }
  }
  return is("encode trusts everybody");
}

static wb_status encode(
    void *context, const wb_encoding *encoding, wb_output *output, char *error, size_t capacity) {
  (void)context, (void)error, (void)capacity;
  size_t count = encoding->text.count;
  if (is("encode crashes")) { crash(); }
  if (is("encode leaves the text")) { host->append_token(output, 1, 0, count + 10); }
  if (is("encode leaves the vocabulary")) { host->append_token(output, 100000, 0, 0); }
  if (is("encode goes backwards")) { host->append_token(output, 1, count, 0); }
  if (is("encode makes tokens without end")) {
    while (host->append_token(output, 1, 0, 0) == WB_OK) {}
  }
  for (size_t at = 0; at < count; at++) {
    unsigned char byte = (unsigned char)encoding->text.bytes[at];
    if (is_start(encoding, at)) {
      host->append_token(output, 256, at, at + 3);
      at += 2;
      continue;
    }
    if (is("encode loses bytes") && byte >= 0xF0) { continue; }
    host->append_token(output, byte, at, at + 1);
  }
  return WB_OK;
}

static wb_status decode(void *context, int32_t token, wb_token_kind *token_kind, wb_output *output) {
  (void)context;
  char byte = (char)token;
  *token_kind = token == 256 ? WB_CONTROL : is("decode invents a kind") ? 9 : WB_BYTE;
  static char block[1 << 20];
  if (is("decode writes a long token") && token == 7) {
    return host->append_bytes(output, block, sizeof block);
  }
  if (is("decode fails") && token == 7) { return WB_FAILED; }
  return token == 256 ? host->append_bytes(output, "<s>", 3) : host->append_bytes(output, &byte, 1);
}

static wb_tokenizer tokenizers[] = {{
    .header = WB_HEADER(wb_tokenizer),
    .name = "z",
    .summary = "Bytes.",
    .vocabulary_size = 257,
    .bos = 256,
    .eos = -1,
    .unknown = -1,
    .padding = -1,
    .encode = encode,
    .decode = decode,
}};

// ------------------------------------------------------------------------------------------------ Entry

static void crash_late(void) { crash(); }

static void misbehave_in_process(void) {
  if (is("entry crashes")) { crash(); }
  if (is("entry aborts")) { abort(); }
  if (is("entry exits")) { exit(0); }
  if (is("entry hangs")) { hang(); }
  if (is("entry leaves a thread")) { leave_thread(); }
  if (is("entry closes a descriptor")) { close(0); }
  if (is("entry changes the folder") && chdir("/") != 0) { abort(); }
  if (is("entry changes the locale")) { setlocale(LC_ALL, "C.UTF-8"); }
  if (is("entry ignores a signal")) { signal(SIGTERM, SIG_IGN); }
  if (is("entry changes the umask")) { umask(0); }
#if defined(__x86_64__)
  if (is("entry changes rounding")) { _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON); }
#endif
  if (is("crashes at exit")) { atexit(crash_late); }
  if (is("entry blocks signals")) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
  }
}

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *given, wb_plugin *plugin) {
  host = given;
  const char *wanted = getenv("MISBEHAVIOUR");
  strncpy(kind, wanted ? wanted : "", sizeof kind - 1);
  misbehave_in_process();
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin),
      .name = "misbehaving",
      .version = "1",
      .summary = "Wrong.",
      .samplers = samplers,
      .sampler_count = 1,
      .templates = templates,
      .template_count = 1,
      .tokenizers = tokenizers,
      .tokenizer_count = 1};
  // What is not looked at need not be checked.
  if (starts("render") || starts("encode") || starts("decode") || starts("entry ")) {
    plugin->sampler_count = 0;
  }
  if (is("entry fails")) { return WB_UNSUPPORTED; }
  if (is("entry writes far")) { memset((char *)plugin + 4096, 1, 64); }
  if (is("wrong major")) { plugin->header.major = 9; }
  if (is("newer minor")) { plugin->header.minor = WB_ABI_MINOR + 1; }
  if (is("newer sampler")) { samplers[0].header.minor = WB_ABI_MINOR + 1; }
  if (is("small struct")) { samplers[0].header.size = 16; }
  if (is("absurd struct")) { samplers[0].header.size = UINT32_MAX; }
  if (is("unlike structs")) { plugin->sampler_count = 2, samplers[1].header = (wb_header){1, 0, 256}; }
  if (is("odd array")) { plugin->samplers = (const wb_sampler *)((const char *)samplers + 1); }
  if (is("no name")) { plugin->name = NULL; }
  if (is("empty name")) { samplers[0].name = ""; }
  if (is("spaced name")) { samplers[0].name = "a b"; }
  if (is("long name")) {
    samplers[0].name = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggggg";
  }
  if (is("summary that is not text")) { samplers[0].summary = "\xC3("; }
  if (is("summary that steers terminals")) { samplers[0].summary = "\033[2J"; }
  if (is("huge count")) { plugin->sampler_count = UINT32_MAX; }
  if (is("null array")) { plugin->templates = NULL; }
  if (is("null function")) { samplers[0].apply = NULL; }
  if (is("state without clone")) { samplers[0].clone = NULL; }
  if (is("history without state")) { samplers[0].flags = WB_HISTORY; }
  if (is("unknown flags")) { samplers[0].flags |= 1 << 20; }
  if (is("lies about state")) { samplers[0].flags = 0; }
  if (is("lies about the best")) { samplers[0].flags |= WB_KEEPS_BEST; }
  if (is("selects nothing")) { samplers[0].flags |= WB_SELECTS; }
  if (is("two of one name")) { plugin->sampler_count = 2, samplers[1] = samplers[0]; }
  if (is("no range")) { parameters[0].minimum.f64 = 5; }
  if (is("default that is NaN")) { parameters[0].fallback.f64 = NAN; }
  if (is("unknown type")) { parameters[0].type = 12; }
  if (is("empty stop string")) { stops[0] = ""; }
  if (is("vocabulary of 2^31")) { tokenizers[0].vocabulary_size = INT32_MAX; }
  if (is("bos beyond the vocabulary")) { tokenizers[0].bos = 257; }
  if (is("offers nothing")) { plugin->sampler_count = plugin->template_count = plugin->tokenizer_count = 0; }
  return WB_OK;
}
