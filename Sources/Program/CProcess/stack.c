#define _GNU_SOURCE
#include "CProcess.h"

#include <execinfo.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LARGEST 62

static void *found[LARGEST];
static volatile sig_atomic_t found_count;
static sem_t answered;
static int exit_code;

static void answer(int number) {
  (void)number;
  found_count = backtrace(found, LARGEST);
  sem_post(&answered);
}

int mmt_stack_of_thread(pid_t thread, void **addresses, int capacity) {
  void *first[1];
  backtrace(first, 1);  // loads what it needs, which a signal handler may not
  sem_init(&answered, 0, 0);
  struct sigaction action = {.sa_handler = answer, .sa_flags = SA_RESTART};
  sigaction(SIGRTMIN + 5, &action, NULL);
  if (syscall(SYS_tgkill, getpid(), thread, SIGRTMIN + 5) != 0) return 0;
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += 500000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  if (sem_clockwait(&answered, CLOCK_MONOTONIC, &until) != 0) return 0;
  // The handler itself and the kernel's way into it are the first two.
  int count = 0;
  for (int index = 2; index < found_count && count < capacity; index++) addresses[count++] = found[index];
  return count;
}

pid_t mmt_this_thread(void) { return (pid_t)syscall(SYS_gettid); }

void mmt_write_stack(void *const *addresses, int count, int descriptor) {
  backtrace_symbols_fd(addresses, count, descriptor);
}

static void end(int number) {
  (void)number;
  _exit(exit_code);
}

void mmt_exit_after(unsigned seconds, int code) {
  exit_code = code;
  struct sigaction action = {.sa_handler = end};
  sigaction(SIGALRM, &action, NULL);
  sigset_t alarms;
  sigemptyset(&alarms);
  sigaddset(&alarms, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
  alarm(seconds);
}
