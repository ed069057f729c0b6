#ifndef MMTRAIN_CKERNELS_H
#define MMTRAIN_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Element-wise and reduction kernels of the tensor engine. One call does one fused operation over whole rows; callers
// split rows (or columns, where said) over threads. No kernel allocates, keeps state or starts threads.
//
// Matrices are row-major. "accumulate" says whether a gradient is added to what is there (1) or replaces it (0).
// Every level does the same arithmetic in 16 lanes, in the same order; levels differ only by fused multiply-add.

/// The bits of a bfloat16: the upper half of a float. Kernels whose names end in _bf16 do what those without do, on
/// activations of this type: fp32 inside, rounded to the nearest as they are stored.
typedef uint16_t mmk_bf16;

typedef enum {
  MMK_NONE, MMK_GELU_TANH, MMK_GELU_ERF, MMK_QUICK_GELU, MMK_RELU, MMK_RELU6, MMK_SIGMOID, MMK_TANH
} mmk_activation;

typedef enum { MMK_BASELINE, MMK_AVX2, MMK_AVX512 } mmk_level;

typedef struct {
  float learning_rate, beta1, beta2, epsilon, weight_decay;
  float gradient_scale;                   // clipping
  float bias_correction1, bias_correction2;  // 1 - beta^t
} mmk_adamw_parameters;

/// One head of one segment: `rows` queries read `columns` keys and values of `width` numbers; strides are elements from
/// one row to the next. Where causal, query i sees the keys 0 ... i.
typedef struct {
  size_t rows, columns, width;
  size_t query_stride, key_stride, y_stride;
  float scale;
  int causal;
  /// The share of probabilities that is dropped; their mask is of the seed and of the places from `mask_first` on.
  float dropout;
  uint64_t seed, mask_first;
} mmk_attention;

/// Two linear layers, their weights in panels; f comes after the first. Hidden and outputs are multiples of 16.
typedef struct {
  size_t inputs, hidden, outputs;
  mmk_activation f;
  const float *panels1, *bias1, *panels2, *bias2;
} mmk_perceptron;

enum { MMK_PERCEPTRON_ROWS = 48 };

/// Sums Σ q p over unsigned bytes q of rows and signed bytes p of columns, which stand for s_r (q - z_r) and s_c p: their product is
/// s_r s_c (Σ q p - z_r Σ p).
typedef struct {
  size_t columns;
  /// From one row of sums to the next, and of results.
  size_t sums_stride, stride;
  const float *row_scales;
  const int32_t *row_zeros;
  /// s_c, and Σ p of each column; both [columns].
  const float *column_scales;
  const int32_t *column_sums;
  /// [columns], or NULL; [rows, stride], or NULL.
  const float *bias, *residual;
} mmk_byte_sums;

/// Windows of kernel × kernel places that slide over an image [height, width, channels] in steps of `stride`, and make
/// [out_height, out_width]. `before` rows and columns of zeros lie before the first; behind the last there are as many as
/// the windows reach. The image's own rows and columns are `spread` apart, with zeros between them: 1, but for the
/// gradient of a stride.
typedef struct {
  size_t height, width, channels;
  size_t out_height, out_width;
  size_t kernel, stride, before, spread;
} mmk_depthwise;

enum { MMK_LARGEST_KERNEL = 16 };

