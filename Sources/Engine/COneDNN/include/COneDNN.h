#ifndef MMTRAIN_CONEDNN_H
#define MMTRAIN_CONEDNN_H

#include <stddef.h>

// Matrix products through oneDNN, in plain C types: of bfloat16 operands, where one thread at a time uses a context, and of
// floats. And its convolutions, which nothing is computed with: the engine's own are measured beside them.

typedef struct mmd_context mmd_context;

typedef struct {
  /// C is [rows, columns], A is [rows, depth], B is [depth, columns].
  size_t rows, columns, depth;
  /// Elements from one row to the next as the operand lies in memory.
  size_t stride_a, stride_b, stride_c;
  /// 1 where the operand lies in memory as its transpose.
  int transposed_a, transposed_b;
  /// 1 where C is bfloat16, 0 where it is float.
  int result_is_bf16;
  /// 1 where the product is added to C.
  int accumulates;
  /// 1 where a bias [columns] of floats is added to every row.
  int has_bias;
} mmd_product;

/// Whether oneDNN has bfloat16 products on this processor that are worth calling (AVX-512 at least).
int mmd_supports_bf16(void);

/// "2.6.3" and the like.
const char *mmd_version(void);

/// NULL where memory or oneDNN itself is missing.
mmd_context *mmd_context_create(void);
void mmd_context_destroy(mmd_context *context);

/// C (+)= A B (+ bias), sums in fp32, on the calling thread alone. The first call for a form compiles its kernel; the
/// context keeps the kernels of several hundred forms. Returns 0, or oneDNN's status.
int mmd_multiply(mmd_context *context, const mmd_product *product, const void *a, const void *b, const float *bias,
                 void *c);

/// Kernels that the context has compiled so far; those of a form that was forgotten and came again count again.
size_t mmd_kernel_count(const mmd_context *context);

typedef struct {
  /// As in mmd_product.
  size_t rows, columns, depth;
  size_t stride_a, stride_b, stride_c;
  int transposed_a, transposed_b;
  float alpha, beta;
} mmd_float_product;

/// C = alpha A B + beta C of floats on the calling thread alone; the depth is at least 1. Returns 0, or oneDNN's status.
int mmd_multiply_floats(const mmd_float_product *product, const float *a, const float *b, float *c);

/// Images [B, H, W, I] → [B, H', W', O] with `padding` zeros on each side; each of the groups of outputs reads its own inputs.
typedef struct {
  size_t images, inputs, outputs, groups;
  size_t height, width, out_height, out_width;
  size_t kernel, stride, padding;
  /// OpenMP's, which divide the work.
  size_t threads;
} mmd_convolution_form;

typedef enum { MMD_FORWARD, MMD_WEIGHTS_GRADIENT, MMD_INPUTS_GRADIENT } mmd_pass;

typedef struct mmd_convolution mmd_convolution;

/// NULL where memory is missing or oneDNN does not compute this. One thread at a time uses it.
mmd_convolution *mmd_convolution_create(const mmd_convolution_form *form, mmd_pass pass);
void mmd_convolution_destroy(mmd_convolution *convolution);

/// Forward, `results` is written; the weights' gradient is taken of both; for the inputs' gradient `images` is written.
/// Returns 0, or oneDNN's status.
int mmd_convolution_run(mmd_convolution *convolution, float *images, float *results);

/// Takes the weights [O, I / groups, K, K] into the order in which oneDNN reads them; of a weights' gradient, writes what the
/// last run made of it. Returns 0, or oneDNN's status.
int mmd_convolution_weights(mmd_convolution *convolution, float *weights);

typedef enum { MMD_SSE41, MMD_AVX2, MMD_ALL } mmd_instructions;

/// Computes as on a processor that has no better instructions; to be called before anything else is computed. Returns 0,
/// or oneDNN's status.
int mmd_limit_instructions(mmd_instructions most);

#endif
