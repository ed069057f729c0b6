// Products of floats: one call, whose kernels oneDNN keeps for all shapes, so that nothing is compiled for a form.
#include <oneapi/dnnl/dnnl.h>

#include "COneDNN.h"

// From OpenMP, which oneDNN is built on; its header belongs to each compiler.
void omp_set_num_threads(int threads);

int mmd_multiply_floats(const mmd_float_product *p, const float *a, const float *b, float *c) {
  // As in multiply.c: a setting of each thread.
  omp_set_num_threads(1);
  return dnnl_sgemm(p->transposed_a ? 'T' : 'N', p->transposed_b ? 'T' : 'N', (dnnl_dim_t)p->rows,
                    (dnnl_dim_t)p->columns, (dnnl_dim_t)p->depth, p->alpha, a, (dnnl_dim_t)p->stride_a, b,
                    (dnnl_dim_t)p->stride_b, p->beta, c, (dnnl_dim_t)p->stride_c);
}

int mmd_limit_instructions(mmd_instructions most) {
  const dnnl_cpu_isa_t isa = most == MMD_SSE41 ? dnnl_cpu_isa_sse41 : dnnl_cpu_isa_avx2;
  return most == MMD_ALL ? 0 : dnnl_set_max_cpu_isa(isa);
}
