// The inner loops of image resampling: exact integer arithmetic, so that the fast code equals the plain one.
//
// A weight has 22 fraction bits, too many for a 16-bit multiplier. Split as high * 2^15 + low, both parts fit, and one
// multiply-add instruction takes two taps of a part: sum(p * weight) = (sum(p * high) << 15) + sum(p * low). Sums wrap
// modulo 2^32, which is harmless because the total fits (|sum of weights| < 2^23, p < 2^8).
#include "cjpeg.h"

#include <string.h>

enum { FRACTION_BITS = 22, PART_BITS = 15, ROUNDING = 1 << (FRACTION_BITS - 1) };

static uint8_t round_and_clamp(uint32_t sum) {
  int32_t value = (int32_t)(sum + ROUNDING) >> FRACTION_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static uint32_t weight_at(const cresample_weights *weights, size_t i) {
  return ((uint32_t)weights->high[i] << PART_BITS) + (uint32_t)weights->low[i];
}

static void horizontal_row_portable(
  const uint8_t *source, size_t width, const cresample_weights *weights, uint8_t *target) {
  for (size_t i = 0; i < weights->count; i++) {
    size_t start = (size_t)weights->starts[i];
    size_t taps = width - start < weights->taps ? width - start : weights->taps;
    uint32_t red = 0, green = 0, blue = 0;
    const uint8_t *pixel = source + start * 3;
    for (size_t t = 0; t < taps; t++, pixel += 3) {
      uint32_t weight = weight_at(weights, i * weights->taps + t);
      red += pixel[0] * weight;
      green += pixel[1] * weight;
      blue += pixel[2] * weight;
    }
    target[i * 3] = round_and_clamp(red);
    target[i * 3 + 1] = round_and_clamp(green);
    target[i * 3 + 2] = round_and_clamp(blue);
  }
}

// Bytes `from` up to `bytes` of output row `i`. Weights of zero are skipped: their rows need not exist.
static void vertical_row_portable(
  const uint8_t *source, size_t source_stride, size_t from, size_t bytes, const cresample_weights *weights, size_t i,
  uint8_t *target) {
  enum { BLOCK = 256 };
  for (size_t x = from; x < bytes; x += BLOCK) {
    uint32_t sums[BLOCK] = {0};
    size_t count = bytes - x < BLOCK ? bytes - x : BLOCK;
    for (size_t t = 0; t < weights->taps; t++) {
      uint32_t weight = weight_at(weights, i * weights->taps + t);
      if (weight == 0) continue;
      const uint8_t *row = source + ((size_t)weights->starts[i] + t) * source_stride + x;
      for (size_t k = 0; k < count; k++) sums[k] += row[k] * weight;
    }
    for (size_t k = 0; k < count; k++) target[x + k] = round_and_clamp(sums[k]);
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { ROWS = 4 };

// Four output pixels, one of each of four rows: lanes of `sums` hold red, green, blue and nothing of two halves of the
// taps. Stores four bytes a row, the fourth being scratch.
AVX2 static inline void store_pixels(const __m256i high[ROWS], const __m256i low[ROWS], uint8_t *const target[ROWS]) {
  __m128i values[ROWS];
  for (int r = 0; r < ROWS; r++) {
    __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high[r], PART_BITS), low[r]);
    __m128i both = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    values[r] = _mm_srai_epi32(_mm_add_epi32(both, _mm_set1_epi32(ROUNDING)), FRACTION_BITS);
  }
  __m128i bytes = _mm_packus_epi16(_mm_packs_epi32(values[0], values[1]), _mm_packs_epi32(values[2], values[3]));
  uint32_t pixels[ROWS];
  _mm_storeu_si128((__m128i *)pixels, bytes);
  for (int r = 0; r < ROWS; r++) memcpy(target[r], &pixels[r], 4);
}

// Four rows. Four taps a step: 16 bytes hold four pixels and a bit; the low half of the register takes pixels 0 and 1,
// the high half 2 and 3, each as (red, red), (green, green), (blue, blue) pairs of 16 bits for the multiply-add.
AVX2 static void horizontal_rows_avx2(
  const uint8_t *const source[ROWS], const cresample_weights *weights, uint8_t *const target[ROWS]) {
  const __m256i pairs = _mm256_setr_epi8(
    0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
    6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m256i spread = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
  for (size_t i = 0; i < weights->count; i++) {
    size_t offset = (size_t)weights->starts[i] * 3;
    __m256i high[ROWS], low[ROWS];
    for (int r = 0; r < ROWS; r++) high[r] = low[r] = _mm256_setzero_si256();
    for (size_t t = 0; t < weights->taps; t += 4, offset += 12) {
      size_t w = i * weights->taps + t;
      __m128i high4 = _mm_loadl_epi64((const __m128i *)(weights->high + w));
      __m128i low4 = _mm_loadl_epi64((const __m128i *)(weights->low + w));
      __m256i high_weights = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(high4), spread);
      __m256i low_weights = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(low4), spread);
      for (int r = 0; r < ROWS; r++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(source[r] + offset));
        __m256i pixels = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), pairs);
        high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(pixels, high_weights));
        low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(pixels, low_weights));
      }
    }
    uint8_t *const places[ROWS] = {target[0] + i * 3, target[1] + i * 3, target[2] + i * 3, target[3] + i * 3};
    store_pixels(high, low, places);
  }
}

