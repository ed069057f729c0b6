// Sound files, named as arguments, whole, cut and damaged, then resampled and transformed; on memory that ends where the bytes and
// samples do.
#include <math.h>

#include "csoundfile.h"
#include "random.h"

enum { MOST_FRAMES = 1 << 14 };

static size_t decode(const uint8_t *bytes, size_t count, float *mono) {
  uint8_t *copy = block(count, sizeof(void *));
  memcpy(copy, bytes, count);
  char message[CSOUNDFILE_MESSAGE_SIZE];
  csoundfile_header header = {0};
  csoundfile *file = csoundfile_open(copy, count, &header, message);
  if (!file) return 0;
  int64_t frames = header.channels > 0 && header.channels <= 64 ? csoundfile_read(file, mono, MOST_FRAMES, message) : 0;
  csoundfile_close(file);
  return frames > 0 ? (size_t)frames : 0;
}

static void resample(const float *samples, size_t count) {
  enum { PHASES = 3, TAPS = 16, STEP = 2 };
  if (count < 64) return;
  float weights[PHASES * TAPS];
  for (size_t i = 0; i < PHASES * TAPS; i++) weights[i] = (float)i;
  const int32_t starts[PHASES] = {0, 1, 2};
  csoundfile_filters filters = {.weights = weights, .starts = starts, .phases = PHASES, .taps = TAPS, .step = STEP};
  size_t outputs = ((count - TAPS - 2) / STEP + 1) * PHASES;
  float *output = (float *)noise(outputs * sizeof(float));
  csoundfile_resample(samples, &filters, output, outputs);
}

static void transform(const float *samples, size_t count) {
  enum { WINDOW = 40, SIZE = 64, BANDS = 3, HOP = 10 };
  if (count < WINDOW) return;
  double shape[WINDOW], cosines[SIZE / 2], sines[SIZE / 2], weights[33 + 1];
  for (int i = 0; i < WINDOW; i++) shape[i] = 1;
  for (int i = 0; i < SIZE / 2; i++) cosines[i] = cos(2 * M_PI * i / SIZE), sines[i] = sin(2 * M_PI * i / SIZE);
  for (int i = 0; i < 34; i++) weights[i] = 1;
  const int32_t firsts[BANDS] = {0, 32, 5}, lengths[BANDS] = {33, 1, 0};
  csoundfile_spectrogram spectrogram = {
    .window = WINDOW, .hop = HOP, .size = SIZE, .shape = shape, .cosines = cosines, .sines = sines, .emphasis = 0.97,
    .removes_mean = (int32_t)below(2), .bands = BANDS, .firsts = firsts, .lengths = lengths, .weights = weights,
    .floor = 1e-7, .factor = 1};
  size_t frames = 1 + (count - WINDOW) / HOP;
  float *rows = (float *)noise(frames * BANDS * sizeof(float));
  double *work = block(csoundfile_work(&spectrogram) * sizeof(double), 64);
  csoundfile_bands(&spectrogram, samples, frames, rows, work);
}

static void use(const uint8_t *bytes, size_t count) {
  float *mono = (float *)noise(MOST_FRAMES * sizeof(float));
  size_t frames = decode(bytes, count, mono);
  float *samples = (float *)noise(frames * sizeof(float));
  memcpy(samples, mono, frames * sizeof(float));
  resample(samples, frames);
  transform(samples, frames);
}

static uint8_t *contents(const char *path, size_t *count) {
  FILE *file = fopen(path, "rb");
  if (!file) abort();
  uint8_t *bytes = malloc(1 << 20);
  *count = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  const int rounds = 100;
  for (int i = 1; i < argc; i++) {
    size_t count = 0;
    uint8_t *bytes = contents(argv[i], &count);
    use(bytes, count);
    for (int round = 0; round < rounds; round++) {
      uint8_t *changed = block(count, sizeof(void *));
      memcpy(changed, bytes, count);
      for (size_t change = below(6); change > 0; change--) changed[4 + below(count - 4)] = (uint8_t)random_bits();
      use(changed, below(2) ? count : below(count));
      free_blocks();
    }
    free(bytes);
  }
  printf("sounds: %d files, %d rounds\n", argc - 1, rounds);
}
