// How a product becomes a oneDNN primitive.
#include <stdlib.h>
#include <string.h>

#include "description.h"
#include "products.h"

typedef struct {
  dnnl_dims_t dims, strides;
  dnnl_data_type_t type;
} layout;

static layout layout_of(size_t rows, size_t columns, size_t stride, int transposed, dnnl_data_type_t type) {
  layout made = {.type = type};
  made.dims[0] = (dnnl_dim_t)rows;
  made.dims[1] = (dnnl_dim_t)columns;
  made.strides[0] = transposed ? 1 : (dnnl_dim_t)stride;
  made.strides[1] = transposed ? (dnnl_dim_t)stride : 1;
  return made;
}

static dnnl_status_t describe_layout(description *out, const layout *l) {
  return describe(out, 2, l->dims, l->type, l->strides);
}

static dnnl_data_type_t type_of_b(const mmd_product *p) { return p->factors == MMD_BYTES ? dnnl_s8 : dnnl_bf16; }

dnnl_status_t describe_plain_b(const mmd_product *p, description *out) {
  const layout b = layout_of(p->depth, p->columns, p->stride_b, p->transposed_b, type_of_b(p));
  return describe_layout(out, &b);
}

typedef struct {
  description a, b, c, bias;
} descriptions;

// All but an arranged B, which is what oneDNN likes best.
static dnnl_status_t describe_all(const mmd_product *p, descriptions *out) {
  const int is_bytes = p->factors == MMD_BYTES;
  const dnnl_data_type_t result = is_bytes ? dnnl_s32 : p->result_is_bf16 ? dnnl_bf16 : dnnl_f32;
  const layout a = layout_of(p->rows, p->depth, p->stride_a, p->transposed_a, is_bytes ? dnnl_u8 : dnnl_bf16);
  const layout c = layout_of(p->rows, p->columns, p->stride_c, 0, result);
  const layout bias = layout_of(1, p->columns, p->columns, 0, dnnl_f32);
  TRY(describe_layout(&out->a, &a));
  if (p->arranged_b) {
    const dnnl_dims_t dims = {(dnnl_dim_t)p->depth, (dnnl_dim_t)p->columns};
    TRY(describe(&out->b, 2, dims, type_of_b(p), NULL));
  } else {
    TRY(describe_plain_b(p, &out->b));
  }
  TRY(describe_layout(&out->c, &c));
  return describe_layout(&out->bias, &bias);
}

static void forget_all(descriptions *d) {
  forget(&d->a);
  forget(&d->b);
  forget(&d->c);
  forget(&d->bias);
}

// The scratchpad is ours, so that a warm product allocates nothing; a sum after the product is C +=.
static dnnl_status_t attributes(const mmd_product *p, dnnl_primitive_attr_t *out) {
  TRY(dnnl_primitive_attr_create(out));
  TRY(dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user));
  if (!p->accumulates) return dnnl_success;
  dnnl_post_ops_t after = NULL;
  TRY(dnnl_post_ops_create(&after));
#if DNNL_VERSION_MAJOR >= 3
  dnnl_status_t status = dnnl_post_ops_append_sum(after, 1.0f, 0, dnnl_data_type_undef);
#else
  dnnl_status_t status = dnnl_post_ops_append_sum(after, 1.0f);
#endif
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*out, after);
  dnnl_post_ops_destroy(after);
  return status;
}

static dnnl_status_t describe_primitive(dnnl_engine_t engine, const mmd_product *p, descriptions *d,
                                        dnnl_primitive_attr_t attr, dnnl_primitive_desc_t *out) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_matmul_primitive_desc_create(out, engine, d->a, d->b, p->has_bias ? d->bias : NULL, d->c, attr);
#else
  dnnl_matmul_desc_t matmul;
  TRY(dnnl_matmul_desc_init(&matmul, &d->a, &d->b, p->has_bias ? &d->bias : NULL, &d->c));
  return dnnl_primitive_desc_create(out, &matmul, attr, engine, NULL);
#endif
}

// The order of an arranged B is that of so many rows, whatever the number of rows: what was arranged for one must serve all.
enum { USUAL_ROWS = 64 };

static dnnl_status_t settle_arranged_b(dnnl_engine_t engine, const mmd_product *p, dnnl_primitive_attr_t attr,
                                       description *b) {
  mmd_product usual = *p;
  usual.rows = USUAL_ROWS;
  usual.stride_c = usual.columns;
  descriptions d;
  memset(&d, 0, sizeof d);
  dnnl_primitive_desc_t described = NULL;
  dnnl_status_t status = describe_all(&usual, &d);
  if (status == dnnl_success) status = describe_primitive(engine, &usual, &d, attr, &described);
  if (status == dnnl_success) {
    forget(b);
    status = copy_description(b, dnnl_primitive_desc_query_md(described, dnnl_query_weights_md, 0));
  }
  if (described) dnnl_primitive_desc_destroy(described);
  forget_all(&d);
  return status;
}

static dnnl_status_t make_memories(dnnl_engine_t engine, descriptions *d, dnnl_primitive_desc_t described,
                                   compiled_product *out) {
  TRY(dnnl_memory_create(&out->a, HANDLE(d->a), engine, DNNL_MEMORY_NONE));
  const borrowed_description b = dnnl_primitive_desc_query_md(described, dnnl_query_weights_md, 0);
  TRY(dnnl_memory_create(&out->b, b, engine, DNNL_MEMORY_NONE));
  out->b_bytes = dnnl_memory_desc_get_size(b);
  TRY(dnnl_memory_create(&out->c, HANDLE(d->c), engine, DNNL_MEMORY_NONE));
  TRY(dnnl_memory_create(&out->bias, HANDLE(d->bias), engine, DNNL_MEMORY_NONE));
  const borrowed_description scratchpad = dnnl_primitive_desc_query_md(described, dnnl_query_scratchpad_md, 0);
  out->scratchpad_bytes = dnnl_memory_desc_get_size(scratchpad);
  return dnnl_memory_create(&out->scratchpad, scratchpad, engine, DNNL_MEMORY_NONE);
}

dnnl_status_t compile_product(dnnl_engine_t engine, const mmd_product *form, compiled_product *out) {
  *out = (compiled_product){.form = *form};
  descriptions d;
  memset(&d, 0, sizeof d);
  dnnl_primitive_attr_t attr = NULL;
  dnnl_primitive_desc_t described = NULL;
  dnnl_status_t status = describe_all(form, &d);
  if (status == dnnl_success) status = attributes(form, &attr);
  if (status == dnnl_success && form->arranged_b) status = settle_arranged_b(engine, form, attr, &d.b);
  if (status == dnnl_success) status = describe_primitive(engine, form, &d, attr, &described);
  if (status == dnnl_success) status = dnnl_primitive_create(&out->primitive, described);
  if (status == dnnl_success) status = make_memories(engine, &d, described, out);
  if (described) dnnl_primitive_desc_destroy(described);
  if (attr) dnnl_primitive_attr_destroy(attr);
  forget_all(&d);
  if (status != dnnl_success) release_product(out);
  return status;
}

void release_product(compiled_product *product) {
  dnnl_memory_t memories[] = {product->a, product->b, product->c, product->bias, product->scratchpad};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; i++)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  if (product->primitive) dnnl_primitive_destroy(product->primitive);
  *product = (compiled_product){0};
}
