#include <string.h>

#include "CNodeMemory.h"

// What travels between nodes as bfloat16: the upper half of a float32. Added in fp32, in the order of the rows.

static inline uint16_t rounded(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  // Rounding could carry a NaN into infinity: it stays a quiet NaN.
  if (value != value) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline float widened(uint16_t half) {
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void mmt_to_bf16(uint16_t *out, const float *in, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = rounded(in[i]);
}

void mmt_from_bf16(float *out, const uint16_t *in, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = widened(in[i]);
}

enum { BLOCK = 512 };

void mmt_sum_bf16_rows(uint16_t *out, const uint16_t *const *rows, int ranks, size_t count) {
  for (size_t start = 0; start < count; start += BLOCK) {
    float block[BLOCK];
    size_t length = count - start < BLOCK ? count - start : BLOCK;
    mmt_from_bf16(block, rows[0] + start, length);
    for (int rank = 1; rank < ranks; ++rank)
      for (size_t i = 0; i < length; ++i) block[i] += widened(rows[rank][start + i]);
    mmt_to_bf16(out + start, block, length);
  }
}
