#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "handles.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

// A full /dev/shm shows itself as SIGBUS at the first write, unless the kernel (5.14 or later) is asked for the pages.
static int touch_pages(void *base, size_t bytes) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t start = (uintptr_t)base & ~(page - 1);
  if (bytes > 0 && madvise((void *)start, (uintptr_t)base + bytes - start, MADV_POPULATE_WRITE) != 0 && errno != EINVAL)
    return MMT_MPI_NO_SHARED_MEMORY;
  memset(base, 0, bytes);
  return MPI_SUCCESS;
}

static int allocate(MPI_Comm comm, size_t bytes, void **base, MPI_Win *win) {
  MPI_Info info = MPI_INFO_NULL;
  RETURN_FAILURE(MPI_Info_create(&info));
  // Each segment on pages of its own, which the rank that owns it touches first and so has near.
  int code = MPI_Info_set(info, "alloc_shared_noncontig", "true");
  if (code == MPI_SUCCESS) code = MPI_Win_allocate_shared((MPI_Aint)bytes, 1, info, comm, base, win);
  MPI_Info_free(&info);
  return code;
}

int mmt_mpi_window_make(const mmt_mpi_group *node, size_t bytes, mmt_mpi_window **window) {
  *window = malloc(sizeof **window);
  if (*window == NULL) return MMT_MPI_NO_MEMORY;
  void *base = NULL;
  int code = allocate(node->comm, bytes, &base, &(*window)->win);
  if (code == MPI_SUCCESS) code = MPI_Win_set_errhandler((*window)->win, MPI_ERRORS_RETURN);
  // One access epoch for the window's whole life: its memory is read and written by plain loads and stores.
  if (code == MPI_SUCCESS) code = MPI_Win_lock_all(MPI_MODE_NOCHECK, (*window)->win);
  if (code == MPI_SUCCESS) code = touch_pages(base, bytes);
  return code;
}

int mmt_mpi_window_segment(const mmt_mpi_window *window, int rank, void **base, size_t *bytes) {
  MPI_Aint size = 0;
  int unit = 0;
  RETURN_FAILURE(MPI_Win_shared_query(window->win, rank, &size, &unit, base));
  *bytes = (size_t)size;
  return MPI_SUCCESS;
}

int mmt_mpi_window_free(mmt_mpi_window *window) {
  int code = MPI_Win_unlock_all(window->win);
  if (code == MPI_SUCCESS) code = MPI_Win_free(&window->win);
  free(window);
  return code;
}
