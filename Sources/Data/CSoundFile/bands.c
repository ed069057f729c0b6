// Spectrograms in bands. Eight frames are transformed side by side, one in each lane, so that every operation of the plain
// radix-2 algorithm is one of vectors and no number is moved between lanes.
//
// Goals, in this order: the same bits on every processor; error far below what the logarithm of a quiet band beside a loud one
// shows, for which fp32 is not enough (off by 4e-3 where fp64 is by 1e-6, on 440 clips); speed.
#include <math.h>
#include <string.h>

#include "csoundfile.h"

#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

enum { LANES = 8 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

// The real numbers of a frame taken as size / 2 complex ones, transformed; then its size / 2 + 1 powers.
size_t csoundfile_work(const csoundfile_spectrogram *s) { return (s->size + s->size / 2 + 1 + s->window + 2) * LANES; }

static size_t reversed(size_t i, size_t count) {
  size_t result = 0;
  for (size_t bit = 1; bit < count; bit <<= 1, i >>= 1) result = result << 1 | (i & 1);
  return result;
}

// Up to 8 frames, shaped: row k of `frame` holds sample k of each; lanes beyond `count` hold silence.
DISPATCHED static void shape(
  const csoundfile_spectrogram *s, const float *samples, size_t count, lanes *restrict frame) {
  size_t window = s->window;
  if (count < LANES) memset(frame, 0, window * sizeof(lanes));
  double *numbers = (double *)frame;
  for (size_t lane = 0; lane < count; lane++) {
    const float *from = samples + lane * s->hop;
    for (size_t k = 0; k < window; k++) numbers[k * LANES + lane] = from[k];
  }
  if (s->removes_mean) {
    lanes sum = {0};
    for (size_t k = 0; k < window; k++) sum += frame[k];
    lanes mean = sum / (double)window;
    for (size_t k = 0; k < window; k++) frame[k] -= mean;
  }
  for (size_t k = window; k-- > 0;) {
    lanes before = frame[k > 0 ? k - 1 : 0];
    frame[k] = (frame[k] - before * s->emphasis) * s->shape[k];
  }
}

// Decimation in time, over numbers that lie in the order of their reversed bits: real and imaginary parts in turn.
DISPATCHED static void transform(const csoundfile_spectrogram *s, lanes *restrict data) {
  size_t count = s->size / 2;
  for (size_t half = 1; half < count; half *= 2) {
    size_t stride = s->size / (2 * half);  // of the angle
    for (size_t first = 0; first < count; first += 2 * half) {
      lanes *a = data + 2 * first, *b = a + 2 * half;
      for (size_t k = 0; k < half; k++, a += 2, b += 2) {
        double c = s->cosines[k * stride], d = -s->sines[k * stride];
        lanes real = b[0] * c - b[1] * d, imaginary = b[0] * d + b[1] * c;
        b[0] = a[0] - real;
        b[1] = a[1] - imaginary;
        a[0] += real;
        a[1] += imaginary;
      }
    }
  }
}

// The spectrum of the real numbers from that of the complex ones they were taken as.
DISPATCHED static void powers(const csoundfile_spectrogram *s, const lanes *restrict data, lanes *restrict power) {
  size_t count = s->size / 2;
  for (size_t k = 0; k <= count; k++) {
    const lanes *a = data + 2 * (k % count), *b = data + 2 * ((count - k) % count);
    lanes even = (a[0] + b[0]) * 0.5, even_i = (a[1] - b[1]) * 0.5;
    lanes odd = (a[1] + b[1]) * 0.5, odd_i = (b[0] - a[0]) * 0.5;
    double c = k < count ? s->cosines[k] : -1, d = k < count ? -s->sines[k] : 0;
    lanes real = even + (odd * c - odd_i * d), imaginary = even_i + (odd * d + odd_i * c);
    power[k] = real * real + imaginary * imaginary;
  }
}

DISPATCHED static void write_rows(
  const csoundfile_spectrogram *s, const lanes *restrict power, size_t count, float *restrict rows) {
  const double *weights = s->weights;
  for (size_t band = 0; band < s->bands; weights += s->lengths[band], band++) {
    lanes sum = {0};
    const lanes *from = power + s->firsts[band];
    for (int32_t k = 0; k < s->lengths[band]; k++) sum += from[k] * weights[k];
    for (size_t lane = 0; lane < count; lane++) {
      double value = sum[lane] > s->floor ? sum[lane] : s->floor;
      rows[lane * s->bands + band] = (float)((double)logf((float)value) * s->factor + s->offset);
    }
  }
}

void csoundfile_bands(
  const csoundfile_spectrogram *s, const float *samples, size_t frames, float *rows, double *work) {
  size_t half = s->size / 2;
  lanes *data = (lanes *)work, *power = data + s->size, *frame = power + half + 1;
  for (size_t first = 0; first < frames; first += LANES) {
    size_t count = frames - first < LANES ? frames - first : LANES;
    shape(s, samples + first * s->hop, count, frame);
    const lanes silence = {0};
    for (size_t k = 0; k < half; k++) {
      lanes *to = data + 2 * reversed(k, half);
      to[0] = 2 * k < s->window ? frame[2 * k] : silence;
      to[1] = 2 * k + 1 < s->window ? frame[2 * k + 1] : silence;
    }
    transform(s, data);
    powers(s, data, power);
    write_rows(s, power, count, rows + first * s->bands);
  }
}
