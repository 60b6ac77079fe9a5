// Packed panels to groups in plain C.
#include "blocks.h"

// Byte `byte` of word `word` of row `row` in the planes that begin at `planes`.
static uint8_t plane_byte(const uint8_t *planes, size_t word, size_t row, size_t byte) {
  return planes[word * CK_PLANE_BYTES + row * 4 + byte];
}

// The quant of column 4 * word + byte of part `s` (32 columns) of a packed block.
static uint8_t quant(ck_type type, const uint8_t *block, const ck_layout *layout, size_t s, size_t word,
                     size_t row, size_t byte) {
  const uint8_t *high = block + layout->high;
  const size_t half = s / 4, j = s % 4;
  switch (type) {
    case CK_Q8_0: return plane_byte(block, word, row, byte);
    case CK_Q2_K: return plane_byte(block, 8 * half + word, row, byte) >> (2 * j) & 3;
    case CK_Q3_K:
      return (uint8_t)((plane_byte(block, 8 * half + word, row, byte) >> (2 * j) & 3)
                       | (plane_byte(high, word, row, byte) >> s & 1) << 2);
    case CK_Q4_K: return plane_byte(block, 8 * (s / 2) + word, row, byte) >> (4 * (s % 2)) & 15;
    case CK_Q5_K:
      return (uint8_t)((plane_byte(block, 8 * (s / 2) + word, row, byte) >> (4 * (s % 2)) & 15)
                       | (plane_byte(high, word, row, byte) >> s & 1) << 4);
    case CK_Q6_K:
      return (uint8_t)((plane_byte(block, 16 * half + 8 * (j & 1) + word, row, byte) >> (4 * (j / 2)) & 15)
                       | (plane_byte(high, 8 * half + word, row, byte) >> (2 * j) & 3) << 4);
    default: break;
  }
  const uint8_t nibble = plane_byte(block, 4 * s + word % 4, row, byte) >> (4 * (word / 4)) & 15;
  switch (type) {
    case CK_IQ4_NL:
    case CK_IQ4_XS: return ck_iq4_bytes[nibble];
    case CK_Q5_0:
    case CK_Q5_1: return (uint8_t)(nibble | (high[8 * word + row / 2] >> (4 * (row % 2) + byte) & 1) << 4);
    default: return nibble;
  }
}

// The scale and minimum of a row in part `part` of group `s` of a packed block.
static void scale_and_min(ck_type type, const uint8_t *block, const ck_layout *layout, size_t s, size_t part,
                          size_t row, float *scale, float *min) {
  const float d = ck_half_to_float(ck_load_u16(block + layout->d + 2 * row));
  const float m = layout->m ? ck_half_to_float(ck_load_u16(block + layout->m + 2 * row)) : 0;
  const uint8_t *scales = block + layout->scales;
  *min = 0;
  switch (type) {
    case CK_Q2_K: {
      const uint8_t both = scales[16 * (2 * s + part) + row];
      *scale = d * (float)(both & 15);
      *min = -(m * (float)(both >> 4));
      return;
    }
    case CK_Q3_K:
    case CK_Q6_K: *scale = d * (float)(int8_t)scales[16 * (2 * s + part) + row]; return;
    case CK_Q4_K:
    case CK_Q5_K:
      *scale = d * (float)scales[16 * s + row];
      *min = -(m * (float)block[layout->mins + 16 * s + row]);
      return;
    case CK_IQ4_XS: *scale = d * (float)(int8_t)scales[16 * s + row]; return;
    default:
      *scale = d;
      *min = m;
      return;
  }
}

void ck_decode_group_reference(ck_type type, const uint8_t *panel, size_t group, ck_group *out) {
  const ck_traits *traits = ck_traits_of(type);
  const ck_layout *layout = ck_layout_of(type);
  const size_t groups = traits->block_values / CK_GROUP;
  const uint8_t *block = panel + group / groups * traits->packed_bytes;
  const size_t s = group % groups;
  for (size_t word = 0; word < CK_GROUP_WORDS; word++) {
    for (size_t row = 0; row < CK_PANEL_ROWS; row++) {
      for (size_t byte = 0; byte < 4; byte++) {
        out->u[word][row][byte] = quant(type, block, layout, s, word, row, byte);
      }
    }
  }
  for (size_t part = 0; part < ck_class_parts(traits->class); part++) {
    for (size_t row = 0; row < CK_PANEL_ROWS; row++) {
      scale_and_min(type, block, layout, s, part, row, &out->scale[part][row], &out->min[part][row]);
    }
  }
}
