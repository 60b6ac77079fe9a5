// From the file's rows to panels of 16 rows (blocks.h says what both look like).
#include "blocks.h"

static const ck_layout layouts[] = {
  // file, packed, planes, quants, high, scales, mins, d, m
  [CK_Q8_0] = {34, CK_Q8_0_BYTES, 8, 2, 0, 0, 0, CK_Q8_0_D, 0},
  [CK_Q4_0] = {18, CK_Q4_0_BYTES, 4, 2, 0, 0, 0, CK_Q4_0_D, 0},
  [CK_Q4_1] = {20, CK_Q4_1_BYTES, 4, 4, 0, 0, 0, CK_Q4_1_D, CK_Q4_1_M},
  [CK_Q5_0] = {22, CK_Q5_0_BYTES, 4, 6, CK_Q5_0_HIGH, 0, 0, CK_Q5_0_D, 0},
  [CK_Q5_1] = {24, CK_Q5_1_BYTES, 4, 8, CK_Q5_1_HIGH, 0, 0, CK_Q5_1_D, CK_Q5_1_M},
  [CK_Q2_K] = {84, CK_Q2_K_BYTES, 16, 16, 0, CK_Q2_K_SC, 0, CK_Q2_K_D, CK_Q2_K_M},
  [CK_Q3_K] = {110, CK_Q3_K_BYTES, 16, 32, CK_Q3_K_HIGH, CK_Q3_K_SC, 0, CK_Q3_K_D, 0},
  [CK_Q4_K] = {144, CK_Q4_K_BYTES, 32, 16, 0, CK_Q4_K_SC, CK_Q4_K_MN, CK_Q4_K_D, CK_Q4_K_M},
  [CK_Q5_K] = {176, CK_Q5_K_BYTES, 32, 48, CK_Q5_K_HIGH, CK_Q5_K_SC, CK_Q5_K_MN, CK_Q5_K_D, CK_Q5_K_M},
  [CK_Q6_K] = {210, CK_Q6_K_BYTES, 32, 0, CK_Q6_K_HIGH, CK_Q6_K_SC, 0, CK_Q6_K_D, 0},
  [CK_IQ4_NL] = {18, CK_Q4_0_BYTES, 4, 2, 0, 0, 0, CK_Q4_0_D, 0},
  [CK_IQ4_XS] = {136, CK_IQ4_XS_BYTES, 32, 8, 0, CK_IQ4_XS_SC, 0, CK_IQ4_XS_D, 0},
};

const ck_layout *ck_layout_of(ck_type type) {
  assert(ck_traits_of(type)->class != CK_CLASS_FLOAT);
  return &layouts[type];
}

// Puts `words` words of a row's bytes into the row's column of planes.
static void put_planes(uint8_t *planes, const uint8_t *bytes, size_t words, size_t row) {
  for (size_t word = 0; word < words; word++) {
    memcpy(planes + word * CK_PLANE_BYTES + row * 4, bytes + word * 4, 4);
  }
}

static void put_half(uint8_t *at, const uint8_t *half, size_t row) { memcpy(at + 2 * row, half, 2); }

// Q8_0: the planes as unsigned bytes.
static void flip_signs(uint8_t *planes, size_t row) {
  for (size_t word = 0; word < 8; word++) {
    for (size_t i = 0; i < 4; i++) { planes[word * CK_PLANE_BYTES + row * 4 + i] ^= 0x80; }
  }
}

// Q5: bit 4 row + i of the group's mask.
static void put_fifth_bits(uint8_t *masks, uint32_t bits, size_t row) {
  for (size_t word = 0; word < CK_GROUP_WORDS; word++) {
    const uint8_t nibble = bits >> (4 * word) & 15;
    uint8_t *at = masks + 8 * word + row / 2;
    *at = row % 2 ? (uint8_t)((*at & 0x0f) | nibble << 4) : (uint8_t)((*at & 0xf0) | nibble);
  }
}

// The i-th pair of 6-bit scale and minimum of the 12 bytes that Q4_K and Q5_K hold.
static void six_bit_pair(const uint8_t *sc, size_t i, uint8_t *scale, uint8_t *min) {
  if (i < 4) {
    *scale = sc[i] & 63;
    *min = sc[i + 4] & 63;
  } else {
    *scale = (uint8_t)((sc[i + 4] & 15) | (sc[i - 4] >> 6) << 4);
    *min = (uint8_t)(sc[i + 4] >> 4 | (sc[i] >> 6) << 4);
  }
}

// The i-th of the 16 signed 6-bit scales of Q3_K's 12 bytes.
static int8_t q3_scale(const uint8_t *sc, size_t i) {
  const unsigned low = i < 8 ? sc[i] & 15 : sc[i - 8] >> 4;
  const unsigned high = sc[8 + i % 4] >> (2 * (i / 4)) & 3;
  return (int8_t)((int)(low | high << 4) - 32);
}

