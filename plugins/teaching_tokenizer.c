// A tokenizer without a vocabulary file: each byte is a token, as in ByT5 (Xue and others, 2021,
// arXiv:2105.13626). Ids 0 to 2 are <pad>, </s> and <unk>, byte b is 3 + b.
//
//   cc -O2 -shared -fPIC -I ../Sources/CWorkbenchPlugin/include -o teaching_tokenizer.so teaching_tokenizer.c
#include <string.h>

#include "workbench_plugin.h"

enum { PAD = 0, END = 1, UNKNOWN = 2, FIRST_BYTE = 3, VOCABULARY = FIRST_BYTE + 256 };

static const wb_host *host;
static const char *const special[] = {"<pad>", "</s>", "<unk>"};

// Whether the bytes from begin to end are inside a trusted part of the text.
static int is_trusted(const wb_encoding *encoding, size_t begin, size_t end) {
  for (size_t index = 0; index < encoding->trusted_count; index++) {
    if (encoding->trusted[index].begin <= begin && end <= encoding->trusted[index].end) { return 1; }
  }
  return 0;
}

// The special token that is spelled at `begin` in trusted text; -1 if there is none.
static int special_at(const wb_encoding *encoding, size_t begin) {
  for (int token = PAD; token <= UNKNOWN; token++) {
    size_t length = strlen(special[token]);
    if (encoding->text.count - begin >= length
        && memcmp(encoding->text.bytes + begin, special[token], length) == 0
        && is_trusted(encoding, begin, begin + length)) {
      return token;
    }
  }
  return -1;
}

static wb_status encode(
    void *context, const wb_encoding *encoding, wb_output *output, char *error, size_t capacity) {
  (void)context, (void)error, (void)capacity;
  size_t at = 0;
  while (at < encoding->text.count) {
    int token = special_at(encoding, at);
    size_t length = token >= 0 ? strlen(special[token]) : 1;
    if (token < 0) { token = FIRST_BYTE + (unsigned char)encoding->text.bytes[at]; }
    wb_status status = host->append_token(output, token, at, at + length);
    if (status != WB_OK) { return status; }  // the host accepts no more
    at += length;
  }
  return WB_OK;
}

static wb_status decode(void *context, int32_t token, wb_token_kind *kind, wb_output *output) {
  (void)context;
  if (token >= FIRST_BYTE) {
    char byte = (char)(token - FIRST_BYTE);
    *kind = WB_BYTE;
    return host->append_bytes(output, &byte, 1);
  }
  *kind = token == UNKNOWN ? WB_UNKNOWN : WB_CONTROL;
  return host->append_bytes(output, special[token], strlen(special[token]));
}

static const int32_t ends[] = {END};

static const wb_tokenizer tokenizers[] = {{
    .header = WB_HEADER(wb_tokenizer), .name = "bytes", .summary = "Each byte is a token, as in ByT5.",
    .flags = WB_ADDS_EOS, .vocabulary_size = VOCABULARY, .bos = -1, .eos = END, .unknown = UNKNOWN,
    .padding = PAD, .end_of_generation = ends, .end_of_generation_count = 1, .encode = encode,
    .decode = decode,
}};

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *given, wb_plugin *plugin) {
  host = given;
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin), .name = "teaching-tokenizer", .version = "1.0.0",
                        .summary = "A tokenizer to learn from.", .tokenizers = tokenizers,
                        .tokenizer_count = 1};
  return WB_OK;
}
