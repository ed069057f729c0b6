#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "cpng.h"

// What one call works on. It lives in the frame of the public function, the setjmp in the frame of `guarded`, so that an
// escape leaves every field as it was written last.
typedef struct {
  png_structp png;
  png_infop info;
  jmp_buf escape;
  const uint8_t *rest;  // what has not been read yet
  size_t count;
  cpng_failure *failure;
  int32_t lacks_memory, allow_damage, has_rows;
  cpng_header *header;  // where the header alone is wanted
  uint8_t *pixels;
  size_t capacity;
} job;

static void note(job *job, int32_t code, const char *message) {
  job->failure->code = code;
  strncpy(job->failure->message, message, CPNG_MESSAGE_SIZE - 1);
  job->failure->message[CPNG_MESSAGE_SIZE - 1] = 0;
}

static _Noreturn void give_up(job *job, int32_t code, const char *message) {
  note(job, code, message);
  longjmp(job->escape, 1);
}

static _Noreturn void on_error(png_structp png, png_const_charp message) {
  job *job = png_get_error_ptr(png);
  give_up(job, job->lacks_memory ? CPNG_MEMORY : CPNG_DAMAGED, message);
}

// Of the warnings only those of checksums say that pixels may be wrong; they come where damage is allowed.
static void on_warning(png_structp png, png_const_charp message) {
  job *job = png_get_error_ptr(png);
  if (job->failure->code == CPNG_OK && strstr(message, "CRC error")) note(job, CPNG_DAMAGED, message);
}

static png_voidp allocate(png_structp png, png_alloc_size_t size) {
  job *job = png_get_mem_ptr(png);
  void *block = malloc(size);
  if (!block) job->lacks_memory = 1;
  return block;
}

static void release(png_structp png, png_voidp block) {
  (void)png;
  free(block);
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  job *job = png_get_io_ptr(png);
  if (count > job->count) give_up(job, CPNG_TRUNCATED, "the bytes end before the end chunk");
  memcpy(target, job->rest, count);
  job->rest += count;
  job->count -= count;
}

// No pixel depends on the optional chunks: they are passed over unread, so that none is unpacked (text that packs well is
// a bomb of its own) and damage in them costs nothing. Sizes are for the caller to judge by the header.
static void open_memory(job *job) {
  job->info = png_create_info_struct(job->png);
  if (!job->info) give_up(job, CPNG_MEMORY, "no memory");
  png_set_read_fn(job->png, job, read_bytes);
  png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_crc_action(job->png, job->allow_damage ? PNG_CRC_WARN_USE : PNG_CRC_ERROR_QUIT, PNG_CRC_QUIET_USE);
  png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(job->png, 0);  // the limit would count for what is passed over, too
  if (job->allow_damage) {
    png_set_compression_buffer_size(job->png, 1);  // byte by byte, so that all counts that stands before the end
    png_set_option(job->png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);  // it would cost the last row; chunks have checksums, too
  }
  png_read_info(job->png, job->info);
}

static void read_header(job *job) {
  job->header->width = png_get_image_width(job->png, job->info);
  job->header->height = png_get_image_height(job->png, job->info);
  job->header->bits_per_pixel = png_get_channels(job->png, job->info) * png_get_bit_depth(job->png, job->info);
}

static void decode_pixels(job *job) {
  png_structp png = job->png;
  png_set_strip_16(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_palette_to_rgb(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, job->info);
  size_t stride = png_get_rowbytes(png, job->info);
  size_t width = png_get_image_width(png, job->info), height = png_get_image_height(png, job->info);
  if (stride != width * 3 || stride * height != job->capacity) {
    give_up(job, CPNG_SIZE, "the pixel buffer does not fit the image");
  }
  for (int pass = 0; pass < passes; pass++) {
    for (size_t y = 0; y < height; y++) {
      // As rows for display: after each pass a coarse picture stands there whole.
      png_read_row(png, NULL, job->pixels + y * stride);
      job->has_rows = 1;
    }
  }
  png_read_end(png, NULL);
}

static int32_t guarded(job *job) {
  if (setjmp(job->escape) == 0) {
    job->png = png_create_read_struct_2(
      PNG_LIBPNG_VER_STRING, job, on_error, on_warning, job, allocate, release);
    if (!job->png) give_up(job, CPNG_MEMORY, "no memory");
    open_memory(job);
    if (job->header) {
      read_header(job);
    } else {
      decode_pixels(job);
    }
    png_destroy_read_struct(&job->png, &job->info, NULL);
    return CPNG_OK;
  }
  png_destroy_read_struct(&job->png, &job->info, NULL);
  int32_t code = job->failure->code;
  return job->allow_damage && job->has_rows && code != CPNG_MEMORY ? CPNG_OK : code;
}

int32_t cpng_read_header(
  const uint8_t *bytes, size_t count, int32_t allow_damage, cpng_header *header, cpng_failure *failure) {
  job job = {.rest = bytes, .count = count, .failure = failure, .allow_damage = allow_damage, .header = header};
  note(&job, CPNG_OK, "");
  return guarded(&job);
}

int32_t cpng_decode(
  const uint8_t *bytes, size_t count, int32_t allow_damage, uint8_t *pixels, size_t capacity, cpng_failure *failure) {
  job job = {
    .rest = bytes, .count = count, .failure = failure, .allow_damage = allow_damage, .pixels = pixels, .capacity = capacity};
  note(&job, CPNG_OK, "");
  return guarded(&job);
}
