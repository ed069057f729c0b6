#ifndef MMTRAIN_CONEDNN_H
#define MMTRAIN_CONEDNN_H

#include <stddef.h>
#include <stdint.h>

// Matrix products and convolutions through oneDNN, in plain C types: of bfloat16 operands and of images, where one thread at a
// time uses a context, and of floats.

typedef struct mmd_context mmd_context;

/// What is multiplied: bfloat16 on both sides, or unsigned bytes by signed ones, whose sums are int32.
typedef enum { MMD_BFLOAT16, MMD_BYTES } mmd_factors;

typedef struct {
  mmd_factors factors;
  /// C is [rows, columns], A is [rows, depth], B is [depth, columns].
  size_t rows, columns, depth;
  /// Elements from one row to the next as the operand lies in memory.
  size_t stride_a, stride_b, stride_c;
  /// 1 where the operand lies in memory as its transpose.
  int transposed_a, transposed_b;
  /// 1 where B lies in the order that oneDNN likes best, as mmd_arrange makes it of one that lies as said above.
  int arranged_b;
  /// 1 where C is bfloat16, 0 where it is float; of bytes it is int32.
  int result_is_bf16;
  /// 1 where the product is added to C.
  int accumulates;
  /// 1 where a bias [columns] of floats is added to every row.
  int has_bias;
} mmd_product;

/// Whether oneDNN has bfloat16 products on this processor that are worth calling (AVX-512 at least).
int mmd_supports_bf16(void);

/// Whether it multiplies bytes by instructions of their own here, which add up four products without saturating (AVX-512 VNNI).
int mmd_supports_bytes(void);

/// "2.6.3" and the like.
const char *mmd_version(void);

/// NULL where memory or oneDNN itself is missing.
mmd_context *mmd_context_create(void);
void mmd_context_destroy(mmd_context *context);

/// C (+)= A B (+ bias), sums in fp32, on the calling thread alone. The first call for a form compiles its kernel; the
/// context keeps the kernels of several hundred forms. Returns 0, or oneDNN's status.
int mmd_multiply(mmd_context *context, const mmd_product *product, const void *a, const void *b, const float *bias,
                 void *c);

/// How many bytes B takes in the order of a product; 0 where oneDNN does not have it.
size_t mmd_arranged_bytes(mmd_context *context, const mmd_product *product);

/// B as it lies, into that order, which is the same for any number of rows and with or without a bias. Returns 0, or oneDNN's status.
int mmd_arrange(mmd_context *context, const mmd_product *product, const void *b, void *arranged);

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

typedef struct mmd_convolutions mmd_convolutions;

typedef enum { MMD_FORWARD, MMD_WEIGHTS_GRADIENT, MMD_INPUTS_GRADIENT } mmd_pass;
typedef enum { MMD_IDENTITY, MMD_RELU, MMD_RELU6 } mmd_convolution_activation;

/// Images [B, H, W, I] → [B, H', W', O], with zeros around them; or one of its gradients. Without padding bytes, as forms are
/// compared byte by byte.
typedef struct {
  size_t images, inputs, outputs;
  /// Of channels: each group of outputs reads its own inputs.
  size_t groups;
  size_t height, width, out_height, out_width;
  size_t kernel, stride;
  /// Rows and columns of zeros.
  size_t above, below, left, right;
  mmd_pass pass;
  /// Of the forward pass.
  mmd_convolution_activation activation;
  int has_bias;
  /// 1 where what a pass reads is bfloat16, 0 where it is float; biases are float.
  int operands_are_bf16;
  /// The same of what it writes; a weights' gradient is float.
  int result_is_bf16, unused;
} mmd_convolution;

/// NULL where memory or oneDNN itself is missing.
mmd_convolutions *mmd_convolutions_create(void);
void mmd_convolutions_destroy(mmd_convolutions *context);

/// Weights are read in an order that oneDNN chooses for a form. How many bytes they take so, and a number that tells the order
/// from others; both 0 where oneDNN has no fast kernel for it here.
size_t mmd_weights_bytes(mmd_convolutions *context, const mmd_convolution *order);
uint64_t mmd_weights_code(mmd_convolutions *context, const mmd_convolution *order);

/// Weights [O, I / groups, K, K], or [O, K, K, I] of one group, into the order and type of a form; out of it for a weights' gradient.
/// Returns 0, or oneDNN's status.
int mmd_exchange_weights(mmd_convolutions *context, const mmd_convolution *order, float *plain, int is_taps_first,
                         void *arranged);

/// Whether there is a fast kernel that reads weights in the order of `order`; compiles it.
int mmd_can_convolve(mmd_convolutions *context, const mmd_convolution *form, const mmd_convolution *order);

/// Forward, `results` is written; the weights' gradient is taken of images and results; for the inputs' gradient `images` is
/// written. On the calling thread alone. Returns 0, or oneDNN's status.
int mmd_convolve(mmd_convolutions *context, const mmd_convolution *form, const mmd_convolution *order, void *images,
                 void *weights, const float *bias, void *results);

/// What oneDNN calls the kernels that the context has, "jit:avx512_core" and the like, "" where it has no fast one; NULL behind the
/// last.
const char *mmd_convolution_name(const mmd_convolutions *context, size_t index);

typedef enum { MMD_SSE41, MMD_AVX2, MMD_ALL } mmd_instructions;

/// Computes as on a processor that has no better instructions; to be called before anything else is computed. Returns 0,
/// or oneDNN's status.
int mmd_limit_instructions(mmd_instructions most);

#endif
