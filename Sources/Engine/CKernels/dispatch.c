// Chooses a level by what the processor, and the operating system's saving of registers, support.
#include "levels.h"

#if defined(__x86_64__)
static int supports(mmk_level level) {
  __builtin_cpu_init();
  switch (level) {
    case MMK_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && supports(MMK_AVX2);
    case MMK_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    default: return 1;
  }
}

const mmk_kernels *mmk_kernels_at(mmk_level level) {
  if (!supports(level)) return 0;
  switch (level) {
    case MMK_AVX512: return &mmk_table_avx512;
    case MMK_AVX2: return &mmk_table_avx2;
    default: return &mmk_table_baseline;
  }
}

int mmk_has_bf16_instructions(void) { return supports(MMK_AVX512) && __builtin_cpu_supports("avx512bf16"); }

mmk_level mmk_best_level(void) {
  return supports(MMK_AVX512) ? MMK_AVX512 : supports(MMK_AVX2) ? MMK_AVX2 : MMK_BASELINE;
}
#else
const mmk_kernels *mmk_kernels_at(mmk_level level) { return level == MMK_BASELINE ? &mmk_table_baseline : 0; }
mmk_level mmk_best_level(void) { return MMK_BASELINE; }
int mmk_has_bf16_instructions(void) { return 0; }
#endif
