// Packed blocks to groups in vectors: decode_reference.c for 16 rows at a time. `type` and `s` are constants
// at every call.

// A decoded group in registers.
typedef struct vector_group {
  u8x64 u[CK_GROUP_WORDS];
  f32x16 scale[2];
  f32x16 min[2];
} vector_group;

CK_INLINE f32x16 bytes_to_f32(const uint8_t *from) {
  return to_f32(__builtin_convertvector(load_u8x16(from), i32x16));
}

CK_INLINE f32x16 signed_bytes_to_f32(const uint8_t *from) {
  return to_f32(__builtin_convertvector(load_i8x16(from), i32x16));
}

CK_INLINE f32x16 halves_at(const uint8_t *from) { return half_to_f32(load_u16(from)); }

// Words 0 to 3 from the low nibbles of four planes, words 4 to 7 from the high ones.
CK_INLINE void split_nibbles(const uint8_t *planes, u8x64 u[CK_GROUP_WORDS]) {
  for (unsigned word = 0; word < 4; word++) {
    const u8x64 both = load_u8(planes + word * CK_PLANE_BYTES);
    u[word] = both & 15;
    u[word + 4] = both >> 4;
  }
}

// The quants of the types of 32 values, and of IQ4_XS.
CK_INLINE void decode_quants_32(ck_type type, const uint8_t *block, unsigned s, u8x64 u[CK_GROUP_WORDS]) {
  if (type == CK_Q8_0) {
    for (unsigned word = 0; word < 8; word++) { u[word] = load_u8(block + word * CK_PLANE_BYTES); }
    return;
  }
  split_nibbles(block + s * 4 * CK_PLANE_BYTES, u);
  for (unsigned word = 0; word < 8; word++) {
    if (type == CK_IQ4_NL || type == CK_IQ4_XS) { u[word] = look_up(load_u8x16(ck_iq4_bytes), u[word]); }
    if (type == CK_Q5_0 || type == CK_Q5_1) {
      u[word] = add_fifth_bits(u[word], block + CK_Q5_0_HIGH + 8 * word);
    }
  }
}

// Moves the bit (or two bits) that begins at `from` of each byte to `to`, and clears the others.
CK_INLINE u8x64 move_bits(u8x64 x, unsigned from, unsigned to, uint8_t width_mask) {
  const u8x64 moved = from > to ? x >> (uint8_t)(from - to) : x << (uint8_t)(to - from);
  return moved & (uint8_t)(width_mask << to);
}

// The quants of group s of a K type.
CK_INLINE void decode_quants_256(ck_type type, const uint8_t *block, unsigned s, u8x64 u[CK_GROUP_WORDS]) {
  const unsigned half = s / 4, j = s % 4;
  for (unsigned word = 0; word < CK_GROUP_WORDS; word++) {
    const uint8_t *plane = block + word * CK_PLANE_BYTES;
    switch (type) {
      case CK_Q2_K: u[word] = move_bits(load_u8(plane + 8 * half * CK_PLANE_BYTES), 2 * j, 0, 3); break;
      case CK_Q3_K:
        u[word] = move_bits(load_u8(plane + 8 * half * CK_PLANE_BYTES), 2 * j, 0, 3)
                  | move_bits(load_u8(plane + CK_Q3_K_HIGH), s, 2, 1);
        break;
      case CK_Q4_K:
        u[word] = move_bits(load_u8(plane + s / 2 * 8 * CK_PLANE_BYTES), 4 * (s % 2), 0, 15);
        break;
      case CK_Q5_K:
        u[word] = move_bits(load_u8(plane + s / 2 * 8 * CK_PLANE_BYTES), 4 * (s % 2), 0, 15)
                  | move_bits(load_u8(plane + CK_Q5_K_HIGH), s, 4, 1);
        break;
      default:  // Q6_K
        u[word] = move_bits(load_u8(plane + (16 * half + 8 * (j & 1)) * CK_PLANE_BYTES), 4 * (j / 2), 0, 15)
                  | move_bits(load_u8(plane + CK_Q6_K_HIGH + 8 * half * CK_PLANE_BYTES), 2 * j, 4, 3);
        break;
    }
  }
}

CK_INLINE void decode_scales(ck_type type, const uint8_t *block, unsigned s, vector_group *out) {
  switch (type) {
    case CK_Q8_0: out->scale[0] = halves_at(block + CK_Q8_0_D); return;
    case CK_Q4_0:
    case CK_IQ4_NL: out->scale[0] = halves_at(block + CK_Q4_0_D); return;
    case CK_Q5_0: out->scale[0] = halves_at(block + CK_Q5_0_D); return;
    case CK_Q4_1:
      out->scale[0] = halves_at(block + CK_Q4_1_D);
      out->min[0] = halves_at(block + CK_Q4_1_M);
      return;
    case CK_Q5_1:
      out->scale[0] = halves_at(block + CK_Q5_1_D);
      out->min[0] = halves_at(block + CK_Q5_1_M);
      return;
    case CK_IQ4_XS:
      out->scale[0] = halves_at(block + CK_IQ4_XS_D) * signed_bytes_to_f32(block + CK_IQ4_XS_SC + 16 * s);
      return;
    case CK_Q4_K:
      out->scale[0] = halves_at(block + CK_Q4_K_D) * bytes_to_f32(block + CK_Q4_K_SC + 16 * s);
      out->min[0] = -(halves_at(block + CK_Q4_K_M) * bytes_to_f32(block + CK_Q4_K_MN + 16 * s));
      return;
    case CK_Q5_K:
      out->scale[0] = halves_at(block + CK_Q5_K_D) * bytes_to_f32(block + CK_Q5_K_SC + 16 * s);
      out->min[0] = -(halves_at(block + CK_Q5_K_M) * bytes_to_f32(block + CK_Q5_K_MN + 16 * s));
      return;
    default: break;
  }
  for (unsigned part = 0; part < 2; part++) {
    const unsigned at = 16 * (2 * s + part);
    if (type == CK_Q3_K) {
      out->scale[part] = halves_at(block + CK_Q3_K_D) * signed_bytes_to_f32(block + CK_Q3_K_SC + at);
    } else if (type == CK_Q6_K) {
      out->scale[part] = halves_at(block + CK_Q6_K_D) * signed_bytes_to_f32(block + CK_Q6_K_SC + at);
    } else {
      const i32x16 both = __builtin_convertvector(load_u8x16(block + CK_Q2_K_SC + at), i32x16);
      out->scale[part] = halves_at(block + CK_Q2_K_D) * to_f32(both & 15);
      out->min[part] = -(halves_at(block + CK_Q2_K_M) * to_f32(both >> 4));
    }
  }
}

// Group s of a packed block.
CK_INLINE void decode_group(ck_type type, const uint8_t *block, unsigned s, vector_group *out) {
  const bool small = type == CK_Q8_0 || type == CK_Q4_0 || type == CK_Q4_1 || type == CK_Q5_0
                     || type == CK_Q5_1 || type == CK_IQ4_NL || type == CK_IQ4_XS;
  if (small) {
    decode_quants_32(type, block, s, out->u);
  } else {
    decode_quants_256(type, block, s, out->u);
  }
  decode_scales(type, block, s, out);
}
