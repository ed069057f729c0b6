// How a convolution becomes a oneDNN primitive.
#include <stdio.h>
#include <string.h>

#include "convolutions.h"

typedef struct {
  description images, weights, bias, results;
  dnnl_dims_t strides, before, after;
} parts;

// [B, H, W, C] as oneDNN counts the sides: B, C, H, W.
static dnnl_status_t describe_images(description *out, size_t images, size_t channels, size_t height, size_t width,
                                     dnnl_data_type_t type) {
  const dnnl_dim_t c = (dnnl_dim_t)channels, h = (dnnl_dim_t)height, w = (dnnl_dim_t)width;
  const dnnl_dims_t dims = {(dnnl_dim_t)images, c, h, w}, channels_last = {h * w * c, 1, w * c, c};
  return describe(out, 4, dims, type, channels_last);
}

// What a pass reads has one type, what it writes may have another.
static dnnl_data_type_t type_of(const mmd_convolution *f, mmd_pass writer) {
  const int is_bf16 = f->pass == writer ? f->result_is_bf16 : f->operands_are_bf16;
  return is_bf16 ? dnnl_bf16 : dnnl_f32;
}

static dnnl_status_t describe_parts(const mmd_convolution *f, parts *out) {
  out->strides[0] = out->strides[1] = (dnnl_dim_t)f->stride;
  out->before[0] = (dnnl_dim_t)f->above, out->before[1] = (dnnl_dim_t)f->left;
  out->after[0] = (dnnl_dim_t)f->below, out->after[1] = (dnnl_dim_t)f->right;
  const dnnl_dims_t outputs = {(dnnl_dim_t)f->outputs}, one = {1};
  const weights_shape weights = shape_of_weights(f);
  TRY(describe_images(&out->images, f->images, f->inputs, f->height, f->width,
                      type_of(f, MMD_INPUTS_GRADIENT)));
  TRY(describe_images(&out->results, f->images, f->outputs, f->out_height, f->out_width,
                      type_of(f, MMD_FORWARD)));
  TRY(describe(&out->bias, 1, outputs, dnnl_f32, one));
  return describe(&out->weights, weights.count, weights.dims, type_of(f, MMD_WEIGHTS_GRADIENT), NULL);
}

static dnnl_status_t append_activation(const mmd_convolution *f, dnnl_post_ops_t after) {
  const int is_clipped = f->activation == MMD_RELU6;
  const dnnl_alg_kind_t kind = is_clipped ? dnnl_eltwise_clip : dnnl_eltwise_relu;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_post_ops_append_eltwise(after, kind, 0, is_clipped ? 6 : 0);
#else
  return dnnl_post_ops_append_eltwise(after, 1, kind, 0, is_clipped ? 6 : 0);
#endif
}

// The scratchpad is ours, so that a warm convolution allocates nothing.
static dnnl_status_t make_attributes(const mmd_convolution *f, dnnl_primitive_attr_t *out) {
  TRY(dnnl_primitive_attr_create(out));
  TRY(dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user));
  if (f->activation == MMD_IDENTITY) return dnnl_success;
  dnnl_post_ops_t after;
  TRY(dnnl_post_ops_create(&after));
  dnnl_status_t status = append_activation(f, after);
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*out, after);
  dnnl_post_ops_destroy(after);
  return status;
}

// Kernels made for this processor; what goes by way of matrix products or plain loops is better done by the engine itself.
static int is_fast(const char *name) {
  // brgconv, brdgmm_dw, brg_conv_fwd …; jit:avx2, jit_dw:avx512_core …
  return strncmp(name, "br", 2) == 0 || strncmp(name, "jit", 3) == 0;
}

// oneDNN 2.6.3 now and then compiles a brgconv of a photo's three channels that reads memory which is none of its operands: for
// one in some thousands every result is wrong, and stays so as long as the kernel lives. Seen of three inputs alone, where a
// product is not as deep as one step of its loop; all that are no deeper than a register are left to other kernels, which are
// about as fast (docs/performance.md).
static int is_sound(const char *name, const mmd_convolution *f) {
  const size_t depth = (f->pass == MMD_INPUTS_GRADIENT ? f->outputs : f->inputs) / f->groups;
  return depth >= 16 || f->groups > 1 || (strncmp(name, "brgconv", 7) != 0 && strncmp(name, "brg_conv", 8) != 0);
}

static const char *name_of(const_dnnl_primitive_desc_t described) {
  const char *name = NULL;
  const dnnl_status_t status = dnnl_primitive_desc_query(described, dnnl_query_impl_info_str, 0, (void *)&name);
  return status == dnnl_success && name ? name : "";
}

// Whether a kernel is one to take; others come behind it.
static int suits(const_dnnl_primitive_desc_t described, const mmd_convolution *f) {
  const char *name = name_of(described);
  return is_fast(name) && is_sound(name, f);
}

