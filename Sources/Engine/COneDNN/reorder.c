// The same numbers in another order, or of another type.
#include "reorder.h"

dnnl_status_t reorder(dnnl_engine_t engine, dnnl_stream_t stream, borrowed_description source, void *from,
                          borrowed_description target, void *to) {
  dnnl_primitive_desc_t described = NULL;
  dnnl_primitive_t copy = NULL;
  dnnl_memory_t memories[2] = {NULL, NULL};
  dnnl_status_t status = dnnl_memory_create(&memories[0], source, engine, from);
  if (status == dnnl_success) status = dnnl_memory_create(&memories[1], target, engine, to);
  if (status == dnnl_success)
    status = dnnl_reorder_primitive_desc_create(&described, source, engine, target, engine, NULL);
  if (status == dnnl_success) status = dnnl_primitive_create(&copy, described);
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, memories[0]}, {DNNL_ARG_TO, memories[1]}};
  if (status == dnnl_success) status = dnnl_primitive_execute(copy, stream, 2, arguments);
  if (copy) dnnl_primitive_destroy(copy);
  if (described) dnnl_primitive_desc_destroy(described);
  for (int i = 0; i < 2; i++)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  return status;
}
