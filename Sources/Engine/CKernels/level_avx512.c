// AVX-512 (F, BW, DQ, VL).
#include "CKernels.h"
#include "levels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define PEAK_CHAINS 12
#define TILE_ROWS 6
#define TILE_VECTORS 4
#define FEW_ROWS 4
#define FEW_COLUMNS 4
#define LEVEL_TABLE mmk_table_avx512
#include "families/table.inc"
#pragma clang attribute pop
#endif
