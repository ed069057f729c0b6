// One WebP picture in memory to RGB pixels, over libwebp. Everything here is plain C types: the library's structures stay
// behind this header. Every function is re-entrant and keeps nothing between calls.
#ifndef CWEBP_H
#define CWEBP_H

#include <stddef.h>
#include <stdint.h>

// What a function returns; the library has no words of its own.
enum {
  CWEBP_OK = 0,
  CWEBP_TRUNCATED = 1,    // the bytes end early
  CWEBP_DAMAGED = 2,      // the coded data is inconsistent
  CWEBP_UNSUPPORTED = 3,  // a sound file of a kind that the library does not know
  CWEBP_MEMORY = 4,       // the library could not allocate
  CWEBP_SIZE = 5,         // the rectangle does not fit the picture
};

typedef struct {
  uint32_t width, height;
  int32_t is_animated, is_lossless;
} cwebp_header;

// `bytes` is a whole file, or what an animation's frame holds. Decodes and allocates nothing.
int32_t cwebp_read_header(const uint8_t *bytes, size_t count, cwebp_header *header);

// A rectangle of interleaved RGB whose rows are `stride` bytes apart; `capacity` bytes from `pixels` on may be written.
typedef struct {
  uint8_t *pixels;
  size_t stride, capacity;
  uint32_t width, height;
} cwebp_rectangle;

// Decodes a picture that is not animated into a rectangle of its own size; transparency is dropped.
//
// With allow_damage, the rows of a truncated or damaged picture that were decoded stand in the rectangle, the others are
// as they were, `rows` says how many they are, and the result what was wrong.
int32_t cwebp_decode(
  const uint8_t *bytes, size_t count, int32_t allow_damage, const cwebp_rectangle *target, size_t *rows);

#endif
