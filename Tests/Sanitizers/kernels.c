// Calls every kernel of every level that this processor has, with sizes around its vectors, on memory that ends where the
// arguments do. What is computed is for the tests of TensorEngine; here the sanitizers look on.
#include "CKernels.h"
#include "random.h"

static mmk_activation any_activation(void) { return (mmk_activation)below(6); }

static size_t whole(size_t n) { return (n + 15) / 16 * 16; }

static void activated(const mmk_kernels *k) {
  const size_t rows = 1 + below(5), columns = length(), count = rows * columns;
  const float *bias = below(2) ? floats(columns) : NULL;
  const mmk_activation f = any_activation();
  k->bias_activation(f, rows, columns, bias, floats(count), floats(count));
  k->bias_activation_bf16(f, rows, columns, bias, halves(count), halves(count));
  k->activation_backward(f, count, floats(count), floats(count), floats(count));
  k->activation_backward_bf16(f, count, halves(count), halves(count), halves(count));
  k->activation_again(f, count, floats(count), floats(count), floats(count));
  k->activation_again_bf16(f, count, halves(count), halves(count), halves(count));
  k->activate_rounding(f, count, floats(count), halves(count));
}

static void normalized(const mmk_kernels *k) {
  const size_t rows = 1 + below(5), columns = length(), count = rows * columns;
  const int has_branch = (int)below(2), accumulate = (int)below(2);
  float *mean = floats(rows), *rstd = floats(rows), *weight = floats(columns), *bias = floats(columns);
  const float *dsum = below(2) ? floats(count) : NULL;
  k->layer_norm(rows, columns, 1e-5f, floats(count), has_branch ? floats(count) : NULL, floats(count), weight, bias,
                floats(count), mean, rstd);
  k->layer_norm_bf16(rows, columns, 1e-5f, floats(count), has_branch ? halves(count) : NULL, floats(count), weight, bias,
                     halves(count), mean, rstd);
  k->layer_norm_backward(rows, columns, floats(count), weight, mean, rstd, floats(count), dsum, floats(count), accumulate);
  k->layer_norm_backward_bf16(rows, columns, floats(count), weight, mean, rstd, halves(count), dsum, floats(count),
                              accumulate);
  const size_t first = below(columns), last = first + below(columns - first + 1);
  k->layer_norm_backward_parameters(rows, columns, first, last, floats(count), mean, rstd, floats(count), floats(columns),
                                    floats(columns), accumulate);
  k->layer_norm_backward_parameters_bf16(rows, columns, first, last, floats(count), mean, rstd, halves(count),
                                         floats(columns), floats(columns), accumulate);
  k->column_sums(rows, columns, first, last, floats(count), floats(columns), accumulate);
  k->column_sums_bf16(rows, columns, first, last, halves(count), floats(columns), accumulate);
  k->normalize(rows, columns, 1e-6f, floats(count), floats(count), floats(rows));
  k->normalize_backward(rows, columns, floats(count), floats(rows), floats(count), floats(count), accumulate);
}

static void perceptrons(const mmk_kernels *k) {
  const size_t rows = 1 + below(110), inputs = length(), hidden = 16 * (1 + below(10)), outputs = 16 * (1 + below(10));
  float *panels1 = floats(inputs * hidden), *panels2 = floats(hidden * outputs);
  k->arrange_panels(hidden, inputs, floats(inputs * hidden), panels1);
  k->arrange_panels(outputs, hidden, floats(hidden * outputs), panels2);
  const mmk_perceptron p = {.inputs = inputs, .hidden = hidden, .outputs = outputs, .f = any_activation(),
                            .panels1 = panels1, .bias1 = floats(hidden), .panels2 = panels2, .bias2 = floats(outputs)};
  k->perceptron(&p, rows, floats(rows * inputs), below(2) ? floats(rows * outputs) : NULL, floats(rows * outputs),
                floats(MMK_PERCEPTRON_ROWS * hidden));
}

static void unfolded(const mmk_kernels *k, const mmk_depthwise *d) {
  const size_t windows = d->out_height * d->out_width, taps = d->kernel * d->kernel;
  const size_t area = d->height * d->width;
  const size_t channels_last[] = {1, d->width * d->channels, d->channels}, planes[] = {area, d->width, 1};
  const size_t *strides = below(2) ? channels_last : planes;
  const size_t first = below(windows), rows = 1 + below(windows - first);
  k->unfold(d, strides, first, rows, floats(area * d->channels), floats(rows * d->channels * taps));
  k->fold(d, strides, floats(windows * d->channels * taps), floats(area * d->channels));
}

