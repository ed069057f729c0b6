#ifndef MMTRAIN_LEVELS_H
#define MMTRAIN_LEVELS_H

#include "CKernels.h"

extern const mmk_kernels mmk_table_baseline;
#if defined(__x86_64__)
extern const mmk_kernels mmk_table_avx2;
extern const mmk_kernels mmk_table_avx512;
#endif

#endif
