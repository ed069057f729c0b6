// JPEG there and back, whole, cut and damaged; resampling and colours; on memory that ends where the arguments do.
#include "cjpeg.h"
#include "random.h"

static void decode(const uint8_t *bytes, size_t count) {
  // A copy of its own, so that the sanitizer knows where the bytes end.
  uint8_t *copy = block(count, sizeof(void *));
  memcpy(copy, bytes, count);
  cjpeg_failure failure = {0};
  cjpeg_header header = {0};
  if (cjpeg_read_header(copy, count, &header, &failure) != CJPEG_OK) return;
  if ((size_t)header.width * header.height > 1 << 16) return;
  static const int32_t scales[] = {8, 4, 2, 1};
  const cjpeg_options options = {.maximum_scans = 20, .allow_damage = (int32_t)below(2), .eighths = scales[below(4)]};
  const size_t width = cjpeg_scaled_side(header.width, options.eighths);
  const size_t height = cjpeg_scaled_side(header.height, options.eighths);
  uint8_t *pixels = noise(width * height * 3);
  cjpeg_decode(copy, count, &options, pixels, width * height * 3, &failure);
  cjpeg_decode(copy, count, &options, pixels, width * height * 3 - 1, &failure);
}

static void there_and_back(void) {
  const size_t width = 1 + below(60), height = 1 + below(60);
  uint8_t *encoded = NULL;
  size_t count = 0;
  cjpeg_failure failure = {0};
  if (cjpeg_encode(noise(width * height * 3), width, height, 1 + (int32_t)below(100), &encoded, &count, &failure)) abort();
  decode(encoded, count);
  decode(encoded, below(count));
  for (size_t change = 1 + below(8); change > 0; change--) encoded[2 + below(count - 2)] = (uint8_t)random_bits();
  decode(encoded, count);
  cjpeg_free(encoded);
}

static void resample(void) {
  const size_t source = 1 + below(40), count = 1 + below(40), rows = 1 + below(6);
  size_t taps = 4 * (1 + below(3));
  int32_t *starts = block(count * sizeof *starts, sizeof(void *));
  int16_t *high = block(count * taps * sizeof *high, sizeof(void *));
  int16_t *low = block(count * taps * sizeof *low, sizeof(void *));
  for (size_t i = 0; i < count; i++) {
    const size_t used = 1 + below(taps < source ? taps : source);
    starts[i] = (int32_t)below(source - used + 1);
    for (size_t tap = 0; tap < taps; tap++) {
      high[i * taps + tap] = tap < used ? (int16_t)below(128) : 0;
      low[i * taps + tap] = tap < used ? (int16_t)below(32768) : 0;
    }
  }
  const cresample_weights weights = {.starts = starts, .high = high, .low = low, .count = count, .taps = taps};
  const int32_t kernel = below(2) ? CRESAMPLE_PORTABLE : CRESAMPLE_AUTOMATIC;
  const size_t stride = source * 3 + below(5), target = count * 3 + 1 + below(5);
  cresample_horizontal(noise((rows - 1) * stride + source * 3), stride, source, rows, &weights, noise(rows * target), target,
                       kernel);
  const size_t bytes = 1 + below(100), column_stride = bytes + below(5);
  cresample_vertical(noise((source - 1) * column_stride + bytes), column_stride, bytes, &weights, noise(count * bytes),
                     kernel);
}

static void colour(void) {
  const size_t count = 1 + below(200);
  uint8_t *pixels = noise(count * 3);
  ccolor_fade(pixels, count, (uint8_t)random_bits(), (float)below(300) / 100);
  ccolor_saturate(pixels, count, (float)below(300) / 100);
  ccolor_shift_hue(pixels, count, (uint8_t)ccolor_grey_sum(pixels, count));
  cresample_planes(pixels, count, floats(3 * 256), floats(3 * count));
}

int main(int argc, char **argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 2000;
  for (int round = 0; round < rounds; round++) {
    there_and_back();
    resample();
    colour();
    free_blocks();
  }
  printf("pictures: %d rounds\n", rounds);
}