static void slid(const mmk_kernels *k, const mmk_depthwise *d) {
  const size_t taps = d->kernel * d->kernel, places = d->out_width * d->channels;
  const int accumulate = (int)below(2);
  float *arranged = floats(whole(d->channels) * taps);
  k->arrange_taps(d->channels, taps, (int)below(2), floats(d->channels * taps), arranged);
  k->gather_taps(d->channels, taps, arranged, floats(d->channels * taps), accumulate);
  const float *bias = below(2) ? floats(d->channels) : NULL;
  const size_t first = below(d->out_height), rows = 1 + below(d->out_height - first);
  const size_t padded = 16 * ((rows - 1) * d->stride + d->kernel) * ((d->out_width - 1) * d->stride + d->kernel);
  const size_t input = d->height * d->width * d->channels;
  float *x = floats(input), *band = floats(padded), *dy = floats(rows * places);
  uint16_t *x_half = halves(input), *dy_half = halves(rows * places);
  for (size_t channel = 0; channel < d->channels; channel += 16) {
    float *weight = arranged + channel * taps;
    k->depthwise_pad(d, first, rows, channel, x, band);
    k->depthwise(d, rows, channel, band, weight, bias, dy, accumulate);
    k->depthwise_taps(d, rows, channel, band, dy, weight);
    k->depthwise_pad_bf16(d, first, rows, channel, x_half, band);
    k->depthwise_bf16(d, rows, channel, band, weight, bias, dy_half, accumulate);
    k->depthwise_taps_bf16(d, rows, channel, band, dy_half, weight);
  }
}

static void windows(const mmk_kernels *k) {
  static const size_t kernels[] = {1, 2, 3, 3, 5, 7, 7, 16};
  mmk_depthwise d = {.height = 1 + below(20), .width = 1 + below(20), .channels = 1 + below(40), .spread = 1};
  d.kernel = kernels[below(8)];
  d.stride = 1 + below(2);
  d.before = below(d.kernel);
  const size_t least = d.height < d.width ? d.height : d.width;
  if (least + 2 * d.before < d.kernel) d.height = d.width = d.kernel;
  d.out_height = (d.height + 2 * d.before - d.kernel) / d.stride + 1;
  d.out_width = (d.width + 2 * d.before - d.kernel) / d.stride + 1;
  slid(k, &d);
  unfolded(k, &d);
  // The way back: the result's gradient, spread by the stride, under windows of stride 1.
  const mmk_depthwise reversed = {.height = d.out_height, .width = d.out_width, .channels = d.channels,
                                  .out_height = d.height, .out_width = d.width, .kernel = d.kernel, .stride = 1,
                                  .before = d.kernel - 1 - d.before, .spread = d.stride};
  slid(k, &reversed);
  const size_t count = length(), times = 1 + below(3);
  k->repeat_channels(count, times, floats(count), floats(count * times));
}

static void channels(const mmk_kernels *k) {
  const size_t rows = 1 + below(below(4) ? 6 : 600), columns = 1 + below(70), count = rows * columns;
  const float *shift = below(2) ? floats(columns) : NULL, *addend = below(2) ? floats(count) : NULL;
  k->channel_affine(rows, columns, floats(count), floats(columns), shift, addend, floats(count));
  k->channel_affine_bf16(rows, columns, halves(count), floats(columns), shift, addend, floats(count));
  const size_t first = below(columns), last = first + below(columns - first + 1);
  const float *b = below(2) ? floats(count) : NULL, *center = below(2) ? floats(columns) : NULL;
  k->channel_products(rows, columns, first, last, floats(count), b, center, doubles(columns));
  k->channel_products_bf16(rows, columns, first, last, halves(count), b, center, doubles(columns));
}

