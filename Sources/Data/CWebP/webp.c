#include <limits.h>
#include <string.h>

#include <webp/decode.h>

#include "cwebp.h"

static int32_t code_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OK: return CWEBP_OK;
    case VP8_STATUS_OUT_OF_MEMORY: return CWEBP_MEMORY;
    case VP8_STATUS_UNSUPPORTED_FEATURE: return CWEBP_UNSUPPORTED;
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA: return CWEBP_TRUNCATED;
    default: return CWEBP_DAMAGED;
  }
}

int32_t cwebp_read_header(const uint8_t *bytes, size_t count, cwebp_header *header) {
  enum { LOSSLESS = 2 };  // as the library's header says it, without a name
  WebPBitstreamFeatures features;
  VP8StatusCode status = WebPGetFeatures(bytes, count, &features);
  if (status != VP8_STATUS_OK) return code_of(status);
  *header = (cwebp_header){
    .width = (uint32_t)features.width,
    .height = (uint32_t)features.height,
    .is_animated = features.has_animation,
    .is_lossless = features.format == LOSSLESS,
  };
  return CWEBP_OK;
}

// The library that decodes piece by piece also says how far it came.
static int32_t decode_what_is_there(
  const uint8_t *bytes, size_t count, WebPDecBuffer *output, size_t *rows) {
  WebPIDecoder *decoder = WebPINewDecoder(output);
  if (!decoder) return CWEBP_MEMORY;
  VP8StatusCode status = WebPIUpdate(decoder, bytes, count);
  int last = 0;
  if (WebPIDecGetRGB(decoder, &last, NULL, NULL, NULL) && last > 0) *rows = (size_t)last;
  WebPIDelete(decoder);
  return code_of(status);
}

int32_t cwebp_decode(
  const uint8_t *bytes, size_t count, int32_t allow_damage, const cwebp_rectangle *target, size_t *rows) {
  *rows = 0;
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return CWEBP_UNSUPPORTED;  // another version of the library than was compiled for
  VP8StatusCode status = WebPGetFeatures(bytes, count, &config.input);
  if (status != VP8_STATUS_OK) return code_of(status);
  if ((uint32_t)config.input.width != target->width || (uint32_t)config.input.height != target->height ||
      target->stride > INT_MAX) {
    return CWEBP_SIZE;
  }
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = (WebPRGBABuffer){
    .rgba = target->pixels, .stride = (int)target->stride, .size = target->capacity};
  if (allow_damage) return decode_what_is_there(bytes, count, &config.output, rows);
  status = WebPDecode(bytes, count, &config);
  if (status == VP8_STATUS_OK) *rows = target->height;
  return code_of(status);
}
