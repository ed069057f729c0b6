// Random sizes and memory for the drivers beside this file: blocks that end exactly where their last element does, so that
// the address sanitizer sees a read or a write behind it.
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Not every driver uses all of it.
#pragma clang diagnostic ignored "-Wunused-function"

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static uint64_t random_bits(void) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return random_state >> 24;
}

/// From 0 to bound - 1.
static size_t below(size_t bound) { return bound == 0 ? 0 : (size_t)(random_bits() % bound); }

/// Lengths around the 16 lanes of a vector, and now and then a longer one.
static size_t length(void) {
  static const size_t edges[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100, 127, 128, 129};
  return below(8) ? edges[below(sizeof edges / sizeof *edges)] : 1 + below(700);
}

/// Blocks of one round, freed together.
static void *blocks[256];
static size_t block_count;

static void *block(size_t bytes, size_t alignment) {
  void *made = NULL;
  if (block_count == sizeof blocks / sizeof *blocks || posix_memalign(&made, alignment, bytes ? bytes : 1) != 0) abort();
  return blocks[block_count++] = made;
}

static void free_blocks(void) {
  while (block_count > 0) free(blocks[--block_count]);
}

static float *floats(size_t count) {
  float *made = block(count * sizeof *made, sizeof(void *));
  for (size_t i = 0; i < count; i++) made[i] = (float)((int)below(4001) - 2000) / 1000.0f;
  return made;
}

/// Where kernels ask for it.
static float *aligned_floats(size_t count) {
  float *made = block(count * sizeof *made, 64);
  memset(made, 0, count * sizeof *made);
  return made;
}

static double *doubles(size_t count) {
  double *made = block(count * sizeof *made, sizeof(void *));
  memset(made, 0, count * sizeof *made);
  return made;
}

/// Bits of bfloat16 numbers between -2 and 2.
static uint16_t *halves(size_t count) {
  uint16_t *made = block(count * sizeof *made, sizeof(void *));
  for (size_t i = 0; i < count; i++) {
    const float value = (float)((int)below(4001) - 2000) / 1000.0f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    made[i] = (uint16_t)(bits >> 16);
  }
  return made;
}

static uint8_t *noise(size_t count) {
  uint8_t *made = block(count, sizeof(void *));
  for (size_t i = 0; i < count; i++) made[i] = (uint8_t)random_bits();
  return made;
}

#endif
