// AVX2 with fused multiply-add.
#include "CKernels.h"
#include "levels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define TILE_ROWS 6
#define TILE_VECTORS 1
#define FEW_ROWS 2
#define FEW_COLUMNS 2
#define LEVEL_TABLE mmk_table_avx2
#include "families/table.inc"
#pragma clang attribute pop
#endif
