// Layouts: blocks as GGUF files hold them, and panels as ck_pack writes them.
//
// File blocks, as the GGUF format defines them. Numbers are little-endian, `half` is IEEE binary16, values of
// a block are numbered from 0, and lo and hi are the low and high 4 bits of a byte.
//
//   type    values bytes  fields in order                             value
//   Q8_0      32    34    half d; i8 q[32]                            d q
//   Q4_0      32    18    half d; u8 qs[16]   lo: i, hi: i + 16       d (q - 8)
//   Q4_1      32    20    half d, m; u8 qs[16]                        d q + m
//   Q5_0      32    22    half d; u32 qh; u8 qs[16]; bit i of qh is   d (q - 16)
//                         the fifth bit of value i
//   Q5_1      32    24    half d, m; u32 qh; u8 qs[16]                d q + m
//   IQ4_NL    32    18    half d; u8 qs[16] as Q4_0                   d table[q]
//   Q2_K     256    84    u8 sc[16]; u8 qs[64]; half d, m             d (sc & 15) q - m (sc >> 4)
//                         sc for 16 values; value 128 h + 32 j + l is bits 2 j of qs[32 h + l]
//   Q3_K     256   110    u8 hm[32]; u8 qs[64]; u8 sc[12]; half d     d (sc - 32) (q - 4)
//                         sc: 6 bits for 16 values; low bits as Q2_K; the third is bit 4 h + j of hm[l]
//   Q4_K     256   144    half d, m; u8 sc[12]; u8 qs[128]            d sc q - m mn
//                         sc and mn: 6 bits for 32 values; value 64 p + l: lo of qs[32 p + l],
//                         value 64 p + 32 + l: hi of it
//   Q5_K     256   176    half d, m; u8 sc[12]; u8 qh[32]; u8 qs[128] d sc q - m mn
//                         as Q4_K; the fifth bit of value 32 s + l is bit s of qh[l]
//   Q6_K     256   210    u8 ql[128]; u8 qh[64]; i8 sc[16]; half d    d sc (q - 32)
//                         sc for 16 values; value 128 h + 32 j + l: nibble j / 2 of ql[64 h + 32 (j & 1) + l]
//                         and bits 2 j of qh[32 h + l]
//   IQ4_XS   256   136    half d; u16 sh; u8 sl[4]; u8 qs[128]        d (sc - 32) table[q]
//                         sc: 6 bits for 32 values, which are as IQ4_NL's
//
// Packed panels. A panel is 16 rows (CK_PANEL_ROWS) of the matrix; a packed block is one file block of each
// of them. Quants keep the file's bits, but 4 bytes (a word) of row 0, of row 1, ... of row 15 are stored
// side by side: a plane of 64 bytes, the operand of one 512-bit dot product of bytes. Planes come in file
// order, then the scales:
//
//   Q8_0    8 planes of q ^ 0x80; half d[16]
//   Q4_0, IQ4_NL   4 planes; half d[16]
//   Q4_1    4 planes; half d[16]; half m[16]
//   Q5_0    4 planes; u64 bits[8]; half d[16]; bit 4 r + i of bits[g] is the fifth of row r, value 4 g + i
//   Q5_1    as Q5_0; half m[16]
//   Q2_K    16 planes; u8 sc[16 parts][16 rows]; half d[16]; half m[16]
//   Q3_K    16 planes of qs; 8 planes of hm; i8 sc[16][16]; half d[16]
//   Q4_K    32 planes; u8 sc[8][16]; u8 mn[8][16]; half d[16]; half m[16]
//   Q5_K    32 planes of qs; 8 planes of qh; then as Q4_K
//   Q6_K    32 planes of ql; 16 planes of qh; i8 sc[16][16]; half d[16]
//   IQ4_XS  32 planes; i8 sc[8][16]; half d[16]
//   F32, F16, BF16   one value of each row: 16 numbers as they are
//
// So a packed matrix is as large as the file's, 0 to 4 % more where 6-bit scales became bytes, plus the
// padding rows.
#ifndef CK_BLOCKS_H
#define CK_BLOCKS_H

#include "kernels.h"

enum { CK_PLANE_BYTES = 64, CK_MOST_PLANES = 48 };

// What the packed block of a type consists of; byte offsets from its start.
typedef struct ck_layout {
  uint16_t file_bytes;     // bytes of a block in the file
  uint16_t packed_bytes;   // bytes of a packed block
  uint16_t planes;         // words of quants in a row's block
  uint16_t quants;         // offset of the quants in the file's block
  uint16_t high;           // packed offset of high bits: planes or masks; 0: none
  uint16_t scales;         // packed offset of integer scales; 0: none
  uint16_t mins;           // packed offset of integer minimums; 0: none
  uint16_t d;              // packed offset of half d[16]
  uint16_t m;              // packed offset of half m[16]; 0: none
} ck_layout;

// The layout of a quantised type.
const ck_layout *ck_layout_of(ck_type type);

// The 16 values of IQ4_NL and IQ4_XS, and the same plus 128 as unsigned bytes.
extern const int8_t ck_iq4_values[16];
extern const uint8_t ck_iq4_bytes[16];

// The constants of the layouts, so that every decoder and the table share them.
enum {
  CK_Q8_0_D = 512, CK_Q8_0_BYTES = 544,
  CK_Q4_0_D = 256, CK_Q4_0_BYTES = 288,
  CK_IQ4_NL_BYTES = CK_Q4_0_BYTES,
  CK_Q4_1_D = 256, CK_Q4_1_M = 288, CK_Q4_1_BYTES = 320,
  CK_Q5_0_HIGH = 256, CK_Q5_0_D = 320, CK_Q5_0_BYTES = 352,
  CK_Q5_1_HIGH = 256, CK_Q5_1_D = 320, CK_Q5_1_M = 352, CK_Q5_1_BYTES = 384,
  CK_Q2_K_SC = 1024, CK_Q2_K_D = 1280, CK_Q2_K_M = 1312, CK_Q2_K_BYTES = 1344,
  CK_Q3_K_HIGH = 1024, CK_Q3_K_SC = 1536, CK_Q3_K_D = 1792, CK_Q3_K_BYTES = 1824,
  CK_Q4_K_SC = 2048, CK_Q4_K_MN = 2176, CK_Q4_K_D = 2304, CK_Q4_K_M = 2336, CK_Q4_K_BYTES = 2368,
  CK_Q5_K_HIGH = 2048, CK_Q5_K_SC = 2560, CK_Q5_K_MN = 2688, CK_Q5_K_D = 2816, CK_Q5_K_M = 2848,
  CK_Q5_K_BYTES = 2880,
  CK_Q6_K_HIGH = 2048, CK_Q6_K_SC = 3072, CK_Q6_K_D = 3328, CK_Q6_K_BYTES = 3360,
  CK_IQ4_XS_SC = 2048, CK_IQ4_XS_D = 2176, CK_IQ4_XS_BYTES = 2208,
};

#endif
