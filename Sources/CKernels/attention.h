// What the forms of attention share: the block of keys, which keys a query sees, where they are.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include "reference.h"

enum {
  CK_KEY_BLOCK = 64,      // keys between two updates of the running maximum; part of the result's definition
  CK_ROWS_AT_ONCE = 4,    // rows (a query's head) whose scores are held in registers
  CK_SCRATCH_SLACK = 32,  // floats, for alignment
};

// The first position that query `query` of a part sees.
static inline size_t ck_first_visible(const ck_attention_work *work, const ck_attention_part *part,
                                      size_t query) {
  const size_t position = part->first_position + query;
  return work->window == 0 || position < work->window ? 0 : position - work->window + 1;
}

// The keys, or the values, of one position; `offset` is where those of the KV head begin in a page.
static inline const uint8_t *ck_page_row(const ck_attention_work *work, const ck_attention_part *part,
                                         size_t offset, size_t position) {
  const size_t row_bytes = work->head_dim * ck_cache_value_bytes(work->cache_type);
  return (const uint8_t *)part->pages[position / work->page_tokens] + offset
         + position % work->page_tokens * row_bytes;
}

#endif
