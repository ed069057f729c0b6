#include <stdlib.h>

#include "handles.h"

// MPI_COMM_NULL becomes NULL.
static int wrap(MPI_Comm comm, mmt_mpi_group **group) {
  *group = NULL;
  if (comm == MPI_COMM_NULL) return MPI_SUCCESS;
  *group = malloc(sizeof **group);
  if (*group == NULL) return MMT_MPI_NO_MEMORY;
  (*group)->comm = comm;
  return MPI_SUCCESS;
}

// A copy, so that our messages can never be taken for those of another library in this process.
int mmt_mpi_world(mmt_mpi_group **group) {
  MPI_Comm comm = MPI_COMM_NULL;
  RETURN_FAILURE(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
  return wrap(comm, group);
}

int mmt_mpi_split_node(const mmt_mpi_group *group, mmt_mpi_group **node) {
  MPI_Comm comm = MPI_COMM_NULL;
  int rank = 0;
  RETURN_FAILURE(MPI_Comm_rank(group->comm, &rank));
  RETURN_FAILURE(MPI_Comm_split_type(group->comm, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &comm));
  return wrap(comm, node);
}

int mmt_mpi_split(const mmt_mpi_group *group, int colour, int key, mmt_mpi_group **part) {
  MPI_Comm comm = MPI_COMM_NULL;
  RETURN_FAILURE(MPI_Comm_split(group->comm, colour < 0 ? MPI_UNDEFINED : colour, key, &comm));
  return wrap(comm, part);
}

int mmt_mpi_free_group(mmt_mpi_group *group) {
  int code = MPI_Comm_free(&group->comm);
  free(group);
  return code;
}

int mmt_mpi_rank(const mmt_mpi_group *group, int *rank) { return MPI_Comm_rank(group->comm, rank); }

int mmt_mpi_size(const mmt_mpi_group *group, int *size) { return MPI_Comm_size(group->comm, size); }
