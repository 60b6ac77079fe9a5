// What the forms of attention share: the block of keys, which keys a query sees, where they lie.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include "reference.h"

enum {
  CK_KEY_BLOCK = 64,      // keys between two updates of the running maximum; part of the result's definition
  CK_ROWS_AT_ONCE = 4,    // rows (a query's head) whose scores are held in registers
  CK_QUERY_TILE = 32,     // queries that share a converted block of keys
  CK_SCRATCH_SLACK = 32,  // floats, for alignment
};

static inline size_t ck_query_tile(const ck_attention_work *work) {
  return work->queries < CK_QUERY_TILE ? work->queries : CK_QUERY_TILE;
}

// The first position that query `query` sees.
static inline size_t ck_first_visible(const ck_attention_work *work, size_t query) {
  const size_t position = work->first_position + query;
  return work->window == 0 || position < work->window ? 0 : position - work->window + 1;
}

static inline const uint16_t *ck_page_row(const uint16_t *const *pages, const ck_attention_work *work,
                                          size_t position) {
  return pages[position / work->page_tokens] + position % work->page_tokens * work->head_dim;
}

#endif
