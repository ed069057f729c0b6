#ifndef MMTRAIN_CONEDNN_SCRATCHPAD_H
#define MMTRAIN_CONEDNN_SCRATCHPAD_H

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

// Memory that a context's kernels share, as one runs at a time.
typedef struct {
  void *memory;
  size_t bytes;
} scratchpad;

static inline dnnl_status_t reserve(scratchpad *s, size_t bytes) {
  if (bytes <= s->bytes) return dnnl_success;
  const size_t pages = (bytes + 4095) / 4096 * 4096;
  free(s->memory);
  s->memory = aligned_alloc(4096, pages);
  s->bytes = s->memory ? pages : 0;
  return s->memory ? dnnl_success : dnnl_out_of_memory;
}

#endif
