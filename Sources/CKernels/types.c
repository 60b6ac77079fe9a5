// The table of tensor types.
#include "blocks.h"

#define TYPE(name, values, bytes, packed, class, offset) {name, values, bytes, packed, class, offset}

static const ck_traits traits[] = {
  [CK_F32] = TYPE("F32", 1, 4, 64, CK_CLASS_FLOAT, 0),
  [CK_F16] = TYPE("F16", 1, 2, 32, CK_CLASS_FLOAT, 0),
  [CK_BF16] = TYPE("BF16", 1, 2, 32, CK_CLASS_FLOAT, 0),
  [CK_Q8_0] = TYPE("Q8_0", 32, 34, CK_Q8_0_BYTES, CK_CLASS_32, 128),
  [CK_Q4_0] = TYPE("Q4_0", 32, 18, CK_Q4_0_BYTES, CK_CLASS_32, 8),
  [CK_Q4_1] = TYPE("Q4_1", 32, 20, CK_Q4_1_BYTES, CK_CLASS_32_MIN, 0),
  [CK_Q5_0] = TYPE("Q5_0", 32, 22, CK_Q5_0_BYTES, CK_CLASS_32, 16),
  [CK_Q5_1] = TYPE("Q5_1", 32, 24, CK_Q5_1_BYTES, CK_CLASS_32_MIN, 0),
  [CK_Q2_K] = TYPE("Q2_K", 256, 84, CK_Q2_K_BYTES, CK_CLASS_16_MIN, 0),
  [CK_Q3_K] = TYPE("Q3_K", 256, 110, CK_Q3_K_BYTES, CK_CLASS_16, 4),
  [CK_Q4_K] = TYPE("Q4_K", 256, 144, CK_Q4_K_BYTES, CK_CLASS_32_MIN, 0),
  [CK_Q5_K] = TYPE("Q5_K", 256, 176, CK_Q5_K_BYTES, CK_CLASS_32_MIN, 0),
  [CK_Q6_K] = TYPE("Q6_K", 256, 210, CK_Q6_K_BYTES, CK_CLASS_16, 32),
  [CK_IQ4_NL] = TYPE("IQ4_NL", 32, 18, CK_Q4_0_BYTES, CK_CLASS_32, 128),
  [CK_IQ4_XS] = TYPE("IQ4_XS", 256, 136, CK_IQ4_XS_BYTES, CK_CLASS_32, 128),
};

const int8_t ck_iq4_values[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
const uint8_t ck_iq4_bytes[16] = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};

bool ck_type_is_known(int32_t type) {
  return type >= 0 && (size_t)type < sizeof traits / sizeof traits[0] && traits[type].name != NULL;
}

const ck_traits *ck_traits_of(ck_type type) {
  assert(ck_type_is_known((int32_t)type));
  return &traits[type];
}

size_t ck_block_values(ck_type type) { return ck_traits_of(type)->block_values; }

size_t ck_block_bytes(ck_type type) { return ck_traits_of(type)->block_bytes; }

const char *ck_type_name(ck_type type) { return ck_traits_of(type)->name; }
