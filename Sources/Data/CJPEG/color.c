// Colour changes on 8-bit RGB in place. The order and the width of every operation is chosen so that the results equal
// those of Pillow's ImageEnhance and HSV conversion, byte for byte (tests hold both together).
#pragma STDC FP_CONTRACT OFF

#include "cjpeg.h"

// ITU-R 601-2 weights in 16-bit fixed point.
static uint8_t grey_of(const uint8_t *pixel) {
  return (uint8_t)((pixel[0] * 19595u + pixel[1] * 38470u + pixel[2] * 7471u + 0x8000u) >> 16);
}

static uint8_t fade(int32_t from, int32_t value, float factor) {
  float result = (float)from + factor * (float)(value - from);
  return (uint8_t)(result <= 0 ? 0 : result >= 255 ? 255 : (int32_t)result);
}

uint64_t ccolor_grey_sum(const uint8_t *pixels, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += grey_of(pixels + i * 3);
  return sum;
}

void ccolor_fade(uint8_t *pixels, size_t count, uint8_t from, float factor) {
  uint8_t table[256];
  for (int value = 0; value < 256; value++) table[value] = fade(from, value, factor);
  for (size_t i = 0; i < count * 3; i++) pixels[i] = table[pixels[i]];
}

void ccolor_saturate(uint8_t *pixels, size_t count, float factor) {
  for (size_t i = 0; i < count; i++, pixels += 3) {
    int32_t grey = grey_of(pixels);
    for (int c = 0; c < 3; c++) pixels[c] = fade(grey, pixels[c], factor);
  }
}

typedef struct {
  uint8_t hue, saturation, value;
} hsv;

static hsv hsv_of(const uint8_t *pixel) {
  int32_t red = pixel[0], green = pixel[1], blue = pixel[2];
  int32_t brightest = red > green ? red : green, darkest = red < green ? red : green;
  if (blue > brightest) brightest = blue;
  if (blue < darkest) darkest = blue;
  if (brightest == darkest) return (hsv){0, 0, (uint8_t)brightest};
  float span = (float)(brightest - darkest);
  float to_red = (float)(brightest - red) / span;
  float to_green = (float)(brightest - green) / span;
  float to_blue = (float)(brightest - blue) / span;
  float sixth;
  if (red == brightest) {
    sixth = to_blue - to_green;
  } else if (green == brightest) {
    sixth = (float)(2.0 + to_red - to_blue);
  } else {
    sixth = (float)(4.0 + to_green - to_red);
  }
  double turn = sixth / 6.0 + 1.0;  // within 5/6 … 2
  float hue = (float)(turn >= 1 ? turn - 1 : turn);
  return (hsv){(uint8_t)(hue * 255.0), (uint8_t)(span / (float)brightest * 255.0), (uint8_t)brightest};
}

static void store_hsv(hsv color, uint8_t *pixel) {
  double position = (float)color.hue * 6.0 / 255.0;
  int sector = (int)position;
  float part = (float)(position - (float)sector);
  float saturation = (float)(color.saturation / 255.0);
  float value = color.value;
  uint8_t v = color.value;
  uint8_t p = (uint8_t)(value * (1.0 - saturation) + 0.5);
  uint8_t q = (uint8_t)(value * (1.0 - saturation * part) + 0.5);
  uint8_t t = (uint8_t)(value * (1.0 - saturation * (1.0 - part)) + 0.5);
  const uint8_t sectors[6][3] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
  for (int c = 0; c < 3; c++) pixel[c] = sectors[sector % 6][c];
}

void ccolor_shift_hue(uint8_t *pixels, size_t count, uint8_t shift) {
  for (size_t i = 0; i < count; i++, pixels += 3) {
    hsv color = hsv_of(pixels);
    color.hue = (uint8_t)(color.hue + shift);
    store_hsv(color, pixels);
  }
}
