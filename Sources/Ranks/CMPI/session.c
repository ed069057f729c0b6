#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handles.h"

int mmt_mpi_start(int *threads) {
  int provided = MPI_THREAD_SINGLE;
  RETURN_FAILURE(MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &provided));
  *threads = provided >= MPI_THREAD_MULTIPLE ? MMT_MPI_MULTIPLE : provided >= MPI_THREAD_FUNNELED ? MMT_MPI_FUNNELED : 0;
  // The default handler ends the job; communicators made from this one inherit the choice.
  return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

int mmt_mpi_finish(void) { return MPI_Finalize(); }

static int is_running(void) {
  int started = 0, finished = 0;
  MPI_Initialized(&started);
  MPI_Finalized(&finished);
  return started && !finished;
}

void mmt_mpi_abort(int code) {
  fflush(NULL);
  if (is_running()) MPI_Abort(MPI_COMM_WORLD, code);
  _exit(code);
}

static size_t copy_text(char *to, size_t capacity, const char *from, int length) {
  size_t count = length < 0 ? 0 : (size_t)length;
  if (count > capacity) count = capacity;
  memcpy(to, from, count);
  return count;
}

size_t mmt_mpi_error_text(int code, char *text, size_t capacity) {
  char words[MPI_MAX_ERROR_STRING];
  int length = 0;
  if (code < 0 || MPI_Error_string(code, words, &length) != MPI_SUCCESS) return 0;
  return copy_text(text, capacity, words, length);
}

size_t mmt_mpi_library_version(char *text, size_t capacity) {
  char words[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  if (MPI_Get_library_version(words, &length) != MPI_SUCCESS) return 0;
  return copy_text(text, capacity, words, length);
}

void mmt_mpi_progress(void) {
  int found = 0;
  if (is_running()) MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &found, MPI_STATUS_IGNORE);
}
