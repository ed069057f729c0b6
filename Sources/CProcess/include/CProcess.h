#ifndef MMTRAIN_CPROCESS_H
#define MMTRAIN_CPROCESS_H

#include <sys/types.h>

// What a process needs to look after another one, and what Swift may not call: fork, prctl, signal handlers.

// Starts the program at `path` in a process group of its own, with nothing to read, no signal blocked, and its standard
// error going to `errors`. When the calling thread ends, by whatever means, the kernel sends the program `death_signal`.
// Returns its process number, or -errno where it could not be started.
pid_t mmt_start_child(const char *path, char *const *arguments, char *const *environment, int errors,
                      int death_signal);

// Processes whose parent dies become children of this one, rather than of the first process of the machine.
// Returns 0 or -errno.
int mmt_adopt_orphans(void);

// From now on each of `signals`, whichever thread it reaches, only writes its number as one byte into a pipe. A signal
// that was ignored before stays ignored. Returns the pipe's end for reading, which never blocks, or -errno.
int mmt_collect_signals(const int *signals, int count);

#endif
