#include <stdlib.h>

#include "error.h"

#include <jerror.h>

// A destination in memory that doubles as it fills. The library's own loses its buffer when it fails half-way.
typedef struct {
  struct jpeg_destination_mgr base;  // first: the library hands back a pointer to it
  uint8_t *bytes;
  size_t capacity;
} memory_destination;

static void destination_nothing(j_compress_ptr state) { (void)state; }

static boolean destination_is_full(j_compress_ptr state) {
  memory_destination *destination = (memory_destination *)state->dest;
  uint8_t *grown = realloc(destination->bytes, destination->capacity * 2);
  if (!grown) ERREXIT1(state, JERR_OUT_OF_MEMORY, 0);
  destination->bytes = grown;
  destination->base.next_output_byte = grown + destination->capacity;
  destination->base.free_in_buffer = destination->capacity;
  destination->capacity *= 2;
  return TRUE;
}

typedef struct {
  struct jpeg_compress_struct state;
  memory_destination destination;
  cjpeg_errors errors;
  const uint8_t *pixels;
  size_t width, height;
  int32_t quality;
} job;

static void open_destination(job *job) {
  memory_destination *destination = &job->destination;
  destination->base.init_destination = destination_nothing;
  destination->base.empty_output_buffer = destination_is_full;
  destination->base.term_destination = destination_nothing;
  destination->capacity = 1 << 14;
  destination->bytes = malloc(destination->capacity);
  if (!destination->bytes) ERREXIT1(&job->state, JERR_OUT_OF_MEMORY, 0);
  destination->base.next_output_byte = destination->bytes;
  destination->base.free_in_buffer = destination->capacity;
  job->state.dest = &destination->base;
}

static void encode(job *job) {
  struct jpeg_compress_struct *state = &job->state;
  jpeg_create_compress(state);
  open_destination(job);
  state->image_width = (JDIMENSION)job->width;
  state->image_height = (JDIMENSION)job->height;
  state->input_components = 3;
  state->in_color_space = JCS_EXT_RGB;
  jpeg_set_defaults(state);
  jpeg_set_quality(state, job->quality, TRUE);
  jpeg_start_compress(state, TRUE);
  while (state->next_scanline < state->image_height) {
    JSAMPROW row = (JSAMPROW)job->pixels + state->next_scanline * job->width * 3;
    jpeg_write_scanlines(state, &row, 1);
  }
  jpeg_finish_compress(state);
}

// The setjmp has a frame of its own, so that an escape leaves every field of the job as it was written last.
static int32_t guarded(job *job) {
  if (setjmp(job->errors.escape) == 0) {
    encode(job);
    jpeg_destroy_compress(&job->state);
    return CJPEG_OK;
  }
  jpeg_destroy_compress(&job->state);
  free(job->destination.bytes);
  return job->errors.failure->code;
}

int32_t cjpeg_encode(
  const uint8_t *pixels, size_t width, size_t height, int32_t quality, uint8_t **encoded, size_t *count,
  cjpeg_failure *failure) {
  job job = {.pixels = pixels, .width = width, .height = height, .quality = quality};
  job.state.err = cjpeg_errors_install(&job.errors, failure, 0);
  if (width == 0 || height == 0 || width > JPEG_MAX_DIMENSION || height > JPEG_MAX_DIMENSION) {
    snprintf(failure->message, CJPEG_MESSAGE_SIZE, "sides of a JPEG are 1 to %ld pixels", (long)JPEG_MAX_DIMENSION);
    return failure->code = CJPEG_SIZE;
  }
  int32_t code = guarded(&job);
  if (code != CJPEG_OK) return code;
  *encoded = job.destination.bytes;
  *count = job.destination.capacity - job.destination.base.free_in_buffer;
  return CJPEG_OK;
}

void cjpeg_free(uint8_t *encoded) { free(encoded); }
