// Matrix products through oneDNN's shim: every combination of transpositions, types, strides, bias and accumulation, held
// against plain loops, on memory that ends where the operands do.
#include <math.h>

#include "COneDNN.h"
#include "random.h"

static float value(const uint16_t *bits, size_t place) {
  const uint32_t wide = (uint32_t)bits[place] << 16;
  float number;
  memcpy(&number, &wide, sizeof number);
  return number;
}

static size_t span(size_t rows, size_t columns, size_t stride) { return (rows - 1) * stride + columns; }

static int multiply(mmd_context *context) {
  mmd_product p = {.rows = 1 + below(40), .columns = 1 + below(40), .depth = 1 + below(40), .transposed_a = (int)below(2),
                   .transposed_b = (int)below(2), .result_is_bf16 = (int)below(2), .accumulates = (int)below(2)};
  p.has_bias = !p.accumulates && below(2);
  const size_t a_rows = p.transposed_a ? p.depth : p.rows, a_columns = p.transposed_a ? p.rows : p.depth;
  const size_t b_rows = p.transposed_b ? p.columns : p.depth, b_columns = p.transposed_b ? p.depth : p.columns;
  p.stride_a = a_columns + below(3);
  p.stride_b = b_columns + below(3);
  p.stride_c = p.columns + below(3);
  const uint16_t *a = halves(span(a_rows, a_columns, p.stride_a)), *b = halves(span(b_rows, b_columns, p.stride_b));
  const float *bias = p.has_bias ? floats(p.columns) : NULL;
  const size_t results = span(p.rows, p.columns, p.stride_c);
  float *c = p.result_is_bf16 ? NULL : floats(results);
  uint16_t *rounded = p.result_is_bf16 ? halves(results) : NULL;
  float *before = floats(results);
  for (size_t i = 0; i < results; i++) before[i] = c ? c[i] : value(rounded, i);
  const int status = mmd_multiply(context, &p, a, b, bias, c ? (void *)c : (void *)rounded);
  if (status != 0) return status;
  for (size_t row = 0; row < p.rows; row++)
    for (size_t column = 0; column < p.columns; column++) {
      const size_t place = row * p.stride_c + column;
      double sum = (p.accumulates ? before[place] : 0) + (bias ? bias[column] : 0);
      for (size_t k = 0; k < p.depth; k++)
        sum += (double)value(a, p.transposed_a ? k * p.stride_a + row : row * p.stride_a + k) *
               value(b, p.transposed_b ? column * p.stride_b + k : k * p.stride_b + column);
      const double found = c ? c[place] : value(rounded, place);
      if (fabs(found - sum) > 0.02 * (1 + fabs(sum))) return -1;
    }
  return 0;
}

int main(int argc, char **argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 300;
  if (!mmd_supports_bf16()) {
    printf("products: oneDNN has no bfloat16 here\n");
    return 0;
  }
  mmd_context *context = mmd_context_create();
  if (!context) return 1;
  for (int round = 0; round < rounds; round++) {
    const int status = multiply(context);
    free_blocks();
    if (status != 0) {
      printf("products: round %d ended with %d\n", round, status);
      return 1;
    }
  }
  printf("products: %d rounds, oneDNN %s, %zu forms compiled\n", rounds, mmd_version(), mmd_kernel_count(context));
  mmd_context_destroy(context);
}
