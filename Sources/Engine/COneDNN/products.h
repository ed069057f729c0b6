#ifndef MMTRAIN_CONEDNN_PRODUCTS_H
#define MMTRAIN_CONEDNN_PRODUCTS_H

#include <oneapi/dnnl/dnnl.h>

#include "COneDNN.h"
#include "description.h"

// A compiled product and the memory objects through which it is told where its operands lie.
typedef struct {
  mmd_product form;
  dnnl_primitive_t primitive;
  dnnl_memory_t a, b, c, bias, scratchpad;
  size_t scratchpad_bytes, b_bytes;
} compiled_product;

/// Compiles `form`. On failure nothing is left behind.
dnnl_status_t compile_product(dnnl_engine_t engine, const mmd_product *form, compiled_product *out);
void release_product(compiled_product *product);
/// B as it lies before it is arranged.
dnnl_status_t describe_plain_b(const mmd_product *form, description *out);

#endif
