#ifndef MMT_CMPI_H
#define MMT_CMPI_H

#include <stddef.h>
#include <stdint.h>

// MPI behind plain C types: its constants are cast macros and its handles differ between implementations, so none of
// them can cross into Swift. Every function returns MPI's error code, 0 for success, or one of the codes below.

enum {
  MMT_MPI_TOO_LARGE = -1,         // a count that MPI's int cannot carry
  MMT_MPI_NO_MEMORY = -2,         // malloc failed
  MMT_MPI_NO_SHARED_MEMORY = -3,  // the pages of a window cannot be had
};

typedef struct mmt_mpi_group mmt_mpi_group;    // a communicator
typedef struct mmt_mpi_window mmt_mpi_window;  // a shared window

// What MPI grants: calls from one thread of several, or from several at once.
enum { MMT_MPI_FUNNELED = 1, MMT_MPI_MULTIPLE = 2 };
// Starts MPI, asking for MPI_THREAD_MULTIPLE, and asks it to return errors. `threads` is one of the above, or 0 for less.
int mmt_mpi_start(int *threads);
int mmt_mpi_finish(void);
// Ends all ranks. Callable before mmt_mpi_start and after mmt_mpi_finish too.
_Noreturn void mmt_mpi_abort(int code);
// MPI's own words for an error code; returns the number of bytes written, without a terminating zero.
size_t mmt_mpi_error_text(int code, char *text, size_t capacity);
size_t mmt_mpi_library_version(char *text, size_t capacity);
// Lets MPI move messages that are under way.
void mmt_mpi_progress(void);

// All ranks of the job. A handle is freed with mmt_mpi_free_group.
int mmt_mpi_world(mmt_mpi_group **group);
// The ranks that share memory with this one.
int mmt_mpi_split_node(const mmt_mpi_group *group, mmt_mpi_group **node);
// Ranks with the same colour, ordered by key. A negative colour: this rank is in none, *part becomes NULL.
int mmt_mpi_split(const mmt_mpi_group *group, int colour, int key, mmt_mpi_group **part);
int mmt_mpi_free_group(mmt_mpi_group *group);
int mmt_mpi_rank(const mmt_mpi_group *group, int *rank);
int mmt_mpi_size(const mmt_mpi_group *group, int *size);

int mmt_mpi_barrier(const mmt_mpi_group *group);
int mmt_mpi_broadcast(const mmt_mpi_group *group, void *bytes, size_t count, int root);
// mine NULL: this rank's bytes are already at their place in all. Counts and offsets in bytes, one per rank.
int mmt_mpi_all_gather(const mmt_mpi_group *group, const void *mine, void *all, const size_t *counts,
                       const size_t *offsets);
int mmt_mpi_all_to_all(const mmt_mpi_group *group, const void *send, const size_t *send_counts,
                       const size_t *send_offsets, void *receive, const size_t *receive_counts,
                       const size_t *receive_offsets);
// In place. mmtrain adds up by itself, in rank order; this is what measurements compare with.
int mmt_mpi_all_reduce_f32(const mmt_mpi_group *group, float *values, size_t count);

// `bytes` of this rank's own in memory that all ranks of `node` can address, zeroed, with the pages in place.
int mmt_mpi_window_make(const mmt_mpi_group *node, size_t bytes, mmt_mpi_window **window);
int mmt_mpi_window_segment(const mmt_mpi_window *window, int rank, void **base, size_t *bytes);
int mmt_mpi_window_free(mmt_mpi_window *window);

#endif
