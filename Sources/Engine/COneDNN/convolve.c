// The convolutions of one context: looked up by their form, compiled once, run with pointers that change from call to call.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "convolutions.h"
#include "scratchpad.h"

// From OpenMP, which oneDNN is built on; its header belongs to each compiler.
void omp_set_num_threads(int threads);

// A network of a hundred convolutions has some three hundred forms; evaluation adds those of its last batches. A full table is
// emptied.
enum { MOST_CONVOLUTIONS = 1024 };

struct mmd_convolutions {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  compiled_convolution *made;
  size_t count;
  scratchpad scratchpad;
};

mmd_convolutions *mmd_convolutions_create(void) {
  mmd_convolutions *context = calloc(1, sizeof *context);
  if (!context) return NULL;
  context->made = calloc(MOST_CONVOLUTIONS, sizeof *context->made);
  if (context->made && dnnl_engine_create(&context->engine, dnnl_cpu, 0) == dnnl_success &&
      dnnl_stream_create(&context->stream, context->engine, dnnl_stream_default_flags) == dnnl_success)
    return context;
  mmd_convolutions_destroy(context);
  return NULL;
}

static void release_all(mmd_convolutions *context) {
  for (size_t i = 0; i < context->count; i++) release_convolution(&context->made[i]);
  context->count = 0;
}

void mmd_convolutions_destroy(mmd_convolutions *context) {
  if (!context) return;
  if (context->made) release_all(context);
  if (context->stream) dnnl_stream_destroy(context->stream);
  if (context->engine) dnnl_engine_destroy(context->engine);
  free(context->made);
  free(context->scratchpad.memory);
  free(context);
}

static int same(const mmd_convolution *a, const mmd_convolution *b) { return memcmp(a, b, sizeof *a) == 0; }

// The compiled convolution whose weights lie as those of `order`; NULL where oneDNN does not compute it well.
static compiled_convolution *prepare(mmd_convolutions *context, const mmd_convolution *form,
                                     const mmd_convolution *order) {
  for (size_t i = 0; i < context->count; i++) {
    compiled_convolution *found = &context->made[i];
    if (same(&found->form, form) && same(&found->order, order)) return found->primitive ? found : NULL;
  }
  if (context->count >= MOST_CONVOLUTIONS - 1) release_all(context);
  // The order is compiled first, and lies before what follows it.
  compiled_convolution *like = NULL;
  if (!same(form, order) && !(like = prepare(context, order, order))) return NULL;
  compiled_convolution *made = &context->made[context->count++];
  memset(made, 0, sizeof *made);
  made->form = *form;
  made->order = *order;
  // The caller's threads divide the work; OpenMP's own would take other ranks' cores. It is a setting of each thread.
  omp_set_num_threads(1);
  return compile_convolution(context->engine, like, made) == dnnl_success ? made : NULL;
}

size_t mmd_weights_bytes(mmd_convolutions *context, const mmd_convolution *order) {
  const compiled_convolution *made = prepare(context, order, order);
  return made ? made->weights_bytes : 0;
}

uint64_t mmd_weights_code(mmd_convolutions *context, const mmd_convolution *order) {
  const compiled_convolution *made = prepare(context, order, order);
  return made ? made->weights_code : 0;
}

int mmd_exchange_weights(mmd_convolutions *context, const mmd_convolution *order, float *plain, int is_taps_first,
                         void *arranged) {
  omp_set_num_threads(1);
  compiled_convolution *made = prepare(context, order, order);
  return made ? exchange_weights(context->engine, context->stream, made, plain, is_taps_first, arranged)
              : dnnl_unimplemented;
}

const char *mmd_convolution_name(const mmd_convolutions *context, size_t index) {
  return index < context->count ? context->made[index].name : NULL;
}

int mmd_can_convolve(mmd_convolutions *context, const mmd_convolution *form, const mmd_convolution *order) {
  const compiled_convolution *made = prepare(context, form, order);
  return made && reserve(&context->scratchpad, made->scratchpad_bytes) == dnnl_success;
}

int mmd_convolve(mmd_convolutions *context, const mmd_convolution *form, const mmd_convolution *order, void *images,
                 void *weights, const float *bias, void *results) {
  static const int slots[][3] = {{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                                 {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST},
                                 {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST}};
  omp_set_num_threads(1);
  compiled_convolution *made = prepare(context, form, order);
  if (!made) return dnnl_unimplemented;
  TRY(reserve(&context->scratchpad, made->scratchpad_bytes));
  dnnl_memory_set_data_handle(made->images, images);
  dnnl_memory_set_data_handle(made->weights, weights);
  dnnl_memory_set_data_handle(made->results, results);
  dnnl_memory_set_data_handle(made->bias, (void *)(uintptr_t)bias);
  dnnl_memory_set_data_handle(made->scratchpad, context->scratchpad.memory);
  const int *slot = slots[form->pass];
  const dnnl_exec_arg_t arguments[] = {{slot[0], made->images},
                                       {slot[1], made->weights},
                                       {slot[2], made->results},
                                       {DNNL_ARG_SCRATCHPAD, made->scratchpad},
                                       {DNNL_ARG_BIAS, made->bias}};
  return dnnl_primitive_execute(made->primitive, context->stream, form->has_bias ? 5 : 4, arguments);
}
