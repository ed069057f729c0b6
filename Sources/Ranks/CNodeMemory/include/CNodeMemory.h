#ifndef MMT_NODE_MEMORY_H
#define MMT_NODE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

// What the ranks of one node do in memory that all of them see: meet, and add up their copies of an array.
// The memory may belong to one process (threads as ranks) or be a shared mapping (processes as ranks).

// The place where the ranks of a node meet. All zero bytes is its valid first state.
typedef struct mmt_team mmt_team;

size_t mmt_team_bytes(int ranks);

// Says that `rank` has come to the call described by kind, count, detail and label. Returns the ticket for
// mmt_team_wait. Everything this rank wrote before is visible to every rank that has waited for the same ticket.
uint32_t mmt_team_arrive(mmt_team *team, int rank, int ranks, int32_t kind, int64_t count, uint64_t detail,
                         const char *label, size_t label_length);

enum { MMT_TEAM_MET = 0, MMT_TEAM_TIMEOUT = 1, MMT_TEAM_FAILED = 2 };

// Waits until all ranks have arrived: `spins` looks at the memory first, then the kernel is asked to wake us, for at
// most `timeout_ns`. The caller repeats after MMT_TEAM_TIMEOUT.
int mmt_team_wait(mmt_team *team, uint32_t ticket, uint32_t spins, int64_t timeout_ns);

// Releases all who wait, now and later, with MMT_TEAM_FAILED. The first rank to fail is remembered.
void mmt_team_fail(mmt_team *team, int rank);
// The rank that failed first, or -1.
int mmt_team_failed_rank(const mmt_team *team);

// How often `rank` has arrived. A rank whose number is below the caller's own has not come yet. Any thread may ask.
uint64_t mmt_team_arrivals(const mmt_team *team, int rank);

// After waiting: the first rank that came to another call than `rank` did, or -1.
int mmt_team_stranger(const mmt_team *team, int rank, int ranks);
uint64_t mmt_team_signature(const mmt_team *team, int rank);

enum { MMT_LABEL_BYTES = 64 };
// After `asking` has waited: what `rank` came for. `label` receives at most MMT_LABEL_BYTES bytes; returns how many.
size_t mmt_team_call(const mmt_team *team, int rank, int asking, int32_t *kind, int64_t *count, char *label);

enum { MMT_SUM = 0, MMT_MAXIMUM = 1, MMT_MINIMUM = 2 };

// out[i] = rows[0][i] op rows[1][i] op …, in this order; out may be one of the rows. A NaN in any row gives NaN.
void mmt_combine_f32(float *out, const void *const *rows, int ranks, size_t count, int operation);
void mmt_combine_f64(double *out, const void *const *rows, int ranks, size_t count, int operation);
// Sums wrap around.
void mmt_combine_i64(int64_t *out, const void *const *rows, int ranks, size_t count, int operation);

// copies[r][i] = copies[0][i] + copies[1][i] + … for every r and for i in first ..< first + count.
void mmt_sum_copies(float *const *copies, int ranks, size_t first, size_t count);
// out[i] = rows[0][i] + rows[1][i] + … for i in 0 ..< count; out may be one of the rows.
void mmt_sum_rows(float *out, const float *const *rows, int ranks, size_t count);

// The nearest bfloat16, ties to even; NaN stays NaN.
void mmt_to_bf16(uint16_t *out, const float *in, size_t count);
void mmt_from_bf16(float *out, const uint16_t *in, size_t count);
// out[i] = the nearest bfloat16 to rows[0][i] + rows[1][i] + …, which is added in fp32; out may be one of the rows.
void mmt_sum_bf16_rows(uint16_t *out, const uint16_t *const *rows, int ranks, size_t count);

#endif
