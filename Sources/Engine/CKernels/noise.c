// Normal numbers from random bits. One form for all processors: a number has the same bits wherever it is made, which no vector of
// another width, no fused operation and no library's logarithm may change.
#include "CKernels.h"

#pragma clang fp contract(off)
#pragma clang diagnostic ignored "-Wpsabi"

typedef double v4 __attribute__((vector_size(32)));
typedef uint64_t u4 __attribute__((vector_size(32)));
typedef int64_t i4 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))

/// 52 bits, as a number of 1 to 2.
INLINE v4 one_to_two(u4 bits) { return (v4)((bits >> 12) | 0x3ff0000000000000ull); }

/// Of normal numbers up to 1.
INLINE v4 logarithm(v4 x) {
  // x = m 2^e, with m of √½ to √2; log m = 2 artanh f, f = (m - 1) / (m + 1), of which f² ≤ 0.03.
  const u4 shifted = (u4)x - 0x3fe6a09e667f3bcdull;
  const i4 exponent = (i4)shifted >> 52;
  const v4 m = (v4)((u4)x - ((u4)exponent << 52));
  const v4 f = (m - 1.0) / (m + 1.0);
  const v4 s = f * f;
  v4 sum = 1.0 / 23 + (v4){};
  for (int odd = 21; odd >= 1; odd -= 2) sum = sum * s + 1.0 / odd;
  return __builtin_convertvector(exponent, v4) * 0x1.62e42fefa39efp-1 + 2.0 * f * sum;
}

/// Taylor's series of sine and cosine, of angles up to π/4.
INLINE v4 sine(v4 x) {
  const v4 s = x * x;
  v4 sum = 1.0 + (v4){};
  for (int n = 18; n >= 2; n -= 2) sum = 1.0 - sum * s * (1.0 / (n * (n + 1)));
  return x * sum;
}
INLINE v4 cosine(v4 x) {
  const v4 s = x * x;
  v4 sum = 1.0 + (v4){};
  for (int n = 17; n >= 1; n -= 2) sum = 1.0 - sum * s * (1.0 / (n * (n + 1)));
  return sum;
}
INLINE v4 select4(u4 mask, v4 a, v4 b) { return (v4)((mask & (u4)a) | (~mask & (u4)b)); }

/// Eight normal numbers of eight times 64 bits: four radii, and four angles (Box and Muller, 1958).
static void normals(const uint64_t *bits, double *made) {
  u4 first, second;
  __builtin_memcpy(&first, bits, sizeof first);
  __builtin_memcpy(&second, bits + 4, sizeof second);
  // Above 0, and up to 1.
  const v4 radius = __builtin_elementwise_sqrt(-2.0 * logarithm(2.0 - one_to_two(first)));
  // A quarter of the circle by two bits, the angle within it by 52 more.
  const v4 angle = (one_to_two(second << 2) - 1.5) * 0x1.921fb54442d18p0;
  const v4 s = sine(angle), c = cosine(angle);
  const u4 turned = (u4)((second & (1ull << 62)) != 0), opposite = (second >> 63) << 63;
  const v4 x = (v4)((u4)select4(turned, s, c) ^ opposite), y = (v4)((u4)select4(turned, -c, s) ^ opposite);
  const v4 products[2] = {radius * x, radius * y};
  __builtin_memcpy(made, products, sizeof products);
}

void mmk_add_normals(double *numbers, size_t count, const uint64_t *bits, size_t skipped, double deviation, double grid) {
  const double anchor = 0x1.8p52 * grid;
  size_t done = 0;
  while (done < count) {
    double made[8];
    normals(bits, made);
    for (size_t lane = skipped; lane < 8 && done < count; lane++, done++) {
      const double sum = numbers[done] + deviation * made[lane];
      numbers[done] = grid > 0 ? (sum + anchor) - anchor : sum;
    }
    skipped = 0;
    bits += 8;
  }
}
