// Takes variables out of the environment that libraries read in their constructors, before main: by then it is too late.
// Where MMTRAIN_KERNELS forces a level, OpenBLAS is given the kernels of such a processor.
//
// A program's .preinit_array runs before the constructors of the shared libraries it is linked with (System V ABI,
// "Initialization and Termination Functions"). The C library is not initialized yet, so nothing of it is called then: the
// environment is changed where it lies.
#include "CStartup.h"

#include <stddef.h>
#include <stdlib.h>

extern char **environ;

/// Rest of `text` after `prefix`, or NULL.
static const char *after(const char *text, const char *prefix) {
  while (*prefix)
    if (*text++ != *prefix++) return NULL;
  return text;
}

static char removed_core[256];

/// The entry by which `mmtrain doctor` knows what was removed.
static char *note_of(const char *core) {
  static const char name[] = "MMTRAIN_REMOVED_BLAS_CORE=";
  size_t length = 0;
  for (const char *c = name; *c; c++) removed_core[length++] = *c;
  for (const char *c = core; *c && length + 1 < sizeof removed_core; c++) removed_core[length++] = *c;
  removed_core[length] = 0;
  return removed_core;
}

// Set by OpenMP's library, which oneDNN brings along, on the main thread, and so for all threads after it: every thread
// of ours would share one core.
static int pins_threads(const char *entry) {
  return after(entry, "OMP_PROC_BIND=") || after(entry, "OMP_PLACES=") || after(entry, "GOMP_CPU_AFFINITY=");
}

// The value of MMTRAIN_KERNELS where OpenBLAS took its entry's place. There is no room for a further entry.
// Volatile: a compiler may take a constructor to be the first that runs, and this to be still NULL in it.
static const char *volatile forced_level;

/// What OpenBLAS must be told so that it computes as on a processor of that level; NULL where it shall choose.
static char *core_of(const char *level) {
  static char haswell[] = "OPENBLAS_CORETYPE=Haswell", prescott[] = "OPENBLAS_CORETYPE=Prescott";
  const char *rest = after(level, "avx2");
  if (rest && *rest == 0) return haswell;
  rest = after(level, "baseline");
  return rest && *rest == 0 ? prescott : NULL;
}

/// What OpenBLAS must be told on an Intel processor; NULL elsewhere. It knows these by their model numbers, and falls back to
/// kernels of 2004 on those that are younger than itself: 0.3.21 does so on Emerald Rapids, and multiplies at a tenth of the speed.
static char *core_of_this_processor(void) {
  static char cooperlake[] = "OPENBLAS_CORETYPE=Cooperlake", skylake[] = "OPENBLAS_CORETYPE=SkylakeX";
  static char haswell[] = "OPENBLAS_CORETYPE=Haswell";
  __builtin_cpu_init();
  if (!__builtin_cpu_is("intel")) return NULL;
  if (__builtin_cpu_supports("avx512bf16")) return cooperlake;
  if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) return skylake;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? haswell : NULL;
}

/// An entry whose place was lent to OPENBLAS_CORETYPE until the libraries have started, and what stands there meanwhile.
static char *volatile lender;
static char *volatile borrower;

/// Where an entry can be missed for a moment: what no library reads in its constructor, or else the last that no
/// library of ours is known to read.
static char **entry_to_borrow(char **environment) {
  static const char *const unread[] = {"_=", "OLDPWD=", "SHLVL=", "PWD=", "LOGNAME=", "USER=", "HOSTNAME=", "HOME=", NULL};
  static const char *const read[] = {"OMP_", "GOMP_", "KMP_", "OPENBLAS_", "GOTO_", "LD_", "MMTRAIN_", NULL};
  char **last = NULL;
  for (char **entry = environment; *entry; entry++) {
    for (const char *const *name = unread; *name; name++)
      if (after(*entry, *name)) return entry;
    int is_read = 0;
    for (const char *const *name = read; *name; name++) is_read |= after(*entry, *name) != NULL;
    if (!is_read) last = entry;
  }
  return last;
}

static void clear_environment(int argc, char **argv, char **environment) {
  (void)argc;
  (void)argv;
  int keeps_core = 0;
  for (char **entry = environment; *entry; entry++) {
    const char *keep = after(*entry, "MMTRAIN_KEEP_BLAS_CORE=");
    keeps_core |= keep && keep[0] == '1' && keep[1] == 0;
  }
  char **kept = environment;
  for (char **entry = environment; *entry; entry++) {
    // Some machines set kernels of half the speed. Set but empty it is not unset: OpenBLAS then takes Haswell's.
    const char *core = after(*entry, "OPENBLAS_CORETYPE=");
    const char *level = after(*entry, "MMTRAIN_KERNELS=");
    if (core && !keeps_core) {
      *kept++ = note_of(core);
    } else if (level && core_of(level) && !keeps_core && !forced_level) {
      forced_level = level;
      *kept++ = core_of(level);
    } else if (!pins_threads(*entry)) {
      *kept++ = *entry;
    }
  }
  *kept = NULL;
  if (keeps_core || forced_level) return;
  char **place = core_of_this_processor() ? entry_to_borrow(environment) : NULL;
  if (!place) return;
  lender = *place;
  borrower = *place = core_of_this_processor();
}

// The program's own constructors run after those of its libraries: OpenBLAS has chosen, and the C library is there.
__attribute__((constructor)) static void restore_environment(void) {
  if (forced_level) {
    unsetenv("OPENBLAS_CORETYPE");
    setenv("MMTRAIN_KERNELS", forced_level, 1);
  }
  if (!lender) return;
  for (char **entry = environ; entry && *entry; entry++)
    if (*entry == borrower) *entry = lender;
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char **, char **) =
    clear_environment;
