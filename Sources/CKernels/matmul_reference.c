// Activations and matrix products in plain C: the meaning of the other levels, operation by operation.
#include "reference.h"

// Rounds to nearest even as the processor's conversion does, for |x| < 2^22.
static int round_to_int(float x) {
  const float shifted = x + 0x1.8p23f;
  return (int)(ck_bits_of_float(shifted) & 0x7fffff) - 0x400000;
}

// Sixteen-bit fixed point to steps, as the processor's pmulhrsw rounds.
static int steps_of(int16_t fixed, int steps) { return (fixed * steps + (1 << 14)) >> 15; }

// Quantises 32 values x, of which `largest` is the largest magnitude, to scale * q with the best of several steps.
// For given q, the squared error is smallest with scale = sum(x q) / sum(q q), where it is sum(x x) less
// sum(x q)^2 / sum(q q): the q with the largest such gain is the best. The values being in fixed point, the sums are
// of integers, whose order does not matter.
static float quantise_searched(const float *x, float largest, int8_t q[CK_GROUP]) {
  int16_t fixed[CK_GROUP];
  const float inverse = CK_FIXED_ONE / largest;
  for (size_t i = 0; i < CK_GROUP; i++) { fixed[i] = (int16_t)round_to_int(x[i] * inverse); }
  float best_gain = 0, scale = 0;
  int best = 0;
  for (int steps = CK_MOST_STEPS; steps > CK_MOST_STEPS - CK_STEP_CHOICES; steps--) {
    int32_t xq = 0, qq = 0;
    for (size_t i = 0; i < CK_GROUP; i++) {
      const int value = steps_of(fixed[i], steps);
      xq += fixed[i] * value;
      qq += value * value;
    }
    const float gain = (float)xq * (float)xq / (float)qq;
    if (gain <= best_gain) { continue; }
    best_gain = gain;
    best = steps;
    scale = (float)xq / (float)qq;
  }
  for (size_t i = 0; i < CK_GROUP; i++) { q[i] = (int8_t)steps_of(fixed[i], best); }
  return scale * (largest / CK_FIXED_ONE);
}

// Quantises 32 values to scale * q. A group that holds NaN or infinity becomes zeros with scale NaN, so that its
// products are NaN.
static float quantise_group(ck_type type, const float *x, int8_t q[CK_GROUP]) {
  uint32_t largest = 0;
  for (size_t i = 0; i < CK_GROUP; i++) {
    const uint32_t magnitude = ck_bits_of_float(x[i]) & 0x7fffffff;
    largest = magnitude > largest ? magnitude : largest;
  }
  const bool finite = largest < 0x7f800000;
  if (!finite || largest < CK_LEAST_ACTIVATION_BITS) {
    memset(q, 0, CK_GROUP);
    return finite ? 0.0f : NAN;
  }
  if (ck_searches_steps(type)) { return quantise_searched(x, ck_float_of_bits(largest), q); }
  const float inverse = CK_MOST_STEPS / ck_float_of_bits(largest);
  for (size_t i = 0; i < CK_GROUP; i++) { q[i] = (int8_t)round_to_int(x[i] * inverse); }
  return ck_float_of_bits(largest) / CK_MOST_STEPS;
}

static void pack_group(ck_type type, const float *x, uint8_t *record, size_t width, size_t lane) {
  const ck_traits *traits = ck_traits_of(type);
  int8_t q[CK_GROUP];
  const float scale = quantise_group(type, x, q);
  memcpy(record + 32 * lane, q, sizeof q);
  memcpy(record + 32 * width + 4 * lane, &scale, sizeof scale);
  const size_t parts = ck_class_parts(traits->class), part_values = CK_GROUP / parts;
  for (size_t part = 0; part < parts; part++) {
    int32_t sum = 0;
    for (size_t i = 0; i < part_values; i++) { sum += q[part * part_values + i]; }
    const int32_t bias = -(int32_t)traits->offset * sum;
    const float weighted = scale * (float)sum;
    uint8_t *at = record + (36 + 4 * part) * width + 4 * lane;
    if (ck_class_has_min(traits->class)) {
      memcpy(at, &weighted, 4);
    } else {
      memcpy(at, &bias, 4);
    }
  }
}

void ck_pack_activations_reference(ck_type type, const float *x, size_t x_stride, void *packed, size_t tokens,
                                   size_t cols, size_t token_begin, size_t token_end) {
  const ck_class class = ck_traits_of(type)->class;
  for (size_t token = token_begin; token < token_end; token++) {
    const size_t lane = token % CK_TILE, width = ck_tile_width(tokens, token - lane);
    uint8_t *tile = (uint8_t *)packed + (token - lane) * ck_token_bytes(class, cols);
    const float *from = x + token * x_stride;
    if (class == CK_CLASS_FLOAT) {
      for (size_t col = 0; col < cols; col++) { memcpy(tile + (col * width + lane) * 4, from + col, 4); }
      continue;
    }
    for (size_t group = 0; group < cols / CK_GROUP; group++) {
      pack_group(type, from + group * CK_GROUP, tile + group * width * ck_group_bytes(class), width, lane);
    }
  }
}

