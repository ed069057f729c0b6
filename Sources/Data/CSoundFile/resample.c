// Windowed-sinc resampling: for each output one product of as many weights as its filter has that are not zero.
#include <string.h>

#include "csoundfile.h"

// No fused multiply-add, and sums in an order of their own: the same bits on every processor.
#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

typedef float lanes __attribute__((vector_size(32)));

DISPATCHED void csoundfile_resample(
  const float *input, const csoundfile_filters *filters, float *output, size_t count) {
  size_t phases = filters->phases, taps = filters->taps, phase = 0;
  for (size_t i = 0; i < count; i++) {
    const float *weights = filters->weights + phase * taps, *from = input + filters->starts[phase];
    lanes sums = {0};
    for (size_t t = 0; t < taps; t += 8) {
      lanes w, x;
      memcpy(&w, weights + t, sizeof w);
      memcpy(&x, from + t, sizeof x);
      sums += w * x;
    }
    output[i] = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    if (++phase == phases) {
      phase = 0;
      input += filters->step;
    }
  }
}
