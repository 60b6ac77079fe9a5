// The table of tensor types.
#include "blocks.h"

#define QUANTISED(name, values, bytes, class, offset) \
  [CK_##name] = {#name, values, bytes, CK_##name##_BYTES, class, offset},

static const ck_traits traits[] = {
  [CK_F32] = {"F32", 1, 4, 64, CK_CLASS_FLOAT, 0},
  [CK_F16] = {"F16", 1, 2, 32, CK_CLASS_FLOAT, 0},
  [CK_BF16] = {"BF16", 1, 2, 32, CK_CLASS_FLOAT, 0},
  CK_QUANTISED_TYPES(QUANTISED)
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
