#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "handles.h"

// MPI 3 counts in int. Single arrays are cut into pieces; the many-part calls are refused beyond it, because every rank
// would have to cut alike: their caller works in rounds that stay far below.

static const size_t piece_bytes = (size_t)1 << 30;

int mmt_mpi_barrier(const mmt_mpi_group *group) { return MPI_Barrier(group->comm); }

int mmt_mpi_broadcast(const mmt_mpi_group *group, void *bytes, size_t count, int root) {
  for (size_t done = 0; done < count; done += piece_bytes) {
    size_t length = count - done < piece_bytes ? count - done : piece_bytes;
    RETURN_FAILURE(MPI_Bcast((char *)bytes + done, (int)length, MPI_BYTE, root, group->comm));
  }
  return MPI_SUCCESS;
}

int mmt_mpi_all_reduce_f32(const mmt_mpi_group *group, float *values, size_t count) {
  const size_t piece = piece_bytes / sizeof(float);
  for (size_t done = 0; done < count; done += piece) {
    size_t length = count - done < piece ? count - done : piece;
    RETURN_FAILURE(MPI_Allreduce(MPI_IN_PLACE, values + done, (int)length, MPI_FLOAT, MPI_SUM, group->comm));
  }
  return MPI_SUCCESS;
}

// `lists` lists of `ranks` sizes as ints, one after the other; NULL where memory or the range of int runs out.
static int *as_ints(const size_t *const *lists, int count, int ranks, int *code) {
  int *ints = malloc(sizeof(int) * (size_t)count * (size_t)ranks + 1);
  *code = ints == NULL ? MMT_MPI_NO_MEMORY : MPI_SUCCESS;
  for (int list = 0; ints != NULL && list < count; ++list)
    for (int rank = 0; rank < ranks; ++rank) {
      if (lists[list][rank] > INT_MAX) *code = MMT_MPI_TOO_LARGE;
      ints[list * ranks + rank] = (int)lists[list][rank];
    }
  return ints;
}

int mmt_mpi_all_gather(const mmt_mpi_group *group, const void *mine, void *all, const size_t *counts,
                       const size_t *offsets) {
  int ranks = 0, rank = 0, code = MPI_SUCCESS;
  RETURN_FAILURE(MPI_Comm_size(group->comm, &ranks));
  RETURN_FAILURE(MPI_Comm_rank(group->comm, &rank));
  const size_t *lists[] = {counts, offsets};
  int *ints = as_ints(lists, 2, ranks, &code);
  if (code == MPI_SUCCESS)
    code = MPI_Allgatherv(mine == NULL ? MPI_IN_PLACE : mine, mine == NULL ? 0 : ints[rank], MPI_BYTE, all, ints,
                          ints + ranks, MPI_BYTE, group->comm);
  free(ints);
  return code;
}

int mmt_mpi_all_to_all(const mmt_mpi_group *group, const void *send, const size_t *send_counts,
                       const size_t *send_offsets, void *receive, const size_t *receive_counts,
                       const size_t *receive_offsets) {
  int ranks = 0, code = MPI_SUCCESS;
  RETURN_FAILURE(MPI_Comm_size(group->comm, &ranks));
  const size_t *lists[] = {send_counts, send_offsets, receive_counts, receive_offsets};
  int *ints = as_ints(lists, 4, ranks, &code);
  if (code == MPI_SUCCESS)
    code = MPI_Alltoallv(send, ints, ints + ranks, MPI_BYTE, receive, ints + 2 * ranks, ints + 3 * ranks, MPI_BYTE,
                         group->comm);
  free(ints);
  return code;
}
