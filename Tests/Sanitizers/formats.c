// PNG and WebP files, named as arguments, whole, cut and damaged; on memory that ends where the bytes and pixels do.
#include "cpng.h"
#include "cwebp.h"
#include "random.h"

enum { MOST_PIXELS = 1 << 16 };

static void decode_png(const uint8_t *bytes, size_t count) {
  cpng_failure failure = {0};
  cpng_header header = {0};
  const int32_t allow_damage = (int32_t)below(2);
  if (cpng_read_header(bytes, count, allow_damage, &header, &failure) != CPNG_OK) return;
  if ((uint64_t)header.width * header.height > MOST_PIXELS) return;
  const size_t size = (size_t)header.width * header.height * 3;
  uint8_t *pixels = noise(size);
  cpng_decode(bytes, count, allow_damage, pixels, size, &failure);
  if (size > 0) cpng_decode(bytes, count, allow_damage, pixels, size - 1, &failure);
}

static void decode_webp(const uint8_t *bytes, size_t count) {
  cwebp_header header = {0};
  if (cwebp_read_header(bytes, count, &header) != CWEBP_OK) return;
  if ((uint64_t)header.width * header.height > MOST_PIXELS) return;
  // A rectangle on a larger canvas: its last row ends before the canvas does.
  const size_t margin = below(4), stride = (header.width + margin) * 3;
  const size_t capacity = stride * (header.height - 1) + header.width * 3;
  cwebp_rectangle target = {
    .pixels = noise(capacity), .stride = stride, .capacity = capacity, .width = header.width, .height = header.height};
  size_t rows = 0;
  cwebp_decode(bytes, count, (int32_t)below(2), &target, &rows);
  if (rows > header.height) abort();
  target.width += 1;
  cwebp_decode(bytes, count, (int32_t)below(2), &target, &rows);
}

static void decode(const uint8_t *bytes, size_t count) {
  // A copy of its own, so that the sanitizer knows where the bytes end.
  uint8_t *copy = block(count, sizeof(void *));
  memcpy(copy, bytes, count);
  decode_png(copy, count);
  decode_webp(copy, count);
}

static uint8_t *contents(const char *path, size_t *count) {
  FILE *file = fopen(path, "rb");
  if (!file) abort();
  uint8_t *bytes = malloc(1 << 20);
  *count = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  const int rounds = 300;
  for (int i = 1; i < argc; i++) {
    size_t count = 0;
    uint8_t *bytes = contents(argv[i], &count);
    decode(bytes, count);
    for (int round = 0; round < rounds; round++) {
      uint8_t *changed = block(count, sizeof(void *));
      memcpy(changed, bytes, count);
      for (size_t change = below(6); change > 0; change--) changed[8 + below(count - 8)] = (uint8_t)random_bits();
      decode(changed, below(2) ? count : below(count));
      free_blocks();
    }
    free(bytes);
  }
  printf("formats: %d files, %d rounds\n", argc - 1, rounds);
}