#if DNNL_VERSION_MAJOR >= 3
static dnnl_status_t describe_first(dnnl_engine_t engine, const mmd_convolution *f, parts *p, mmd_pass pass,
                                    dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t forward,
                                    dnnl_primitive_desc_t *out) {
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
  const dnnl_dims_t dilation = {0, 0};
  if (pass == MMD_FORWARD)
    return dnnl_convolution_forward_primitive_desc_create(out, engine, dnnl_forward_training, direct, p->images,
                                                          p->weights, f->has_bias ? p->bias : NULL, p->results,
                                                          p->strides, dilation, p->before, p->after, attributes);
  if (pass == MMD_WEIGHTS_GRADIENT)
    return dnnl_convolution_backward_weights_primitive_desc_create(out, engine, direct, p->images, p->weights, NULL,
                                                                   p->results, p->strides, dilation, p->before,
                                                                   p->after, forward, attributes);
  return dnnl_convolution_backward_data_primitive_desc_create(out, engine, direct, p->images, p->weights, p->results,
                                                              p->strides, dilation, p->before, p->after, forward,
                                                              attributes);
}

// The first kernel that suits; an error where none does.
static dnnl_status_t describe_pass(dnnl_engine_t engine, const mmd_convolution *f, parts *p, mmd_pass pass,
                                   dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t forward,
                                   dnnl_primitive_desc_t *out) {
  TRY(describe_first(engine, f, p, pass, attributes, forward, out));
  dnnl_status_t status = dnnl_success;
  while (status == dnnl_success && !suits(*out, f)) status = dnnl_primitive_desc_next_impl(*out);
  if (status == dnnl_success) return status;
  dnnl_primitive_desc_destroy(*out);
  *out = NULL;
  return status;
}
#else
static dnnl_status_t describe_operation(const mmd_convolution *f, const parts *p, mmd_pass pass,
                                        dnnl_convolution_desc_t *out) {
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
  if (pass == MMD_FORWARD)
    return dnnl_convolution_forward_desc_init(out, dnnl_forward_training, direct, &p->images, &p->weights,
                                              f->has_bias ? &p->bias : NULL, &p->results, p->strides, p->before,
                                              p->after);
  if (pass == MMD_WEIGHTS_GRADIENT)
    return dnnl_convolution_backward_weights_desc_init(out, direct, &p->images, &p->weights, NULL, &p->results,
                                                       p->strides, p->before, p->after);
  return dnnl_convolution_backward_data_desc_init(out, direct, &p->images, &p->weights, &p->results, p->strides,
                                                  p->before, p->after);
}

// The first kernel that suits; an error where none does.
static dnnl_status_t describe_pass(dnnl_engine_t engine, const mmd_convolution *f, parts *p, mmd_pass pass,
                                   dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t forward,
                                   dnnl_primitive_desc_t *out) {
  dnnl_convolution_desc_t operation;
  TRY(describe_operation(f, p, pass, &operation));
  dnnl_primitive_desc_iterator_t kernels = NULL;
  TRY(dnnl_primitive_desc_iterator_create(&kernels, &operation, attributes, engine, forward));
  dnnl_status_t status = dnnl_success;
  for (; status == dnnl_success; status = dnnl_primitive_desc_iterator_next(kernels)) {
    *out = dnnl_primitive_desc_iterator_fetch(kernels);
    if (!*out || suits(*out, f)) break;
    dnnl_primitive_desc_destroy(*out);
    *out = NULL;
  }
  dnnl_primitive_desc_iterator_destroy(kernels);
  return *out ? dnnl_success : dnnl_unimplemented;
}
#endif

// A gradient is told by its forward pass, whose weights may lie in another order.
static dnnl_status_t describe_forward(dnnl_engine_t engine, const mmd_convolution *f, dnnl_primitive_desc_t *out) {
  mmd_convolution first = *f;
  first.pass = MMD_FORWARD;
  first.result_is_bf16 = f->operands_are_bf16;
  parts any;
  memset(&any, 0, sizeof any);
  dnnl_status_t status = describe_parts(&first, &any);
  if (status == dnnl_success) status = describe_pass(engine, &first, &any, MMD_FORWARD, NULL, NULL, out);
  forget(&any.images), forget(&any.weights), forget(&any.bias), forget(&any.results);
  return status;
}

