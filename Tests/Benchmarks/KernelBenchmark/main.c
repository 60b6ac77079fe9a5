// How fast the kernels are, next to how fast this machine reads memory.
//
//   KernelBenchmark [--level reference|avx2|avx512] [--type Q4_1] [--rows 4096] [--cols 14336] [--tokens 512]
//   [--quick]
//
// For each type: one token (GB/s of packed weights) and many tokens (GFLOP/s), on one and two threads; then
// attention, exponentials and the rest on one. Each figure is the median of several runs; results are checked
// against the reference level before they are timed.
#include "measure.h"

static const int32_t types[] = {CK_Q4_1, CK_Q8_0, CK_Q4_0,   CK_Q6_K,   CK_Q4_K, CK_Q5_K, CK_Q3_K, CK_Q2_K,
                                CK_Q5_0, CK_Q5_1, CK_IQ4_NL, CK_IQ4_XS, CK_F16,  CK_BF16, CK_F32};

typedef struct options {
  ck_level level;
  int32_t type;  // -1: all
  size_t rows, cols, tokens;
} options;

static bool parse_level(const char *name, ck_level *level) {
  for (int i = CK_LEVEL_REFERENCE; i <= CK_LEVEL_AVX512; i++) {
    if (strcmp(name, ck_level_name((ck_level)i)) == 0) {
      *level = (ck_level)i;
      return true;
    }
  }
  return false;
}

static bool parse_type(const char *name, int32_t *type) {
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (strcmp(name, ck_type_name((ck_type)types[i])) == 0) {
      *type = types[i];
      return true;
    }
  }
  return false;
}

static bool parse_count(const char *text, size_t *count) {
  char *end;
  const unsigned long value = strtoul(text, &end, 10);
  *count = value;
  return *end == 0 && value > 0 && value <= 1 << 20;
}

static bool parse(int count, char **words, options *options) {
  for (int i = 1; i < count; i++) {
    const char *name = words[i], *value = i + 1 < count ? words[i + 1] : "";
    if (strcmp(name, "--quick") == 0) {
      options->rows = 1024;
      options->cols = 2048;
      options->tokens = 64;
      continue;
    }
    bool fine = false;
    if (strcmp(name, "--level") == 0) { fine = parse_level(value, &options->level); }
    if (strcmp(name, "--type") == 0) { fine = parse_type(value, &options->type); }
    if (strcmp(name, "--rows") == 0) { fine = parse_count(value, &options->rows); }
    if (strcmp(name, "--cols") == 0) { fine = parse_count(value, &options->cols); }
    if (strcmp(name, "--tokens") == 0) { fine = parse_count(value, &options->tokens); }
    if (!fine) {
      fprintf(stderr, "KernelBenchmark: cannot use '%s %s'\n", name, value);
      return false;
    }
    i++;
  }
  return true;
}

int main(int count, char **words) {
  options options = {ck_best_level(), -1, 4096, 14336, 512};
  if (!parse(count, words, &options)) { return 2; }
  if (options.cols % 256 != 0) {
    fprintf(stderr, "KernelBenchmark: --cols must be a multiple of 256\n");
    return 2;
  }
  if (!ck_set_level(options.level)) {
    fprintf(stderr, "KernelBenchmark: this processor has no %s\n", ck_level_name(options.level));
    return 2;
  }
  printf("level %s, read bandwidth %.1f GB/s on one thread, %.1f on two\n", ck_level_name(options.level),
         measure_read(1), measure_read(2));
  printf("%zu x %zu; one token: GB/s of packed weights; %zu tokens: GFLOP/s\n", options.rows, options.cols,
         options.tokens);
  printf("%-8s %11s %11s %11s %11s\n", "type", "1 token x1", "1 token x2", "many x1", "many x2");
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (options.type >= 0 && options.type != types[i]) { continue; }
    if (!measure_matmul((ck_type)types[i], options.rows, options.cols, options.tokens)) {
      printf("%s differs from the reference\n", ck_type_name((ck_type)types[i]));
      return 1;
    }
  }
  if (options.type < 0) { measure_rest(); }
  return 0;
}
