// JPEG in memory to RGB pixels and back, over libjpeg-turbo's jpeglib interface, and the inner loops of image
// resampling. Everything here is plain C types: setjmp, longjmp and the library's structures stay behind this header.
// Every function is re-entrant and keeps nothing between calls.
#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

// What a function returns. Anything but CJPEG_OK fills the failure's message.
enum {
  CJPEG_OK = 0,
  CJPEG_TRUNCATED = 1,    // the bytes end before the end-of-image marker
  CJPEG_DAMAGED = 2,      // the library gave up, or the coded data is inconsistent
  CJPEG_SCANS = 3,        // more scans than allowed
  CJPEG_UNSUPPORTED = 4,  // a sound file of a kind that cannot become RGB here
  CJPEG_MEMORY = 5,       // the library could not allocate
  CJPEG_SIZE = 6,         // the pixel buffer does not fit the image
};

enum { CJPEG_MESSAGE_SIZE = 256 };

typedef struct {
  int32_t code;
  char message[CJPEG_MESSAGE_SIZE];  // NUL-terminated
} cjpeg_failure;

enum { CJPEG_GREY = 1, CJPEG_RGB = 2, CJPEG_YCC = 3, CJPEG_CMYK = 4, CJPEG_YCCK = 5 };

typedef struct {
  uint32_t width, height;
  int32_t components;
  int32_t color_space;  // CJPEG_GREY …, 0 for any other
  int32_t is_progressive;
} cjpeg_header;

typedef struct {
  int32_t maximum_scans;
  int32_t allow_damage;  // go on after truncated or inconsistent data, as far as the library can
  int32_t eighths;       // 8 = full size; 4, 2, 1 decode at 1/2, 1/4, 1/8 of it by a smaller inverse transform
} cjpeg_options;

// Reads up to the first scan; decodes nothing, allocates only what the library needs for its tables.
int32_t cjpeg_read_header(const uint8_t *bytes, size_t count, cjpeg_header *header, cjpeg_failure *failure);

// The size that cjpeg_decode gives: ceil(side * eighths / 8).
size_t cjpeg_scaled_side(size_t side, int32_t eighths);

// Decodes to width * height * 3 interleaved bytes. `capacity` must be exactly that many. With allow_damage, a result of
// CJPEG_OK and a failure->code other than CJPEG_OK say that the pixels are partly made up.
int32_t cjpeg_decode(
  const uint8_t *bytes, size_t count, const cjpeg_options *options, uint8_t *pixels, size_t capacity,
  cjpeg_failure *failure);

// Encodes interleaved RGB as baseline YCbCr 4:2:0. The result is freed with cjpeg_free.
int32_t cjpeg_encode(
  const uint8_t *pixels, size_t width, size_t height, int32_t quality, uint8_t **encoded, size_t *count,
  cjpeg_failure *failure);

void cjpeg_free(uint8_t *encoded);

// One pass of a separable resampling. Output i is the sum over t < taps of weight(i, t) * input(starts[i] + t), where
// weight = high * 2^15 + low (0 <= low < 2^15) is a fixed-point number with 22 fraction bits: the sum is rounded, shifted
// and clamped to 0 … 255. `taps` is a multiple of 4, unused weights are zero.
typedef struct {
  const int32_t *starts;
  const int16_t *high, *low;  // count * taps
  size_t count, taps;
} cresample_weights;

// Which code runs: the fastest that this processor has, or the plain C that all of them must equal.
enum { CRESAMPLE_AUTOMATIC = 0, CRESAMPLE_PORTABLE = 1 };

// Along rows of interleaved RGB. `source` holds `rows` rows of `width` pixels, `source_stride` bytes apart. Writes
// weights->count pixels a row to `target`; its rows are `target_stride` >= 3 * count + 1 bytes apart.
void cresample_horizontal(
  const uint8_t *source, size_t source_stride, size_t width, size_t rows, const cresample_weights *weights,
  uint8_t *target, size_t target_stride, int32_t kernel);

// Along columns: weights->count output rows of `bytes` bytes each, packed in `target`.
void cresample_vertical(
  const uint8_t *source, size_t source_stride, size_t bytes, const cresample_weights *weights, uint8_t *target,
  int32_t kernel);

// Interleaved RGB to three planes of `count` floats: plane c of pixel i is tables[c * 256 + value].
void cresample_planes(const uint8_t *pixels, size_t count, const float *tables, float *planes);

// In place on `count` interleaved RGB pixels: value + (factor - 1) times its distance from `from`, clamped, truncated;
// the arithmetic is that of Pillow's ImageEnhance. `from` is black or the mean grey; the second form fades each pixel
// from its own grey.
void ccolor_fade(uint8_t *pixels, size_t count, uint8_t from, float factor);
void ccolor_saturate(uint8_t *pixels, size_t count, float factor);
// The sum of the grey values (ITU-R 601-2, 16-bit fixed point).
uint64_t ccolor_grey_sum(const uint8_t *pixels, size_t count);
// Adds `shift` (modulo 256) to the hue in Pillow's 8-bit HSV.
void ccolor_shift_hue(uint8_t *pixels, size_t count, uint8_t shift);

#endif
