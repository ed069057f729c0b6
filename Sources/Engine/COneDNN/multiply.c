// The products of one context: looked up by their form, compiled once, run with pointers that change from call to call.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "products.h"
#include "reorder.h"
#include "scratchpad.h"

// From OpenMP, which oneDNN is built on; its header belongs to each compiler.
void omp_set_num_threads(int threads);

struct mmd_context {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  // Open addressing, a power of two of slots, at most half of them taken; a slot without a primitive is free.
  compiled_product *slots;
  size_t capacity, count;
  size_t compiled;  // so far, those that were released too
  scratchpad scratchpad;
};

static size_t slot_of(const mmd_context *context, const mmd_product *form) {
  const size_t words[] = {form->rows,     form->columns,  form->depth, form->stride_a,
                          form->stride_b, form->stride_c, (size_t)(form->transposed_a | form->transposed_b << 1 |
                                                                   form->result_is_bf16 << 2 | form->accumulates << 3 |
                                                                   form->has_bias << 4 | form->arranged_b << 5 |
                                                                   (int)form->factors << 6)};
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15u;
  return (size_t)(hash >> 32) & (context->capacity - 1);
}

static int same_form(const mmd_product *a, const mmd_product *b) {
  return a->rows == b->rows && a->columns == b->columns && a->depth == b->depth && a->stride_a == b->stride_a &&
         a->stride_b == b->stride_b && a->stride_c == b->stride_c && a->transposed_a == b->transposed_a &&
         a->transposed_b == b->transposed_b && a->result_is_bf16 == b->result_is_bf16 &&
         a->accumulates == b->accumulates && a->has_bias == b->has_bias && a->arranged_b == b->arranged_b &&
         a->factors == b->factors;
}

// The slot that holds `form`, or the free one where it belongs.
static compiled_product *find(mmd_context *context, const mmd_product *form) {
  size_t slot = slot_of(context, form);
  while (context->slots[slot].primitive && !same_form(&context->slots[slot].form, form))
    slot = (slot + 1) & (context->capacity - 1);
  return &context->slots[slot];
}

static dnnl_status_t grow(mmd_context *context) {
  compiled_product *old = context->slots;
  const size_t old_capacity = context->capacity;
  compiled_product *slots = calloc(old_capacity * 2, sizeof *slots);
  if (!slots) return dnnl_out_of_memory;
  context->slots = slots;
  context->capacity = old_capacity * 2;
  for (size_t i = 0; i < old_capacity; i++)
    if (old[i].primitive) *find(context, &old[i].form) = old[i];
  free(old);
  return dnnl_success;
}

// Captions differ in length from batch to batch, so the forms of a long run have no end: a full table is emptied. A kernel
// takes about 60 kB and a seventh of a millisecond to compile.
enum { MOST_PRODUCTS = 512 };

static void release_all(mmd_context *context) {
  for (size_t i = 0; i < context->capacity; i++)
    if (context->slots[i].primitive) release_product(&context->slots[i]);
  context->count = 0;
}

static dnnl_status_t prepare(mmd_context *context, const mmd_product *form, compiled_product **out) {
  *out = find(context, form);
  if ((*out)->primitive) return dnnl_success;
  if (context->count == MOST_PRODUCTS) release_all(context);
  if (context->count * 2 >= context->capacity) {
    const dnnl_status_t status = grow(context);
    if (status != dnnl_success) return status;
  }
  *out = find(context, form);
  const dnnl_status_t status = compile_product(context->engine, form, *out);
  if (status == dnnl_success) context->count++, context->compiled++;
  return status;
}

int mmd_multiply(mmd_context *context, const mmd_product *product, const void *a, const void *b, const float *bias,
                 void *c) {
  // The caller's threads divide the work; OpenMP's own would take other ranks' cores. It is a setting of each thread.
  omp_set_num_threads(1);
  compiled_product *compiled = NULL;
  dnnl_status_t status = prepare(context, product, &compiled);
  if (status == dnnl_success) status = reserve(&context->scratchpad, compiled->scratchpad_bytes);
  if (status != dnnl_success) return status;
  dnnl_memory_set_data_handle(compiled->a, (void *)(uintptr_t)a);
  dnnl_memory_set_data_handle(compiled->b, (void *)(uintptr_t)b);
  dnnl_memory_set_data_handle(compiled->c, c);
  dnnl_memory_set_data_handle(compiled->bias, (void *)(uintptr_t)bias);
  dnnl_memory_set_data_handle(compiled->scratchpad, context->scratchpad.memory);
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, compiled->a},
                                       {DNNL_ARG_WEIGHTS, compiled->b},
                                       {DNNL_ARG_DST, compiled->c},
                                       {DNNL_ARG_SCRATCHPAD, compiled->scratchpad},
                                       {DNNL_ARG_BIAS, compiled->bias}};
  return dnnl_primitive_execute(compiled->primitive, context->stream, product->has_bias ? 5 : 4, arguments);
}

size_t mmd_arranged_bytes(mmd_context *context, const mmd_product *product) {
  omp_set_num_threads(1);
  compiled_product *compiled = NULL;
  return prepare(context, product, &compiled) == dnnl_success ? compiled->b_bytes : 0;
}

int mmd_arrange(mmd_context *context, const mmd_product *product, const void *b, void *arranged) {
  omp_set_num_threads(1);
  compiled_product *compiled = NULL;
  borrowed_description inside;
  description outside;
  TRY(prepare(context, product, &compiled));
  TRY(dnnl_memory_get_memory_desc(compiled->b, &inside));
  TRY(describe_plain_b(product, &outside));
  const dnnl_status_t status =
      reorder(context->engine, context->stream, HANDLE(outside), (void *)(uintptr_t)b, inside, arranged);
  forget(&outside);
  return status;
}

mmd_context *mmd_context_create(void) {
  mmd_context *context = calloc(1, sizeof *context);
  if (!context) return NULL;
  context->capacity = 64;
  context->slots = calloc(context->capacity, sizeof *context->slots);
  if (context->slots && dnnl_engine_create(&context->engine, dnnl_cpu, 0) == dnnl_success &&
      dnnl_stream_create(&context->stream, context->engine, dnnl_stream_default_flags) == dnnl_success)
    return context;
  mmd_context_destroy(context);
  return NULL;
}

void mmd_context_destroy(mmd_context *context) {
  if (!context) return;
  if (context->slots) release_all(context);
  if (context->stream) dnnl_stream_destroy(context->stream);
  if (context->engine) dnnl_engine_destroy(context->engine);
  free(context->slots);
  free(context->scratchpad.memory);
  free(context);
}

size_t mmd_kernel_count(const mmd_context *context) { return context->compiled; }

int mmd_supports_bf16(void) {
  const dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core;
}

int mmd_supports_bytes(void) {
  const dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core_vnni) == dnnl_cpu_isa_avx512_core_vnni;
}

const char *mmd_version(void) {
  static _Thread_local char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}