static void attentions(const mmk_kernels *k) {
  mmk_attention a = {.rows = 1 + below(below(3) ? 20 : 160), .columns = 1 + below(below(3) ? 20 : 160),
                     .width = 1 + below(70), .scale = 0.125f, .causal = (int)below(2)};
  if (a.causal) a.columns = a.rows;
  a.query_stride = a.width + below(3) * a.width;
  a.key_stride = a.width + below(3) * a.width;
  a.y_stride = a.width + below(3) * a.width;
  const size_t wide = whole(a.width);
  // The last row ends where its head does.
  const size_t queries = (a.rows - 1) * a.query_stride + a.width, keys = (a.columns - 1) * a.key_stride + a.width;
  const size_t results = (a.rows - 1) * a.y_stride + a.width;
  float *scratch = aligned_floats(k->attention_scratch(&a)), *logsumexp = floats(a.rows);
  float *dquery = aligned_floats(a.rows * wide), *dkey = aligned_floats(a.columns * wide);
  float *dvalue = aligned_floats(a.columns * wide);
  const float *q = floats(queries), *key = floats(keys), *value = floats(keys);
  float *y = floats(results);
  k->attention(&a, q, key, value, y, logsumexp, scratch);
  k->attention_backward(&a, q, key, value, y, floats(results), logsumexp, dquery, dkey, dvalue, scratch);
  k->write_rows(a.rows, a.width, dquery, y, a.y_stride, (int)below(2));
  const mmk_bf16 *q_half = halves(queries), *key_half = halves(keys), *value_half = halves(keys);
  mmk_bf16 *y_half = halves(results);
  k->attention_bf16(&a, q_half, key_half, value_half, y_half, logsumexp, scratch);
  k->attention_backward_bf16(&a, q_half, key_half, value_half, y_half, halves(results), logsumexp, dquery, dkey, dvalue,
                             scratch);
  k->write_rows_bf16(a.columns, a.width, dkey, halves((a.columns - 1) * a.key_stride + a.width), a.key_stride,
                     (int)below(2));
}

static void losses(const mmk_kernels *k) {
  const size_t rows = 1 + below(6), columns = rows + length(), count = rows * columns;
  int32_t *targets = block(rows * sizeof *targets, sizeof(void *));
  for (size_t row = 0; row < rows; row++) targets[row] = (int32_t)below(columns);
  k->cross_entropy(rows, columns, floats(count), targets, floats(rows), floats(rows));
  k->cross_entropy_backward(rows, columns, 0.5f, floats(count), targets, floats(rows), floats(count), (int)below(2));
  const size_t first = below(columns - rows + 1);
  k->sigmoid_loss(rows, columns, first, -1.0f, floats(count), doubles(rows));
  k->sigmoid_loss_backward(rows, columns, first, -1.0f, 0.5f, floats(count), floats(count), doubles(rows));
}

static double elements(const mmk_kernels *k) {
  const size_t count = below(3) ? length() : 4090 + below(20);
  k->to_bf16(count, floats(count), halves(count));
  k->add_bf16(count, halves(count), halves(count), halves(count));
  k->from_bf16(count, halves(count), floats(count), (int)below(2));
  k->add(count, floats(count), floats(count), floats(count));
  k->multiply(count, floats(count), floats(count), floats(count), (int)below(2));
  k->scale(count, 0.5f, floats(count), floats(count), (int)below(2));
  k->dropout(count, 0.25f, random_bits(), random_bits(), floats(count), floats(count), (int)below(2));
  const mmk_adamw_parameters p = {1e-3f, 0.9f, 0.98f, 1e-6f, 0.1f, 1.0f, 0.1f, 0.02f};
  float *v = floats(count);
  for (size_t i = 0; i < count; i++) v[i] *= v[i];
  k->adamw(count, &p, floats(count), floats(count), floats(count), v, below(2) ? halves(count) : NULL);
  return k->sum_of_squares(count, floats(count)) + k->dot(count, floats(count), floats(count));
}

int main(int argc, char **argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 300;
  static void (*const families[])(const mmk_kernels *) = {activated, normalized, perceptrons, windows, channels,
                                                         attentions, losses};
  double sum = 0;
  for (int level = MMK_BASELINE; level <= MMK_AVX512; level++) {
    const mmk_kernels *k = mmk_kernels_at((mmk_level)level);
    if (!k) continue;
    for (int round = 0; round < rounds; round++) {
      for (size_t family = 0; family < sizeof families / sizeof *families; family++) {
        families[family](k);
        free_blocks();
      }
      sum += elements(k);
      free_blocks();
    }
    size_t operations = 0;
    sum += (double)k->multiply_add_chains(10, &operations);
    printf("kernels: level %d, %d rounds of every kernel\n", level, rounds);
  }
  return sum == sum ? 0 : 1;
}