// Rows in fours; the last group overlaps the one before it. The very last row is left to the portable code: a step
// there may read a few bytes past the end of the picture.
AVX2 static size_t horizontal_avx2(
  const uint8_t *source, size_t source_stride, size_t rows, const cresample_weights *weights, uint8_t *target,
  size_t target_stride) {
  if (rows < ROWS + 1) return 0;
  size_t done = rows - 1;
  for (size_t y = 0; y < done; y += ROWS) {
    size_t first = y + ROWS <= done ? y : done - ROWS;
    const uint8_t *from[ROWS];
    uint8_t *to[ROWS];
    for (size_t r = 0; r < ROWS; r++) {
      from[r] = source + (first + r) * source_stride;
      to[r] = target + (first + r) * target_stride;
    }
    horizontal_rows_avx2(from, weights, to);
  }
  return done;
}

AVX2 static inline void add_pair(__m256i pixels, __m256i high_pair, __m256i low_pair, __m256i *high, __m256i *low) {
  *high = _mm256_add_epi32(*high, _mm256_madd_epi16(pixels, high_pair));
  *low = _mm256_add_epi32(*low, _mm256_madd_epi16(pixels, low_pair));
}

AVX2 static inline __m256i finish(__m256i high, __m256i low) {
  __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, PART_BITS), low);
  return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(ROUNDING)), FRACTION_BITS);
}

// 32 bytes of an output row. Two rows a step, their bytes interleaved into the pairs of the multiply-add; unpacking and
// packing both work within 128-bit halves, so the order comes out right.
AVX2 static void vertical_block_avx2(
  const uint8_t *source, size_t source_stride, const int16_t *high_weights, const int16_t *low_weights, size_t taps,
  uint8_t *target) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i high[4] = {zero, zero, zero, zero}, low[4] = {zero, zero, zero, zero};
  for (size_t t = 0; t < taps; t += 2, source += 2 * source_stride) {
    int32_t high2, low2;
    memcpy(&high2, high_weights + t, 4);
    memcpy(&low2, low_weights + t, 4);
    if ((high2 | low2) == 0) continue;
    // A lone last row stands for its missing neighbour, whose weight is zero.
    size_t next = high_weights[t + 1] == 0 && low_weights[t + 1] == 0 ? 0 : source_stride;
    __m256i a = _mm256_loadu_si256((const __m256i *)source);
    __m256i b = _mm256_loadu_si256((const __m256i *)(source + next));
    __m256i left = _mm256_unpacklo_epi8(a, b), right = _mm256_unpackhi_epi8(a, b);
    __m256i high_pair = _mm256_set1_epi32(high2), low_pair = _mm256_set1_epi32(low2);
    add_pair(_mm256_unpacklo_epi8(left, zero), high_pair, low_pair, &high[0], &low[0]);
    add_pair(_mm256_unpackhi_epi8(left, zero), high_pair, low_pair, &high[1], &low[1]);
    add_pair(_mm256_unpacklo_epi8(right, zero), high_pair, low_pair, &high[2], &low[2]);
    add_pair(_mm256_unpackhi_epi8(right, zero), high_pair, low_pair, &high[3], &low[3]);
  }
  __m256i left = _mm256_packs_epi32(finish(high[0], low[0]), finish(high[1], low[1]));
  __m256i right = _mm256_packs_epi32(finish(high[2], low[2]), finish(high[3], low[3]));
  _mm256_storeu_si256((__m256i *)target, _mm256_packus_epi16(left, right));
}

// Returns how many bytes of the row are done.
AVX2 static size_t vertical_row_avx2(
  const uint8_t *source, size_t source_stride, size_t bytes, const cresample_weights *weights, size_t i,
  uint8_t *target) {
  const uint8_t *first = source + (size_t)weights->starts[i] * source_stride;
  const int16_t *high = weights->high + i * weights->taps, *low = weights->low + i * weights->taps;
  size_t x = 0;
  for (; x + 32 <= bytes; x += 32) {
    vertical_block_avx2(first + x, source_stride, high, low, weights->taps, target + x);
  }
  return x;
}

static int has_avx2(int32_t kernel) { return kernel == CRESAMPLE_AUTOMATIC && __builtin_cpu_supports("avx2"); }
#endif

void cresample_horizontal(
  const uint8_t *source, size_t source_stride, size_t width, size_t rows, const cresample_weights *weights,
  uint8_t *target, size_t target_stride, int32_t kernel) {
  size_t done = 0;
#if defined(__x86_64__)
  // Every step of four taps must lie in the row: the caller moves the windows so, unless the row is too short for it.
  if (width >= weights->taps && has_avx2(kernel)) {
    done = horizontal_avx2(source, source_stride, rows, weights, target, target_stride);
  }
#endif
  for (size_t y = done; y < rows; y++) {
    horizontal_row_portable(source + y * source_stride, width, weights, target + y * target_stride);
  }
}

void cresample_vertical(
  const uint8_t *source, size_t source_stride, size_t bytes, const cresample_weights *weights, uint8_t *target,
  int32_t kernel) {
#if defined(__x86_64__)
  int fast = has_avx2(kernel);
#endif
  for (size_t i = 0; i < weights->count; i++) {
    size_t done = 0;
#if defined(__x86_64__)
    if (fast) done = vertical_row_avx2(source, source_stride, bytes, weights, i, target + i * bytes);
#endif
    vertical_row_portable(source, source_stride, done, bytes, weights, i, target + i * bytes);
  }
}

void cresample_planes(const uint8_t *pixels, size_t count, const float *tables, float *planes) {
  for (size_t i = 0; i < count; i++, pixels += 3) {
    planes[i] = tables[pixels[0]];
    planes[count + i] = tables[256 + pixels[1]];
    planes[2 * count + i] = tables[512 + pixels[2]];
  }
}
