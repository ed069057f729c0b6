#include <stdlib.h>

#include "error.h"

#include <jerror.h>

// The bytes in memory. What comes after their end is a made-up end-of-image marker and a warning.
static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};

static void source_nothing(j_decompress_ptr state) { (void)state; }

static boolean source_is_empty(j_decompress_ptr state) {
  WARNMS(state, JWRN_JPEG_EOF);
  state->src->next_input_byte = end_of_image;
  state->src->bytes_in_buffer = sizeof end_of_image;
  return TRUE;
}

static void source_skip(j_decompress_ptr state, long count) {
  if (count <= 0) return;
  if ((size_t)count > state->src->bytes_in_buffer) {
    source_is_empty(state);
    return;
  }
  state->src->next_input_byte += count;
  state->src->bytes_in_buffer -= (size_t)count;
}

// Counts scans while the library absorbs them; its progress hook is called before each row of blocks.
typedef struct {
  struct jpeg_progress_mgr base;  // first: the library hands back a pointer to it
  int32_t maximum_scans;
} scan_limit;

static void check_scans(j_common_ptr state) {
  const scan_limit *limit = (const scan_limit *)state->progress;
  if (((j_decompress_ptr)state)->input_scan_number > limit->maximum_scans) {
    cjpeg_escape(state, CJPEG_SCANS, "too many scans");
  }
}

typedef struct {
  struct jpeg_decompress_struct state;
  struct jpeg_source_mgr source;
  cjpeg_errors errors;
  scan_limit limit;
} decoder;

static void open_memory(decoder *d, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(&d->state);
  d->source = (struct jpeg_source_mgr){
    .next_input_byte = bytes,
    .bytes_in_buffer = count,
    .init_source = source_nothing,
    .fill_input_buffer = source_is_empty,
    .skip_input_data = source_skip,
    .resync_to_restart = jpeg_resync_to_restart,
    .term_source = source_nothing,
  };
  d->state.src = &d->source;
}

static int32_t color_space(J_COLOR_SPACE space) {
  switch (space) {
    case JCS_GRAYSCALE: return CJPEG_GREY;
    case JCS_RGB: return CJPEG_RGB;
    case JCS_YCbCr: return CJPEG_YCC;
    case JCS_CMYK: return CJPEG_CMYK;
    case JCS_YCCK: return CJPEG_YCCK;
    default: return 0;
  }
}

static void read_header(decoder *d, cjpeg_header *header) {
  jpeg_read_header(&d->state, TRUE);
  header->width = d->state.image_width;
  header->height = d->state.image_height;
  header->components = d->state.num_components;
  header->color_space = color_space(d->state.jpeg_color_space);
  header->is_progressive = d->state.progressive_mode;
}

size_t cjpeg_scaled_side(size_t side, int32_t eighths) { return (side * (size_t)eighths + 7) / 8; }

// A row of CMYK to RGB without a colour profile: what is left of the light after black and ink. Adobe's files hold
// the inks inverted. 8-bit product rounded as in Pillow.
static void cmyk_to_rgb(const uint8_t *row, size_t width, int inverted, uint8_t *rgb) {
  unsigned flip = inverted ? 0 : 255;
  for (size_t x = 0; x < width; x++, row += 4, rgb += 3) {
    unsigned light = row[3] ^ flip;
    for (int c = 0; c < 3; c++) {
      unsigned product = (255 - (row[c] ^ flip)) * light + 128;
      rgb[c] = (uint8_t)(light - ((product + (product >> 8)) >> 8));
    }
  }
}

static void read_rgb_rows(decoder *d, uint8_t *pixels) {
  size_t stride = (size_t)d->state.output_width * 3;
  while (d->state.output_scanline < d->state.output_height) {
    JSAMPROW rows[8];
    JDIMENSION first = d->state.output_scanline;
    JDIMENSION count = d->state.output_height - first < 8 ? d->state.output_height - first : 8;
    for (JDIMENSION i = 0; i < count; i++) rows[i] = pixels + (first + i) * stride;
    jpeg_read_scanlines(&d->state, rows, count);
  }
}

static void read_cmyk_rows(decoder *d, uint8_t *pixels) {
  size_t width = d->state.output_width;
  // The library's pool: freed with the decoder, also after an escape.
  JSAMPROW row = (*d->state.mem->alloc_large)((j_common_ptr)&d->state, JPOOL_IMAGE, width * 4);
  while (d->state.output_scanline < d->state.output_height) {
    uint8_t *rgb = pixels + (size_t)d->state.output_scanline * width * 3;
    if (jpeg_read_scanlines(&d->state, &row, 1) == 1) cmyk_to_rgb(row, width, d->state.saw_Adobe_marker, rgb);
  }
}

static void decode_pixels(decoder *d, const cjpeg_options *options, uint8_t *pixels, size_t capacity) {
  jpeg_read_header(&d->state, TRUE);
  d->limit.maximum_scans = options->maximum_scans;
  d->limit.base.progress_monitor = check_scans;
  d->state.progress = &d->limit.base;
  int is_cmyk = d->state.jpeg_color_space == JCS_CMYK || d->state.jpeg_color_space == JCS_YCCK;
  d->state.out_color_space = is_cmyk ? JCS_CMYK : JCS_EXT_RGB;
  d->state.scale_num = (unsigned)options->eighths;
  d->state.scale_denom = 8;
  jpeg_calc_output_dimensions(&d->state);
  if ((size_t)d->state.output_width * d->state.output_height * 3 != capacity) {
    cjpeg_escape((j_common_ptr)&d->state, CJPEG_SIZE, "the pixel buffer does not fit the image");
  }
  jpeg_start_decompress(&d->state);
  if (is_cmyk) {
    read_cmyk_rows(d, pixels);
  } else {
    read_rgb_rows(d, pixels);
  }
  jpeg_finish_decompress(&d->state);
}

// What one call works on. It lives in the frame of the public function, the setjmp in the frame of `guarded`, so that
// an escape leaves every field as it was written last.
typedef struct {
  decoder decoder;
  const uint8_t *bytes;
  size_t count;
  cjpeg_header *header;
  const cjpeg_options *options;
  uint8_t *pixels;
  size_t capacity;
} job;

static int32_t guarded(job *job) {
  decoder *d = &job->decoder;
  if (setjmp(d->errors.escape) == 0) {
    open_memory(d, job->bytes, job->count);
    if (job->header) {
      read_header(d, job->header);
    } else {
      decode_pixels(d, job->options, job->pixels, job->capacity);
    }
    jpeg_destroy_decompress(&d->state);
    return CJPEG_OK;
  }
  if (job->header) {
    // As far as it got: a picture too large for the library still tells its size.
    job->header->width = d->state.image_width;
    job->header->height = d->state.image_height;
  }
  jpeg_destroy_decompress(&d->state);
  return d->errors.failure->code;
}

int32_t cjpeg_read_header(const uint8_t *bytes, size_t count, cjpeg_header *header, cjpeg_failure *failure) {
  job job = {.bytes = bytes, .count = count, .header = header};
  job.decoder.state.err = cjpeg_errors_install(&job.decoder.errors, failure, 0);
  return guarded(&job);
}

int32_t cjpeg_decode(
  const uint8_t *bytes, size_t count, const cjpeg_options *options, uint8_t *pixels, size_t capacity,
  cjpeg_failure *failure) {
  job job = {.bytes = bytes, .count = count, .options = options, .pixels = pixels, .capacity = capacity};
  job.decoder.state.err = cjpeg_errors_install(&job.decoder.errors, failure, options->allow_damage);
  return guarded(&job);
}