typedef struct {
  // activated.inc
  /// pre += bias (bias may be NULL); y = f(pre), unless f is none, where y is not touched.
  void (*bias_activation)(mmk_activation f, size_t rows, size_t columns, const float *bias, float *pre, float *y);
  void (*bias_activation_bf16)(mmk_activation f, size_t rows, size_t columns, const float *bias, mmk_bf16 *pre,
                               mmk_bf16 *y);
  /// dpre = dy f'(pre); dpre may be dy.
  void (*activation_backward)(mmk_activation f, size_t count, const float *pre, const float *dy, float *dpre);
  void (*activation_backward_bf16)(mmk_activation f, size_t count, const mmk_bf16 *pre, const mmk_bf16 *dy,
                                   mmk_bf16 *dpre);
  /// y = f(pre) once more, and d becomes d f'(pre).
  void (*activation_again)(mmk_activation f, size_t count, const float *pre, float *d, float *y);
  void (*activation_again_bf16)(mmk_activation f, size_t count, const mmk_bf16 *pre, mmk_bf16 *d, mmk_bf16 *y);
  /// sum = x + branch (where branch is NULL the sum is x and is not written); y = (sum - mean) rstd w + b.
  void (*layer_norm)(size_t rows, size_t columns, float epsilon, const float *x, const float *branch, float *sum,
                     const float *weight, const float *bias, float *y, float *mean, float *rstd);
  void (*layer_norm_bf16)(size_t rows, size_t columns, float epsilon, const float *x, const mmk_bf16 *branch,
                          float *sum, const float *weight, const float *bias, mmk_bf16 *y, float *mean, float *rstd);
  /// dx (+)= gradient through the normalization (+ dsum, which may be NULL).
  void (*layer_norm_backward)(size_t rows, size_t columns, const float *sum, const float *weight, const float *mean,
                              const float *rstd, const float *dy, const float *dsum, float *dx, int accumulate);
  void (*layer_norm_backward_bf16)(size_t rows, size_t columns, const float *sum, const float *weight,
                                   const float *mean, const float *rstd, const mmk_bf16 *dy, const float *dsum,
                                   float *dx, int accumulate);
  /// For the columns first ..< last: dweight (+)= sum over rows of dy * normalized, dbias (+)= sum of dy.
  void (*layer_norm_backward_parameters)(size_t rows, size_t columns, size_t first, size_t last, const float *sum,
                                         const float *mean, const float *rstd, const float *dy, float *dweight,
                                         float *dbias, int accumulate);
  void (*layer_norm_backward_parameters_bf16)(size_t rows, size_t columns, size_t first, size_t last,
                                              const float *sum, const float *mean, const float *rstd,
                                              const mmk_bf16 *dy, float *dweight, float *dbias, int accumulate);
  /// out[c] (+)= sum over rows of x[row, c], for the columns first ..< last.
  void (*column_sums)(size_t rows, size_t columns, size_t first, size_t last, const float *x, float *out,
                      int accumulate);
  void (*column_sums_bf16)(size_t rows, size_t columns, size_t first, size_t last, const mmk_bf16 *x, float *out,
                           int accumulate);

  // perceptron.inc
  /// A weight [outputs, inputs] as panels of 64 columns: [outputs / 64][inputs][64].
  void (*arrange_panels)(size_t outputs, size_t inputs, const float *weight, float *panels);
  /// y = f(x W1ᵀ + b1) W2ᵀ + b2 (+ residual); scratch holds MMK_PERCEPTRON_ROWS rows of the hidden layer.
  void (*perceptron)(const mmk_perceptron *p, size_t rows, const float *x, const float *residual, float *y,
                     float *scratch);
  /// y = f(x), rounded to bfloat16.
  void (*activate_rounding)(mmk_activation f, size_t count, const float *x, mmk_bf16 *y);

  // windows.inc
  void (*arrange_taps)(size_t channels, size_t taps, int flipped, const float *weight, float *arranged);
  void (*gather_taps)(size_t channels, size_t taps, const float *arranged, float *weight, int accumulate);
  /// y[c times + i] = x[c] for 0 <= c < count, 0 <= i < times.
  void (*repeat_channels)(size_t count, size_t times, const float *x, float *y);
  void (*unfold)(const mmk_depthwise *d, const size_t *strides, size_t first, size_t rows, const float *x, float *y);
  void (*fold)(const mmk_depthwise *d, const size_t *strides, const float *y, float *x);
  /// The same of channels-last images, in the order [rows, kernel, kernel, channels].
  void (*unfold_places)(const mmk_depthwise *d, size_t first, size_t rows, const float *x, float *y);
  void (*fold_places)(const mmk_depthwise *d, const float *y, float *x);

  /// y = each window's largest number a channel, NaN where it holds one, for the result's rows first_row ... of one image;
  /// what lies outside the image takes no part.
  void (*max_pool)(const mmk_depthwise *d, size_t first_row, size_t rows, const float *x, float *y);
  /// dx += dy at the first place of each window that holds its largest number, for one image.
  void (*max_pool_backward)(const mmk_depthwise *d, const float *x, const float *dy, float *dx);

  // convolving.inc
  /// What the windows of the output's rows first_row ..< first_row + rows read of 16 channels of one image.
  void (*depthwise_pad)(const mmk_depthwise *d, size_t first_row, size_t rows, size_t channel, const float *x,
                        float *padded);
  void (*depthwise_pad_bf16)(const mmk_depthwise *d, size_t first_row, size_t rows, size_t channel, const mmk_bf16 *x,
                             float *padded);
  /// y (+)= the windows' sums (+ bias, which may be NULL); y begins at the first of these rows, `weight` at the block of
  /// these channels.
  void (*depthwise)(const mmk_depthwise *d, size_t rows, size_t channel, const float *padded, const float *weight,
                    const float *bias, float *y, int accumulate);
  void (*depthwise_bf16)(const mmk_depthwise *d, size_t rows, size_t channel, const float *padded, const float *weight,
                         const float *bias, mmk_bf16 *y, int accumulate);
  /// dweight += what these rows add to the gradient of 16 channels' taps [taps, 16].
  void (*depthwise_taps)(const mmk_depthwise *d, size_t rows, size_t channel, const float *padded, const float *dy,
                         float *dweight);
  void (*depthwise_taps_bf16)(const mmk_depthwise *d, size_t rows, size_t channel, const float *padded,
                              const mmk_bf16 *dy, float *dweight);
  /// y = x scale (+ shift) (+ addend): scale and shift [columns], addend [rows, columns].
  void (*channel_affine)(size_t rows, size_t columns, const float *x, const float *scale, const float *shift,
                         const float *addend, float *y);
  void (*channel_affine_bf16)(size_t rows, size_t columns, const mmk_bf16 *x, const float *scale, const float *shift,
                              const float *addend, float *y);
  /// For the columns first ..< last, out = Σ over rows of a (b - center), where center may be NULL; without b, of
  /// (a - center)²; without either, of a.
  void (*channel_products)(size_t rows, size_t columns, size_t first, size_t last, const float *a, const float *b,
                           const float *center, double *out);
  void (*channel_products_bf16)(size_t rows, size_t columns, size_t first, size_t last, const mmk_bf16 *a,
                                const float *b, const float *center, double *out);

  // few_rows.inc
  /// C = A Bᵀ for few rows of A: A is [rows, depth], B [columns, depth], C [rows, columns], each with the stride of its rows.
  void (*few_rows)(size_t rows, size_t columns, size_t depth, const float *a, size_t a_stride, const float *b,
                   size_t b_stride, float *c, size_t c_stride);

  // bfloat16.inc
  void (*to_bf16)(size_t count, const float *x, mmk_bf16 *y);
  void (*add_bf16)(size_t count, const mmk_bf16 *a, const mmk_bf16 *b, mmk_bf16 *y);
  /// y (+)= x
  void (*from_bf16)(size_t count, const mmk_bf16 *x, float *y, int accumulate);

  // bytes.inc
  /// Rows [rows, columns] as unsigned bytes: x = scales[row] (q - zeros[row]). NaN or infinity makes the row's scale NaN.
  void (*to_bytes)(size_t rows, size_t columns, const float *x, uint8_t *q, float *scales, int32_t *zeros);
  /// Weights [outputs, inputs] as signed bytes, w = scales[output] q, and Σ q of each output.
  void (*weights_to_bytes)(size_t outputs, size_t inputs, const float *w, int8_t *q, float *scales, int32_t *sums);
  /// y = f(product + bias) + residual of what the sums stand for.
  void (*from_sums)(mmk_activation f, const mmk_byte_sums *s, size_t rows, const int32_t *sums, float *y);

  // normalization.inc
  /// y = x / max(|x|, epsilon) a row; inverse_norm keeps the factor.
  void (*normalize)(size_t rows, size_t columns, float epsilon, const float *x, float *y, float *inverse_norm);
  void (*normalize_backward)(size_t rows, size_t columns, const float *y, const float *inverse_norm, const float *dy,
                             float *dx, int accumulate);

  // attending.inc
  /// y = softmax(scale Q Kᵀ) V, and each query's log-sum-exp for the backward pass.
  void (*attention)(const mmk_attention *a, const float *query, const float *key, const float *value, float *y,
                    float *logsumexp, float *scratch);
  void (*attention_bf16)(const mmk_attention *a, const mmk_bf16 *query, const mmk_bf16 *key, const mmk_bf16 *value,
                         mmk_bf16 *y, float *logsumexp, float *scratch);
  /// The gradients as floats, rows filled up to a multiple of 16: dquery [rows], dkey and dvalue [columns].
  void (*attention_backward)(const mmk_attention *a, const float *query, const float *key, const float *value,
                             const float *y, const float *dy, const float *logsumexp, float *dquery, float *dkey,
                             float *dvalue, float *scratch);
  void (*attention_backward_bf16)(const mmk_attention *a, const mmk_bf16 *query, const mmk_bf16 *key,
                                  const mmk_bf16 *value, const mmk_bf16 *y, const mmk_bf16 *dy,
                                  const float *logsumexp, float *dquery, float *dkey, float *dvalue, float *scratch);
  /// Floats of scratch that either takes for segments up to this one; it must begin at a multiple of 64 bytes.
  size_t (*attention_scratch)(const mmk_attention *a);
  /// y (+)= x for rows of x that are filled up to a multiple of 16, and rows of y that are `stride` apart.
  void (*write_rows)(size_t rows, size_t width, const float *x, float *y, size_t stride, int accumulate);
  void (*write_rows_bf16)(size_t rows, size_t width, const float *x, mmk_bf16 *y, size_t stride, int accumulate);

  // losses.inc
  /// losses[row] = logsumexp(logits) - (1 - smoothing) logits[target] - smoothing mean(logits); the rows' logsumexp is kept for
  /// the backward pass.
  void (*cross_entropy)(size_t rows, size_t columns, float smoothing, const float *logits, const int32_t *targets,
                        float *losses, float *logsumexp);
  /// dlogits (+)= scale (softmax - (1 - smoothing) onehot(target) - smoothing / columns).
  void (*cross_entropy_backward)(size_t rows, size_t columns, float smoothing, float scale, const float *logits,
                                 const int32_t *targets, const float *logsumexp, float *dlogits, int accumulate);
  /// sums[row] = Σ -log sigmoid(±(product + bias)), with + in column first + row, a row's own pair, and - elsewhere;
  /// accumulated in double per 4,096 elements.
  void (*sigmoid_loss)(size_t rows, size_t columns, size_t first, float bias, const float *products, double *sums);
  /// dproducts = scale times the slope of each; sums[row] is what a row gives to the bias' gradient.
  void (*sigmoid_loss_backward)(size_t rows, size_t columns, size_t first, float bias, float scale,
                                const float *products, float *dproducts, double *sums);

  // elementwise.inc
  void (*add)(size_t count, const float *a, const float *b, float *y);
  /// y (+)= a b
  void (*multiply)(size_t count, const float *a, const float *b, float *y, int accumulate);
  /// y (+)= factor x
  void (*scale)(size_t count, float factor, const float *x, float *y, int accumulate);
  /// Sum of squares, accumulated in double per 4,096 elements.
  double (*sum_of_squares)(size_t count, const float *x);
  double (*dot)(size_t count, const float *a, const float *b);
  /// y (+)= x * mask / (1 - rate); element i's mask is a hash of (seed, first + i): the backward pass makes it again.
  void (*dropout)(size_t count, float rate, uint64_t seed, uint64_t first, const float *x, float *y, int accumulate);

  // optimizer.inc
  /// One step of AdamW (Loshchilov & Hutter, 2019, algorithm 2): decay is decoupled from the moments. The new weights are
  /// also written to `rounded`, unless it is NULL.
  void (*adamw)(size_t count, const mmk_adamw_parameters *parameters, float *w, const float *g, float *m, float *v,
                mmk_bf16 *rounded);
  /// average += share (w - average): the exponential moving average, which a share of 1 begins.
  void (*average)(size_t count, float share, const float *w, float *average);

  // peak.inc
  /// Multiply-adds without memory; `operations` says how many floating-point operations they were.
  float (*multiply_add_chains)(size_t rounds, size_t *operations);
} mmk_kernels;

/// Adds normal numbers of a standard deviation to `numbers`, eight of each eight times 64 random bits; the sums are rounded to multiples of
/// `grid`, a power of two, where that is above 0. The first `skipped` < 8 numbers of the first eight are left out. The same bits on any
/// processor.
void mmk_add_normals(double *numbers, size_t count, const uint64_t *bits, size_t skipped, double deviation, double grid);

/// The best level that this processor supports.
mmk_level mmk_best_level(void);
/// Whether it multiplies bfloat16 numbers itself (AVX512-BF16).
int mmk_has_bf16_instructions(void);
/// The kernels of a level, or NULL where the processor lacks it.
const mmk_kernels *mmk_kernels_at(mmk_level level);

#endif