// The i-th of the 8 signed 6-bit scales of IQ4_XS.
static int8_t iq4_scale(const uint8_t *block, size_t i) {
  const unsigned low = block[4 + i / 2] >> (4 * (i % 2)) & 15;
  const unsigned high = ck_load_u16(block + 2) >> (2 * i) & 3;
  return (int8_t)((int)(low | high << 4) - 32);
}

static void pack_block(ck_type type, const ck_layout *layout, const uint8_t *block, uint8_t *packed,
                       size_t row) {
  put_planes(packed, block + layout->quants, layout->planes, row);
  uint8_t *scales = packed + layout->scales, *mins = packed + layout->mins;
  const uint8_t *d = block, *m = block + 2;
  switch (type) {
    case CK_Q8_0: flip_signs(packed, row); break;
    case CK_Q5_0: put_fifth_bits(packed + layout->high, ck_load_u32(block + 2), row); break;
    case CK_Q5_1: put_fifth_bits(packed + layout->high, ck_load_u32(block + 4), row); break;
    case CK_Q2_K:
      for (size_t i = 0; i < 16; i++) { scales[16 * i + row] = block[i]; }
      d = block + 80;
      m = block + 82;
      break;
    case CK_Q3_K:
      put_planes(packed + layout->high, block, 8, row);
      for (size_t i = 0; i < 16; i++) { scales[16 * i + row] = (uint8_t)q3_scale(block + 96, i); }
      d = block + 108;
      break;
    case CK_Q5_K: put_planes(packed + layout->high, block + 16, 8, row);  // fall through
    case CK_Q4_K:
      for (size_t i = 0; i < 8; i++) {
        six_bit_pair(block + 4, i, &scales[16 * i + row], &mins[16 * i + row]);
      }
      break;
    case CK_Q6_K:
      put_planes(packed + layout->high, block + 128, 16, row);
      for (size_t i = 0; i < 16; i++) { scales[16 * i + row] = block[192 + i]; }
      d = block + 208;
      break;
    case CK_IQ4_XS:
      for (size_t i = 0; i < 8; i++) { scales[16 * i + row] = (uint8_t)iq4_scale(block, i); }
      break;
    default: break;
  }
  put_half(packed + layout->d, d, row);
  if (layout->m) { put_half(packed + layout->m, m, row); }
}

static void pack_float_panel(size_t bytes, const uint8_t *rows, uint8_t *panel, size_t count, size_t cols) {
  for (size_t col = 0; col < cols; col++) {
    for (size_t row = 0; row < CK_PANEL_ROWS; row++) {
      uint8_t *to = panel + (col * CK_PANEL_ROWS + row) * bytes;
      if (row < count) {
        memcpy(to, rows + (row * cols + col) * bytes, bytes);
      } else {
        memset(to, 0, bytes);
      }
    }
  }
}

static void pack_quantised_panel(ck_type type, const uint8_t *rows, uint8_t *panel, size_t count,
                                 size_t cols) {
  const ck_layout *layout = ck_layout_of(type);
  const size_t blocks = cols / ck_block_values(type);
  for (size_t block = 0; block < blocks; block++) {
    uint8_t *to = panel + block * layout->packed_bytes;
    if (count < CK_PANEL_ROWS) { memset(to, 0, layout->packed_bytes); }
    for (size_t row = 0; row < count; row++) {
      pack_block(type, layout, rows + (row * blocks + block) * layout->file_bytes, to, row);
    }
  }
}

void ck_pack(ck_type type, const void *weights, void *packed, size_t rows, size_t cols, size_t panel_begin,
             size_t panel_end) {
  const ck_traits *traits = ck_traits_of(type);
  assert(cols % traits->block_values == 0);
  assert(panel_begin <= panel_end && panel_end <= (rows + CK_PANEL_ROWS - 1) / CK_PANEL_ROWS);
  const size_t blocks = cols / traits->block_values;
  for (size_t panel = panel_begin; panel < panel_end; panel++) {
    const size_t first = panel * CK_PANEL_ROWS;
    const size_t count = rows - first < CK_PANEL_ROWS ? rows - first : CK_PANEL_ROWS;
    const uint8_t *from = (const uint8_t *)weights + first * blocks * traits->block_bytes;
    uint8_t *to = (uint8_t *)packed + panel * blocks * traits->packed_bytes;
    if (traits->class == CK_CLASS_FLOAT) {
      pack_float_panel(traits->block_bytes, from, to, count, cols);
    } else {
      pack_quantised_panel(type, from, to, count, cols);
    }
  }
}
