// PNG in memory to RGB pixels, over libpng. Everything here is plain C types: setjmp, longjmp and the library's structures
// stay behind this header. Every function is re-entrant and keeps nothing between calls.
#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

// What a function returns. Anything but CPNG_OK fills the failure's message.
enum {
  CPNG_OK = 0,
  CPNG_TRUNCATED = 1,  // the bytes end before the end chunk
  CPNG_DAMAGED = 2,    // the library gave up: structure, checksums or packed data contradict themselves
  CPNG_MEMORY = 3,     // the library could not allocate
  CPNG_SIZE = 4,       // the pixel buffer does not fit the image
};

enum { CPNG_MESSAGE_SIZE = 256 };

typedef struct {
  int32_t code;
  char message[CPNG_MESSAGE_SIZE];  // NUL-terminated
} cpng_failure;

typedef struct {
  uint32_t width, height;
  int32_t bits_per_pixel;  // as stored, all channels together: 1 … 64
} cpng_header;

// Reads up to the first chunk of pixels; unpacks nothing, allocates only what the library needs for itself. With
// allow_damage, checksums may be wrong.
int32_t cpng_read_header(
  const uint8_t *bytes, size_t count, int32_t allow_damage, cpng_header *header, cpng_failure *failure);

// Decodes to width * height * 3 interleaved bytes: samples of 16 bits lose their low byte, those of fewer than 8 are
// scaled, palettes are looked up, transparency is dropped, no gamma is applied. Of an animation, the picture that readers
// see who know of none. `capacity` must be exactly that many.
//
// With allow_damage, checksums may be wrong and bytes missing; a result of CPNG_OK and a failure->code other than CPNG_OK
// say that the pixels are partly those that were in the buffer before.
int32_t cpng_decode(
  const uint8_t *bytes, size_t count, int32_t allow_damage, uint8_t *pixels, size_t capacity, cpng_failure *failure);

#endif
