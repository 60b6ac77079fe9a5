#include "measure.h"

#include <math.h>
#include <pthread.h>
#include <time.h>

enum { MOST_THREADS = 2, RUNS = 7 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *allocate(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (memory == NULL) {
    fprintf(stderr, "KernelBenchmark: no memory for %zu bytes\n", bytes);
    exit(1);
  }
  memset(memory, 0, bytes);
  return memory;
}

static uint32_t random_state = 12345;

static uint32_t random_bits(void) {
  random_state = random_state * 1664525 + 1013904223;
  return random_state >> 8;
}

static void random_floats(float *x, size_t n) {
  for (size_t i = 0; i < n; i++) { x[i] = (float)(random_bits() & 0xffff) / 32768.0f - 1.0f; }
}

// Runs work(context, index, threads) on each of the threads; the seconds it took.
typedef void (*worker)(void *context, size_t index, size_t threads);

typedef struct job {
  worker work;
  void *context;
  size_t index, threads;
} job;

static void *run_job(void *argument) {
  const job *j = argument;
  j->work(j->context, j->index, j->threads);
  return NULL;
}

static double run_once(worker work, void *context, size_t threads) {
  pthread_t ids[MOST_THREADS];
  job jobs[MOST_THREADS];
  const double start = now();
  for (size_t i = 1; i < threads; i++) {
    jobs[i] = (job){work, context, i, threads};
    pthread_create(&ids[i], NULL, run_job, &jobs[i]);
  }
  work(context, 0, threads);
  for (size_t i = 1; i < threads; i++) { pthread_join(ids[i], NULL); }
  return now() - start;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(worker work, void *context, size_t threads) {
  double seconds[RUNS];
  for (size_t i = 0; i < RUNS; i++) { seconds[i] = run_once(work, context, threads); }
  qsort(seconds, RUNS, sizeof seconds[0], compare);
  return seconds[RUNS / 2];
}

// 1. Reading --------------------------------------------------------------------------------------

typedef struct read_work {
  const uint64_t *words;
  size_t count;
  volatile uint64_t sink;
} read_work;

static void read_part(void *context, size_t index, size_t threads) {
  read_work *work = context;
  uint64_t sums[16] = {0};
  const size_t part = work->count / threads / 16 * 16;
  for (size_t i = index * part; i < (index + 1) * part; i += 16) {
    for (size_t j = 0; j < 16; j++) { sums[j] += work->words[i + j]; }
  }
  for (size_t j = 0; j < 16; j++) { work->sink += sums[j]; }
}

double measure_read(size_t threads) {
  const size_t bytes = 256u << 20;
  uint64_t *words = allocate(bytes);
  read_work work = {words, bytes / 8, 0};
  const double seconds = median(read_part, &work, threads);
  free(words);
  return (double)bytes / seconds * 1e-9;
}

// 2. Products -------------------------------------------------------------------------------------

typedef struct matmul_work {
  ck_type type;
  const void *packed, *activations;
  float *out;
  size_t rows, cols, tokens;
} matmul_work;

static void matmul_part(void *context, size_t index, size_t threads) {
  const matmul_work *work = context;
  const size_t panels = (work->rows + CK_PANEL_ROWS - 1) / CK_PANEL_ROWS;
  ck_matmul(work->type, work->packed, work->activations, work->out, work->rows, work->rows, work->cols,
            work->tokens, panels * index / threads, panels * (index + 1) / threads);
}

// Random weights: any bytes will do where the scales are made ordinary.
static void random_weights(ck_type type, uint8_t *packed, size_t bytes) {
  if (type == CK_F32) {
    random_floats((float *)packed, bytes / 4);
    return;
  }
  for (size_t i = 0; i + 1 < bytes; i += 2) {
    // As a half: between 2^-11 and 2^-9; as quants: whatever it is.
    const uint16_t half = (uint16_t)(0x1000 | (random_bits() & 0x87ff));
    memcpy(packed + i, &half, 2);
  }
}

static bool same_as_reference(matmul_work work) {
  const ck_level level = ck_current_level();
  const size_t rows = work.rows;
  work.rows = 48;
  work.tokens = work.tokens < 3 ? work.tokens : 3;
  float *x = allocate(work.tokens * work.cols * sizeof(float)),
        *first = allocate(work.tokens * 48 * sizeof(float));
  float *second = allocate(work.tokens * 48 * sizeof(float));
  void *activations = allocate(ck_activation_bytes(work.type, work.tokens, work.cols));
  random_floats(x, work.tokens * work.cols);
  work.activations = activations;
  ck_pack_activations(work.type, x, work.cols, activations, work.tokens, work.cols, 0, work.tokens);
  work.out = first;
  matmul_part(&work, 0, 1);
  ck_set_level(CK_LEVEL_REFERENCE);
  work.out = second;
  matmul_part(&work, 0, 1);
  ck_set_level(level);
  const bool same = memcmp(first, second, work.tokens * 48 * sizeof(float)) == 0;
  free(x);
  free(first);
  free(second);
  free(activations);
  return same && rows >= 48;
}

bool measure_matmul(ck_type type, size_t rows, size_t cols, size_t tokens) {
  const size_t bytes = ck_packed_bytes(type, rows, cols);
  uint8_t *packed = allocate(bytes);
  random_weights(type, packed, bytes);
  float *x = allocate(tokens * cols * sizeof(float)), *out = allocate(tokens * rows * sizeof(float));
  random_floats(x, tokens * cols);
  void *activations = allocate(ck_activation_bytes(type, tokens, cols));
  matmul_work work = {type, packed, activations, out, rows, cols, tokens};
  if (!same_as_reference(work)) { return false; }
  printf("%-8s", ck_type_name(type));
  ck_pack_activations(type, x, cols, activations, 1, cols, 0, 1);
  work.tokens = 1;
  for (size_t threads = 1; threads <= MOST_THREADS; threads++) {
    printf(" %11.1f", (double)bytes / median(matmul_part, &work, threads) * 1e-9);
  }
  ck_pack_activations(type, x, cols, activations, tokens, cols, 0, tokens);
  work.tokens = tokens;
  for (size_t threads = 1; threads <= MOST_THREADS; threads++) {
    const double operations = 2.0 * (double)rows * (double)cols * (double)tokens;
    printf(" %11.0f", operations / median(matmul_part, &work, threads) * 1e-9);
    fflush(stdout);
  }
  printf("\n");
  free(packed);
  free(x);
  free(out);
  free(activations);
  return true;
}

// 3. The rest -------------------------------------------------------------------------------------

typedef struct rest_work {
  float *x, *y;
  void *packed;
  size_t tokens, cols;
  ck_attention_work attention;
  float *scratch;
  volatile size_t sink;
} rest_work;

static void pack_part(void *context, size_t index, size_t threads) {
  const rest_work *work = context;
  ck_pack_activations(CK_Q4_1, work->x, work->cols, work->packed, work->tokens, work->cols,
                      work->tokens * index / threads, work->tokens * (index + 1) / threads);
}

static void silu_part(void *context, size_t index, size_t threads) {
  const rest_work *work = context;
  (void)index, (void)threads;
  ck_silu_multiply(work->x, work->y, work->tokens * work->cols);
}

static void argmax_part(void *context, size_t index, size_t threads) {
  rest_work *work = context;
  (void)index, (void)threads;
  work->sink += ck_argmax(work->y, work->tokens * work->cols);
}

static void attention_part(void *context, size_t index, size_t threads) {
  const rest_work *work = context;
  (void)index, (void)threads;
  ck_attention(&work->attention, work->scratch);
}

// One KV head: `parts` sequences of `queries` tokens each that end at position `keys` - 1, and have all pages in common
// but those of the queries.
static void measure_attention(size_t parts, size_t queries, size_t keys, size_t group, size_t head_dim) {
  enum { PAGE = 32 };
  const size_t pages = (keys + PAGE - 1) / PAGE, shared = (keys - queries) / PAGE, own = pages - shared;
  const size_t page_values = PAGE * head_dim, width = group * head_dim, rows = parts * queries;
  const size_t all = parts > 1 ? shared + parts * own : pages;
  uint16_t *cache = allocate(2 * all * page_values * sizeof(uint16_t));
  const void **table = allocate(parts * pages * sizeof *table);
  ck_attention_part *part = allocate(parts * sizeof *part);
  float *values = allocate(2 * page_values * sizeof(float)), *q = allocate(rows * width * sizeof(float));
  float *out = allocate(rows * width * sizeof(float));
  random_floats(q, rows * width);
  for (size_t page = 0; page < all; page++) {
    random_floats(values, 2 * page_values);
    ck_to_f16(values, cache + 2 * page * page_values, 2 * page_values);
  }
  for (size_t i = 0; i < parts; i++) {
    for (size_t page = 0; page < pages; page++) {
      const size_t number = page < shared ? page : page + i * own;
      table[i * pages + page] = cache + 2 * number * page_values;
    }
    part[i] = (ck_attention_part){table + i * pages, i * queries, queries, keys - queries};
  }
  rest_work work = {0};
  work.attention = (ck_attention_work){.parts = part,
                                       .part_count = parts,
                                       .shared = parts > 1 ? shared * PAGE : 0,
                                       .q = q,
                                       .q_stride = width,
                                       .out = out,
                                       .out_stride = width,
                                       .page_tokens = PAGE,
                                       .value_offset = page_values * sizeof(uint16_t),
                                       .group = group,
                                       .head_dim = head_dim,
                                       .scale = 1.0f / sqrtf((float)head_dim)};
  work.scratch = allocate(ck_attention_scratch(group, head_dim) * sizeof(float));
  const double seconds = median(attention_part, &work, 1);
  const double visible = (double)rows * ((double)keys - (double)(queries - 1) / 2);
  printf("attention %zu x %4zu queries, %5zu keys, group %zu, head %3zu: %8.1f us, %6.1f GFLOP/s\n", parts,
         queries, keys, group, head_dim, seconds * 1e6, 4.0 * visible * (double)width / seconds * 1e-9);
  free(cache);
  free(table);
  free(part);
  free(values);
  free(q);
  free(out);
  free(work.scratch);
}

void measure_rest(void) {
  measure_attention(1, 1, 512, 3, 64);
  measure_attention(1, 1, 4096, 4, 128);
  measure_attention(1, 512, 512, 3, 64);
  measure_attention(1, 512, 4096, 4, 128);
  measure_attention(1, 7, 519, 3, 64);
  measure_attention(4, 7, 519, 3, 64);
  const size_t tokens = 512, cols = 1536, n = tokens * cols;
  rest_work work = {.x = allocate(n * sizeof(float)),
                    .y = allocate(n * sizeof(float)),
                    .packed = allocate(ck_activation_bytes(CK_Q4_1, tokens, cols)),
                    .tokens = tokens,
                    .cols = cols};
  random_floats(work.x, n);
  random_floats(work.y, n);
  printf("pack activations %.2f ns a value\n", median(pack_part, &work, 1) / (double)n * 1e9);
  printf("silu multiply    %.2f ns a value\n", median(silu_part, &work, 1) / (double)n * 1e9);
  printf("argmax           %.2f ns a value\n", median(argmax_part, &work, 1) / (double)n * 1e9);
  free(work.x);
  free(work.y);
  free(work.packed);
}
