// Convolutions of floats by oneDNN: what the engine's own are measured beside.
#include <stdlib.h>
#include <string.h>

#include "COneDNN.h"
#include "description.h"

// From OpenMP, which oneDNN is built on; its header belongs to each compiler.
void omp_set_num_threads(int threads);

struct mmd_convolution {
  mmd_convolution_form form;
  mmd_pass pass;
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  // Weights lie as oneDNN likes them, and for exchange as [O, I / groups, K, K].
  dnnl_memory_t images, weights, results, plain_weights;
};

typedef struct {
  description images, weights, results, plain_weights;
  dnnl_dims_t strides, before, after;
} parts;

static dnnl_status_t describe_images(description *out, size_t images, size_t channels, size_t height, size_t width) {
  const dnnl_dim_t c = (dnnl_dim_t)channels, h = (dnnl_dim_t)height, w = (dnnl_dim_t)width;
  const dnnl_dims_t dims = {(dnnl_dim_t)images, c, h, w}, channels_last = {h * w * c, 1, w * c, c};
  return describe(out, 4, dims, dnnl_f32, channels_last);
}

static dnnl_status_t describe_weights(const mmd_convolution_form *f, parts *out) {
  const dnnl_dim_t g = (dnnl_dim_t)f->groups, k = (dnnl_dim_t)f->kernel;
  const dnnl_dim_t o = (dnnl_dim_t)f->outputs / g, i = (dnnl_dim_t)f->inputs / g;
  // Without groups their dimension must not be there.
  const dnnl_dims_t dims = {g, o, i, k, k}, strides = {o * i * k * k, i * k * k, k * k, k, 1};
  const int first = g == 1, count = 5 - first;
  TRY(describe(&out->weights, count, dims + first, dnnl_f32, NULL));
  return describe(&out->plain_weights, count, dims + first, dnnl_f32, strides + first);
}

static dnnl_status_t describe_parts(const mmd_convolution_form *f, parts *out) {
  for (int i = 0; i < 2; i++) {
    out->strides[i] = (dnnl_dim_t)f->stride;
    out->before[i] = out->after[i] = (dnnl_dim_t)f->padding;
  }
  TRY(describe_images(&out->images, f->images, f->inputs, f->height, f->width));
  TRY(describe_images(&out->results, f->images, f->outputs, f->out_height, f->out_width));
  return describe_weights(f, out);
}

static dnnl_status_t describe_primitive(dnnl_engine_t engine, mmd_pass pass, parts *p, dnnl_primitive_desc_t forward,
                                        dnnl_primitive_desc_t *out) {
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dims_t dilation = {0, 0};
  if (pass == MMD_FORWARD)
    return dnnl_convolution_forward_primitive_desc_create(out, engine, dnnl_forward_training, direct, p->images,
                                                          p->weights, NULL, p->results, p->strides, dilation,
                                                          p->before, p->after, NULL);
  if (pass == MMD_WEIGHTS_GRADIENT)
    return dnnl_convolution_backward_weights_primitive_desc_create(out, engine, direct, p->images, p->weights, NULL,
                                                                   p->results, p->strides, dilation, p->before,
                                                                   p->after, forward, NULL);
  return dnnl_convolution_backward_data_primitive_desc_create(out, engine, direct, p->images, p->weights, p->results,
                                                              p->strides, dilation, p->before, p->after, forward,
                                                              NULL);
#else
  dnnl_convolution_desc_t made;
  if (pass == MMD_FORWARD)
    TRY(dnnl_convolution_forward_desc_init(&made, dnnl_forward_training, direct, &p->images, &p->weights, NULL,
                                           &p->results, p->strides, p->before, p->after));
  else if (pass == MMD_WEIGHTS_GRADIENT)
    TRY(dnnl_convolution_backward_weights_desc_init(&made, direct, &p->images, &p->weights, NULL, &p->results,
                                                    p->strides, p->before, p->after));
  else
    TRY(dnnl_convolution_backward_data_desc_init(&made, direct, &p->images, &p->weights, &p->results, p->strides,
                                                 p->before, p->after));
  return dnnl_primitive_desc_create(out, &made, NULL, engine, forward);
#endif
}

