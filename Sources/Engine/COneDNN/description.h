#ifndef MMTRAIN_CONEDNN_DESCRIPTION_H
#define MMTRAIN_CONEDNN_DESCRIPTION_H

// Descriptions of memory: oneDNN 2 has them as values, oneDNN 3 as handles.
#include <oneapi/dnnl/dnnl.h>
#include <stddef.h>

#define TRY(call)                              \
  do {                                         \
    const dnnl_status_t status_ = (call);      \
    if (status_ != dnnl_success) return status_; \
  } while (0)

typedef dnnl_memory_desc_t description;

// A description that belongs to another object; and what is made with strides, or where these are NULL as oneDNN likes best.
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t borrowed_description;
#define HANDLE(d) (d)
static inline dnnl_status_t describe(description *out, int ndims, const dnnl_dims_t dims, dnnl_data_type_t type,
                                     const dnnl_dim_t *strides) {
  return strides ? dnnl_memory_desc_create_with_strides(out, ndims, dims, type, strides)
                 : dnnl_memory_desc_create_with_tag(out, ndims, dims, type, dnnl_format_tag_any);
}
static inline dnnl_status_t copy_description(description *out, borrowed_description d) {
  return dnnl_memory_desc_clone(out, d);
}
static inline void forget(description *d) {
  if (*d) dnnl_memory_desc_destroy(*d);
}
#else
typedef const dnnl_memory_desc_t *borrowed_description;
#define HANDLE(d) (&(d))
static inline dnnl_status_t describe(description *out, int ndims, const dnnl_dims_t dims, dnnl_data_type_t type,
                                     const dnnl_dim_t *strides) {
  return strides ? dnnl_memory_desc_init_by_strides(out, ndims, dims, type, strides)
                 : dnnl_memory_desc_init_by_tag(out, ndims, dims, type, dnnl_format_tag_any);
}
static inline dnnl_status_t copy_description(description *out, borrowed_description d) {
  *out = *d;
  return dnnl_success;
}
static inline void forget(description *d) { (void)d; }
#endif

#endif
