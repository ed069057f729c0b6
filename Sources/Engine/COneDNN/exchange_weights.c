// Weights as files have them, and in oneDNN's order.
#include "convolutions.h"
#include "reorder.h"

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
    status = learns ? reorder(engine, stream, inside, arranged, HANDLE(outside), plain)
                    : reorder(engine, stream, HANDLE(outside), plain, inside, arranged);
  forget(&outside);
  return status;
}
