#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/// In the child: from here to execve only what POSIX allows after a fork of a process with threads.
static void become(const char *path, char *const *arguments, char *const *environment, int output, int errors,
                   int death_signal, pid_t parent) {
  setpgid(0, 0);
  if (prctl(PR_SET_PDEATHSIG, death_signal) != 0) return;
  if (getppid() != parent) _exit(128 + SIGKILL);  // it died before the line above
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigaction(SIGPIPE, &usual, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0) return;
  if (output >= 0 && dup2(output, STDOUT_FILENO) < 0) return;
  if (nothing > STDERR_FILENO) close(nothing);
  execve(path, arguments, environment);
}

pid_t mmt_start_child(const char *path, char *const *arguments, char *const *environment, int output,
                      int errors, int death_signal) {
  // Closed by a successful execve; a number of an error arrives where it failed.
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return -errno;
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    become(path, arguments, environment, output, errors, death_signal, parent);
    int code = errno;
    ssize_t written = write(report[1], &code, sizeof code);
    _exit(written == sizeof code ? 127 : 126);
  }
  int code = child < 0 ? errno : 0;
  close(report[1]);
  if (child > 0) {
    ssize_t count;
    while ((count = read(report[0], &code, sizeof code)) < 0 && errno == EINTR) {
    }
    if (count == sizeof code) {
      while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
      }
    }
  }
  close(report[0]);
  return code ? -code : child;
}

int mmt_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : -errno; }

static int collected = -1;

static void note(int number) {
  int code = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe has thousands of signals in it: one more tells nothing.
  ssize_t ignored = write(collected, &byte, 1);
  (void)ignored;
  errno = code;
}

int mmt_collect_signals(const int *signals, int count) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
  collected = ends[1];
  sigset_t all;
  sigemptyset(&all);
  for (int index = 0; index < count; index++) {
    struct sigaction before, action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigaction(signals[index], NULL, &before);
    if (before.sa_handler != SIG_IGN) sigaction(signals[index], &action, NULL);
    sigaddset(&all, signals[index]);
  }
  sigprocmask(SIG_UNBLOCK, &all, NULL);
  return ends[0];
}