// Adds one group's product to the sums of one token.
static void add_group(const ck_group *group, ck_class class, const uint8_t *record, size_t width, size_t lane,
                      float sums[CK_PANEL_ROWS]) {
  const int8_t *q = (const int8_t *)record + 32 * lane;
  float x_scale;
  memcpy(&x_scale, record + 32 * width + 4 * lane, 4);
  const size_t parts = ck_class_parts(class), words = CK_GROUP_WORDS / parts;
  for (size_t part = 0; part < parts; part++) {
    const uint8_t *correction = record + (36 + 4 * part) * width + 4 * lane;
    const int32_t bias = ck_class_has_min(class) ? 0 : (int32_t)ck_load_u32(correction);
    const float x_sum = ck_class_has_min(class) ? ck_float_of_bits(ck_load_u32(correction)) : 0;
    for (size_t row = 0; row < CK_PANEL_ROWS; row++) {
      int32_t dot = bias;
      for (size_t word = part * words; word < (part + 1) * words; word++) {
        for (size_t i = 0; i < 4; i++) { dot += group->u[word][row][i] * q[4 * word + i]; }
      }
      sums[row] = fmaf((float)dot, group->scale[part][row] * x_scale, sums[row]);
      if (ck_class_has_min(class)) { sums[row] = fmaf(group->min[part][row], x_sum, sums[row]); }
    }
  }
}

static float weight_at(ck_type type, const uint8_t *panel, size_t index) {
  switch (type) {
    case CK_F16: return ck_half_to_float(ck_load_u16(panel + 2 * index));
    case CK_BF16: return ck_bf16_to_float(ck_load_u16(panel + 2 * index));
    default: return ck_float_of_bits(ck_load_u32(panel + 4 * index));
  }
}

// The products of one panel and one tile of `width` tokens.
static void tile_product(ck_type type, const uint8_t *panel, const uint8_t *tile, size_t width, size_t cols,
                         float sums[CK_TILE][CK_PANEL_ROWS]) {
  const ck_class class = ck_traits_of(type)->class;
  memset(sums, 0, sizeof(float[CK_TILE][CK_PANEL_ROWS]));
  if (class == CK_CLASS_FLOAT) {
    for (size_t col = 0; col < cols; col++) {
      for (size_t row = 0; row < CK_PANEL_ROWS; row++) {
        const float weight = weight_at(type, panel, col * CK_PANEL_ROWS + row);
        for (size_t lane = 0; lane < width; lane++) {
          const float x = ck_float_of_bits(ck_load_u32(tile + 4 * (col * width + lane)));
          sums[lane][row] = fmaf(weight, x, sums[lane][row]);
        }
      }
    }
    return;
  }
  for (size_t group = 0; group < cols / CK_GROUP; group++) {
    ck_group decoded;
    ck_decode_group_reference(type, panel, group, &decoded);
    const uint8_t *record = tile + group * width * ck_group_bytes(class);
    for (size_t lane = 0; lane < width; lane++) {
      add_group(&decoded, class, record, width, lane, sums[lane]);
    }
  }
}

void ck_matmul_reference(ck_type type, const void *packed, const void *activations, float *out,
                         size_t out_stride, size_t rows, size_t cols, size_t tokens, size_t panel_begin,
                         size_t panel_end) {
  const ck_traits *traits = ck_traits_of(type);
  const size_t panel_bytes = cols / traits->block_values * traits->packed_bytes;
  for (size_t panel = panel_begin; panel < panel_end; panel++) {
    const size_t first_row = panel * CK_PANEL_ROWS;
    const size_t count = rows - first_row < CK_PANEL_ROWS ? rows - first_row : CK_PANEL_ROWS;
    for (size_t first = 0; first < tokens; first += CK_TILE) {
      const size_t width = ck_tile_width(tokens, first);
      const uint8_t *tile = (const uint8_t *)activations + first * ck_token_bytes(traits->class, cols);
      float sums[CK_TILE][CK_PANEL_ROWS];
      tile_product(type, (const uint8_t *)packed + panel * panel_bytes, tile, width, cols, sums);
      for (size_t lane = 0; lane < width; lane++) {
        memcpy(out + (first + lane) * out_stride + first_row, sums[lane], count * sizeof(float));
      }
    }
  }
}
