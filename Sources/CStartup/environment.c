// Takes variables out of the environment that libraries read in their constructors, before main: by then it is too late.
//
// A program's .preinit_array runs before the constructors of the shared libraries it is linked with (System V ABI,
// "Initialization and Termination Functions"). The C library is not initialized yet, so nothing of it is called here: the
// environment is changed where it lies.
#include "CStartup.h"

#include <stddef.h>

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
    if (core && !keeps_core) {
      *kept++ = note_of(core);
    } else if (!pins_threads(*entry)) {
      *kept++ = *entry;
    }
  }
  *kept = NULL;
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char **, char **) =
    clear_environment;