static dnnl_status_t make_memories(mmd_convolution *c, parts *p, dnnl_primitive_desc_t described) {
  const int learns = c->pass == MMD_WEIGHTS_GRADIENT;
  const borrowed_description weights =
      dnnl_primitive_desc_query_md(described, learns ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
  TRY(dnnl_memory_create(&c->images, HANDLE(p->images), c->engine, DNNL_MEMORY_NONE));
  TRY(dnnl_memory_create(&c->results, HANDLE(p->results), c->engine, DNNL_MEMORY_NONE));
  TRY(dnnl_memory_create(&c->weights, weights, c->engine, DNNL_MEMORY_ALLOCATE));
  return dnnl_memory_create(&c->plain_weights, HANDLE(p->plain_weights), c->engine, DNNL_MEMORY_NONE);
}

static dnnl_status_t compile(mmd_convolution *c, parts *p) {
  dnnl_primitive_desc_t forward = NULL, described = NULL;
  TRY(describe_parts(&c->form, p));
  // What a gradient is of is told by its forward pass.
  dnnl_status_t status = describe_primitive(c->engine, MMD_FORWARD, p, NULL, &forward);
  if (status == dnnl_success) status = describe_primitive(c->engine, c->pass, p, forward, &described);
  if (status == dnnl_success) status = dnnl_primitive_create(&c->primitive, described);
  if (status == dnnl_success) status = make_memories(c, p, described);
  if (described) dnnl_primitive_desc_destroy(described);
  if (forward) dnnl_primitive_desc_destroy(forward);
  return status;
}

mmd_convolution *mmd_convolution_create(const mmd_convolution_form *form, mmd_pass pass) {
  mmd_convolution *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  c->form = *form;
  c->pass = pass;
  // The threads of the compiling call are those that a kernel is made for.
  omp_set_num_threads((int)form->threads);
  parts p;
  memset(&p, 0, sizeof p);
  dnnl_status_t status = dnnl_engine_create(&c->engine, dnnl_cpu, 0);
  if (status == dnnl_success) status = dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags);
  if (status == dnnl_success) status = compile(c, &p);
  forget(&p.images);
  forget(&p.weights);
  forget(&p.results);
  forget(&p.plain_weights);
  if (status == dnnl_success) return c;
  mmd_convolution_destroy(c);
  return NULL;
}

void mmd_convolution_destroy(mmd_convolution *c) {
  if (!c) return;
  dnnl_memory_t memories[] = {c->images, c->weights, c->results, c->plain_weights};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; i++)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  if (c->primitive) dnnl_primitive_destroy(c->primitive);
  if (c->stream) dnnl_stream_destroy(c->stream);
  if (c->engine) dnnl_engine_destroy(c->engine);
  free(c);
}

int mmd_convolution_run(mmd_convolution *c, float *images, float *results) {
  static const int slots[][3] = {{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                                 {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST},
                                 {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST}};
  omp_set_num_threads((int)c->form.threads);
  dnnl_memory_set_data_handle(c->images, images);
  dnnl_memory_set_data_handle(c->results, results);
  const int *slot = slots[c->pass];
  const dnnl_exec_arg_t arguments[] = {{slot[0], c->images}, {slot[1], c->weights}, {slot[2], c->results}};
  TRY(dnnl_primitive_execute(c->primitive, c->stream, 3, arguments));
  return dnnl_stream_wait(c->stream);
}

static dnnl_status_t copy(mmd_convolution *c, dnnl_memory_t from, dnnl_memory_t to) {
  borrowed_description source, target;
  TRY(dnnl_memory_get_memory_desc(from, &source));
  TRY(dnnl_memory_get_memory_desc(to, &target));
  dnnl_primitive_desc_t described = NULL;
  dnnl_primitive_t reorder = NULL;
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  dnnl_status_t status = dnnl_reorder_primitive_desc_create(&described, source, c->engine, target, c->engine, NULL);
  if (status == dnnl_success) status = dnnl_primitive_create(&reorder, described);
  if (status == dnnl_success) status = dnnl_primitive_execute(reorder, c->stream, 2, arguments);
  if (status == dnnl_success) status = dnnl_stream_wait(c->stream);
  if (reorder) dnnl_primitive_destroy(reorder);
  if (described) dnnl_primitive_desc_destroy(described);
  return status;
}

int mmd_convolution_weights(mmd_convolution *c, float *weights) {
  dnnl_memory_set_data_handle(c->plain_weights, weights);
  return c->pass == MMD_WEIGHTS_GRADIENT ? copy(c, c->weights, c->plain_weights) : copy(c, c->plain_weights, c->weights);
}
