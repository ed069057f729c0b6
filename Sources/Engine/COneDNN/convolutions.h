#ifndef MMTRAIN_CONEDNN_CONVOLUTIONS_H
#define MMTRAIN_CONEDNN_CONVOLUTIONS_H

#include "COneDNN.h"
#include "description.h"

// A compiled convolution and the memory objects through which it is told where its operands lie; without a primitive where
// oneDNN has no fast one.
typedef struct {
  mmd_convolution form, order;
  dnnl_primitive_t primitive;
  char name[32];  // of oneDNN's kernel
  dnnl_memory_t images, weights, bias, results, scratchpad;
  // Of the weights in oneDNN's order, which `weights_code` tells from others.
  size_t weights_bytes, scratchpad_bytes;
  uint64_t weights_code;
} compiled_convolution;

// The dimension of groups, which must not be there where there is one; outputs and inputs of a group; the kernel's sides.
typedef struct {
  int count;
  dnnl_dims_t dims;
} weights_shape;

static inline weights_shape shape_of_weights(const mmd_convolution *f) {
  const dnnl_dim_t g = (dnnl_dim_t)f->groups, k = (dnnl_dim_t)f->kernel;
  const dnnl_dim_t o = (dnnl_dim_t)f->outputs / g, i = (dnnl_dim_t)f->inputs / g;
  if (g == 1) return (weights_shape){4, {o, i, k, k}};
  return (weights_shape){5, {g, o, i, k, k}};
}

/// Compiles `out->form` with weights that lie as those of `like`, or as oneDNN likes best where that is NULL. On failure nothing
/// is left behind.
dnnl_status_t compile_convolution(dnnl_engine_t engine, const compiled_convolution *like, compiled_convolution *out);
void release_convolution(compiled_convolution *convolution);

/// Weights as files have them to oneDNN's order; for a weights' gradient the other way.
dnnl_status_t exchange_weights(dnnl_engine_t engine, dnnl_stream_t stream, const compiled_convolution *convolution,
                               float *plain, int is_taps_first, void *arranged);

#endif
