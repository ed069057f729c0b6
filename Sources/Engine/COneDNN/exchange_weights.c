// Weights as files have them, and in oneDNN's order.
#include "convolutions.h"

static dnnl_status_t copy(dnnl_engine_t engine, dnnl_stream_t stream, borrowed_description source, void *from,
                          borrowed_description target, void *to) {
  dnnl_primitive_desc_t described = NULL;
  dnnl_primitive_t reorder = NULL;
  dnnl_memory_t memories[2] = {NULL, NULL};
  dnnl_status_t status = dnnl_memory_create(&memories[0], source, engine, from);
  if (status == dnnl_success) status = dnnl_memory_create(&memories[1], target, engine, to);
  if (status == dnnl_success)
    status = dnnl_reorder_primitive_desc_create(&described, source, engine, target, engine, NULL);
  if (status == dnnl_success) status = dnnl_primitive_create(&reorder, described);
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, memories[0]}, {DNNL_ARG_TO, memories[1]}};
  if (status == dnnl_success) status = dnnl_primitive_execute(reorder, stream, 2, arguments);
  if (reorder) dnnl_primitive_destroy(reorder);
  if (described) dnnl_primitive_desc_destroy(described);
  for (int i = 0; i < 2; i++)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  return status;
}

dnnl_status_t exchange_weights(dnnl_engine_t engine, dnnl_stream_t stream, const compiled_convolution *c, float *plain,
                               int is_taps_first, void *arranged) {
  const weights_shape shape = shape_of_weights(&c->form);
  const dnnl_dim_t *const last = shape.dims + shape.count - 4;  // outputs and inputs of a group, rows, columns
  const dnnl_dim_t o = last[0], i = last[1], k = last[2];
  const dnnl_dims_t taps_last = {o * i * k * k, i * k * k, k * k, k, 1}, taps_first = {0, i * k * k, 1, k * i, i};
  description outside;
  TRY(describe(&outside, shape.count, shape.dims, dnnl_f32, (is_taps_first ? taps_first : taps_last) + 5 - shape.count));
  borrowed_description inside;
  dnnl_status_t status = dnnl_memory_get_memory_desc(c->weights, &inside);
  const int learns = c->form.pass == MMD_WEIGHTS_GRADIENT;
  if (status == dnnl_success)
    status = learns ? copy(engine, stream, inside, arranged, HANDLE(outside), plain)
                    : copy(engine, stream, HANDLE(outside), plain, inside, arranged);
  forget(&outside);
  return status;
}
