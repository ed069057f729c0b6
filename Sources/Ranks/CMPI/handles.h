#ifndef MMT_CMPI_HANDLES_H
#define MMT_CMPI_HANDLES_H

#include <mpi.h>

#include "CMPI.h"

struct mmt_mpi_group {
  MPI_Comm comm;
};

struct mmt_mpi_window {
  MPI_Win win;
};

// `result` of a call in a function that returns MPI's code: leave with it unless it is success.
#define RETURN_FAILURE(result)                \
  do {                                        \
    int code_ = (result);                     \
    if (code_ != MPI_SUCCESS) return code_;   \
  } while (0)

#endif
