#include "CNodeMemory.h"

#include <string.h>

// Goals, in this order: the same bits every time (rank order, whatever the instruction set), then speed.

#if defined(__x86_64__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

#define SUM_f32(a, b) ((a) + (b))
#define SUM_f64(a, b) ((a) + (b))
#define SUM_i64(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
// Whichever side is NaN, the comparison with it fails; `a != a` keeps it when it is on the left.
#define MAXIMUM(a, b) ((a) > (b) || (a) != (a) ? (a) : (b))
#define MINIMUM(a, b) ((a) < (b) || (a) != (a) ? (a) : (b))

// One row onto the block of running results.
#define FOLD(block, row, count, OPERATION)                                             \
  for (size_t i = 0; i < (count); ++i) (block)[i] = OPERATION((block)[i], (row)[i]);

// Elements that pass through the first-level cache together: results stay there while the rows stream by.
enum { BLOCK = 512 };

#define COMBINE(NAME, TYPE, SUM)                                                                             \
  DISPATCHED void NAME(TYPE *out, const void *const *rows, int ranks, size_t count, int operation) {         \
    for (size_t start = 0; start < count; start += BLOCK) {                                                  \
      TYPE block[BLOCK];                                                                                     \
      size_t length = count - start < BLOCK ? count - start : BLOCK;                                         \
      memcpy(block, (const TYPE *)rows[0] + start, length * sizeof(TYPE));                                   \
      for (int rank = 1; rank < ranks; ++rank) {                                                             \
        const TYPE *row = (const TYPE *)rows[rank] + start;                                                  \
        if (operation == MMT_SUM) FOLD(block, row, length, SUM)                                              \
        else if (operation == MMT_MAXIMUM) FOLD(block, row, length, MAXIMUM)                                 \
        else FOLD(block, row, length, MINIMUM)                                                               \
      }                                                                                                      \
      memcpy(out + start, block, length * sizeof(TYPE));                                                     \
    }                                                                                                        \
  }

COMBINE(mmt_combine_f32, float, SUM_f32)
COMBINE(mmt_combine_f64, double, SUM_f64)
COMBINE(mmt_combine_i64, int64_t, SUM_i64)

void mmt_sum_rows(float *out, const float *const *rows, int ranks, size_t count) {
  mmt_combine_f32(out, (const void *const *)rows, ranks, count, MMT_SUM);
}

// In all of these the lines have just been read when they are written, so the writes need not fetch them.

DISPATCHED static void sum_two(float *restrict a, float *restrict b, size_t count) {
  for (size_t i = 0; i < count; ++i) a[i] = b[i] = a[i] + b[i];
}

DISPATCHED static void sum_three(float *restrict a, float *restrict b, float *restrict c, size_t count) {
  for (size_t i = 0; i < count; ++i) a[i] = b[i] = c[i] = a[i] + b[i] + c[i];
}

DISPATCHED static void sum_four(float *restrict a, float *restrict b, float *restrict c, float *restrict d,
                                size_t count) {
  for (size_t i = 0; i < count; ++i) a[i] = b[i] = c[i] = d[i] = a[i] + b[i] + c[i] + d[i];
}

DISPATCHED static void sum_many(float *const *copies, int ranks, size_t first, size_t count) {
  for (size_t start = first; start < first + count; start += BLOCK) {
    float block[BLOCK];
    size_t length = first + count - start < BLOCK ? first + count - start : BLOCK;
    memcpy(block, copies[0] + start, length * sizeof(float));
    for (int rank = 1; rank < ranks; ++rank) FOLD(block, copies[rank] + start, length, SUM_f32)
    for (int rank = 0; rank < ranks; ++rank) memcpy(copies[rank] + start, block, length * sizeof(float));
  }
}

// Few copies keep their sum in a register: at 25 MiB a quarter faster than through a block.
void mmt_sum_copies(float *const *copies, int ranks, size_t first, size_t count) {
  float *const *c = copies;
  switch (ranks) {
    case 1: break;
    case 2: sum_two(c[0] + first, c[1] + first, count); break;
    case 3: sum_three(c[0] + first, c[1] + first, c[2] + first, count); break;
    case 4: sum_four(c[0] + first, c[1] + first, c[2] + first, c[3] + first, count); break;
    default: sum_many(copies, ranks, first, count);
  }
}
