#ifndef MMTRAIN_CONEDNN_CONVOLUTIONS_H
#define MMTRAIN_CONEDNN_CONVOLUTIONS_H

#include "COneDNN.h"
#include "description.h"

// A compiled convolution and the memory objects through which it is told where its operands lie; without a primitive where
// oneDNN has no fast one.
typedef struct {
  mmd_convolution form, order;
  dnnl_primitive_t primitive;
  dnnl_memory_t images, weights, bias, results, scratchpad;
  // Of the weights in oneDNN's order, which `weights_code` tells from others.
  size_t weights_bytes, scratchpad_bytes;
  uint64_t weights_code;
} compiled_convolution;

/// Compiles `out->form` with weights that lie as those of `like`, or as oneDNN likes best where that is NULL. On failure nothing
/// is left behind.
dnnl_status_t compile_convolution(dnnl_engine_t engine, const compiled_convolution *like, compiled_convolution *out);
void release_convolution(compiled_convolution *convolution);

/// Weights as files have them to oneDNN's order; for a weights' gradient the other way.
dnnl_status_t exchange_weights(dnnl_engine_t engine, dnnl_stream_t stream, const compiled_convolution *convolution,
                               float *plain, int is_taps_first, void *arranged);

#endif