static uint64_t code_of(borrowed_description d) {
  uint64_t words[2 * DNNL_MAX_NDIMS + 32], hash = 0xcbf29ce484222325u;
  size_t count = 0;
#if DNNL_VERSION_MAJOR >= 3
  int blocks = 0, sides = 0;
  dnnl_memory_desc_query(d, dnnl_query_ndims_s32, &sides);
  dnnl_dims_t strides, inner, places;
  dnnl_memory_desc_query(d, dnnl_query_inner_nblks_s32, &blocks);
  dnnl_memory_desc_query(d, dnnl_query_strides, &strides);
  dnnl_memory_desc_query(d, dnnl_query_inner_blks, &inner);
  dnnl_memory_desc_query(d, dnnl_query_inner_idxs, &places);
  for (int i = 0; i < sides; i++) words[count++] = (uint64_t)strides[i];
  for (int i = 0; i < blocks; i++) words[count++] = (uint64_t)inner[i], words[count++] = (uint64_t)places[i];
#else
  const dnnl_blocking_desc_t *b = &d->format_desc.blocking;
  for (int i = 0; i < d->ndims; i++) words[count++] = (uint64_t)b->strides[i];
  for (int i = 0; i < b->inner_nblks; i++)
    words[count++] = (uint64_t)b->inner_blks[i], words[count++] = (uint64_t)b->inner_idxs[i];
#endif
  words[count++] = dnnl_memory_desc_get_size(d);
  for (size_t i = 0; i < count; i++) hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15u;
  return hash | 1;  // 0 says that there is none
}

static dnnl_status_t make_memories(dnnl_engine_t engine, const parts *p, dnnl_primitive_desc_t described,
                                   compiled_convolution *out) {
  const int learns = out->form.pass == MMD_WEIGHTS_GRADIENT;
  const borrowed_description weights =
      dnnl_primitive_desc_query_md(described, learns ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
  const borrowed_description scratchpad = dnnl_primitive_desc_query_md(described, dnnl_query_scratchpad_md, 0);
  out->weights_bytes = dnnl_memory_desc_get_size(weights);
  out->weights_code = code_of(weights);
  out->scratchpad_bytes = dnnl_memory_desc_get_size(scratchpad);
  TRY(dnnl_memory_create(&out->images, HANDLE(p->images), engine, DNNL_MEMORY_NONE));
  TRY(dnnl_memory_create(&out->weights, weights, engine, DNNL_MEMORY_NONE));
  TRY(dnnl_memory_create(&out->bias, HANDLE(p->bias), engine, DNNL_MEMORY_NONE));
  TRY(dnnl_memory_create(&out->results, HANDLE(p->results), engine, DNNL_MEMORY_NONE));
  return dnnl_memory_create(&out->scratchpad, scratchpad, engine, DNNL_MEMORY_NONE);
}

static dnnl_status_t build(dnnl_engine_t engine, parts *p, dnnl_primitive_attr_t attributes,
                           dnnl_primitive_desc_t forward, compiled_convolution *out) {
  dnnl_primitive_desc_t described = NULL;
  TRY(describe_pass(engine, &out->form, p, out->form.pass, attributes, forward, &described));
  snprintf(out->name, sizeof out->name, "%s", name_of(described));
  dnnl_status_t status = make_memories(engine, p, described, out);
  if (status == dnnl_success) status = dnnl_primitive_create(&out->primitive, described);
  dnnl_primitive_desc_destroy(described);
  return status;
}

static dnnl_status_t take_order(const compiled_convolution *like, parts *p) {
  borrowed_description weights;
  TRY(dnnl_memory_get_memory_desc(like->weights, &weights));
#if DNNL_VERSION_MAJOR >= 3
  forget(&p->weights);
  return dnnl_memory_desc_clone(&p->weights, weights);
#else
  p->weights = *weights;
  return dnnl_success;
#endif
}

dnnl_status_t compile_convolution(dnnl_engine_t engine, const compiled_convolution *like, compiled_convolution *out) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t forward = NULL;
  parts p;
  memset(&p, 0, sizeof p);
  dnnl_status_t status = describe_parts(&out->form, &p);
  if (status == dnnl_success && like) status = take_order(like, &p);
  if (status == dnnl_success) status = make_attributes(&out->form, &attributes);
  if (status == dnnl_success && out->form.pass != MMD_FORWARD) status = describe_forward(engine, &out->form, &forward);
  if (status == dnnl_success) status = build(engine, &p, attributes, forward, out);
  if (forward) dnnl_primitive_desc_destroy(forward);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  forget(&p.images), forget(&p.weights), forget(&p.bias), forget(&p.results);
  if (status != dnnl_success) release_convolution(out);
  return status;
}

void release_convolution(compiled_convolution *c) {
  dnnl_memory_t *memories[] = {&c->images, &c->weights, &c->bias, &c->results, &c->scratchpad};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; i++) {
    if (*memories[i]) dnnl_memory_destroy(*memories[i]);
    *memories[i] = NULL;
  }
  if (c->primitive) dnnl_primitive_destroy(c->primitive);
  c->primitive = NULL;
}
