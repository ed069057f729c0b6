#ifndef MMTRAIN_CPROCESS_H
#define MMTRAIN_CPROCESS_H

#include <sys/types.h>

// What a process needs to look after another one, and what Swift may not call: fork, prctl, signal handlers, stacks.

// Starts the program at `path` in a process group of its own, with nothing to read, no signal blocked, and its standard
// error going to `errors`, its standard output to `output`, or where this process's goes for -1. When the calling thread ends, by whatever means, the kernel sends the program `death_signal`.
// Returns its process number, or -errno where it could not be started.
pid_t mmt_start_child(const char *path, char *const *arguments, char *const *environment, int output,
                      int errors, int death_signal);

// Processes whose parent dies become children of this one, rather than of the first process of the machine.
// Returns 0 or -errno.
int mmt_adopt_orphans(void);

// From now on each of `signals`, whichever thread it reaches, only writes its number as one byte into a pipe. A signal
// that was ignored before stays ignored. Returns the pipe's end for reading, which never blocks, or -errno.
int mmt_collect_signals(const int *signals, int count);

// Where the thread with the kernel's number `thread` is: up to `capacity` return addresses, the innermost first, written by
// a handler of the signal SIGRTMIN + 5 on that thread. Returns how many, 0 where it did not answer within half a second.
// One caller at a time.
int mmt_stack_of_thread(pid_t thread, void **addresses, int capacity);

// The kernel's number of the calling thread.
pid_t mmt_this_thread(void);

// Writes a line for each address to a descriptor: the program or library, the symbol where it has a name, the offset.
void mmt_write_stack(void *const *addresses, int count, int descriptor);

// From now on the process ends with `code` when `seconds` have passed, whatever it is doing.
void mmt_exit_after(unsigned seconds, int code);

#endif
