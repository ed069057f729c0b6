// Sums over ranks, and the place where ranks meet, by threads: for the address sanitizer and for the thread sanitizer.
#include <pthread.h>
#include <stdatomic.h>

#include "CNodeMemory.h"
#include "random.h"

enum { RANKS = 4 };

static void sums(void) {
  const int ranks = 1 + (int)below(5);
  const size_t count = length(), first = below(count), part = 1 + below(count - first);
  float *rows[5];
  uint16_t *rounded[5];
  double *wide[5];
  int64_t *whole[5];
  for (int rank = 0; rank < ranks; rank++) {
    rows[rank] = floats(count);
    rounded[rank] = halves(count);
    wide[rank] = doubles(count);
    whole[rank] = block(count * sizeof(int64_t), sizeof(void *));
    for (size_t i = 0; i < count; i++) whole[rank][i] = (int64_t)random_bits() << below(24);
  }
  const int operation = (int)below(3);
  mmt_combine_f32(below(2) ? rows[0] : floats(count), (const void *const *)rows, ranks, count, operation);
  mmt_combine_f64(doubles(count), (const void *const *)wide, ranks, count, operation);
  mmt_combine_i64(below(2) ? whole[0] : block(count * sizeof(int64_t), sizeof(void *)), (const void *const *)whole, ranks,
                  count, operation);
  mmt_sum_copies(rows, ranks, first, part);
  mmt_sum_rows(below(2) ? rows[0] : floats(count), (const float *const *)rows, ranks, count);
  mmt_sum_bf16_rows(below(2) ? rounded[0] : halves(count), (const uint16_t *const *)rounded, ranks, count);
  mmt_to_bf16(halves(count), floats(count), count);
  mmt_from_bf16(floats(count), halves(count), count);
}

static mmt_team *team;
static int64_t shared[RANKS];  // written by its rank before it arrives, read by all after they have waited
static atomic_int wrong;

static void meet(int rank, int64_t call, const char *label) {
  const uint32_t ticket = mmt_team_arrive(team, rank, RANKS, 1, call, 7, label, strlen(label));
  int outcome;
  do outcome = mmt_team_wait(team, ticket, 100, 1000000000);
  while (outcome == MMT_TEAM_TIMEOUT);
  if (outcome != MMT_TEAM_MET || mmt_team_stranger(team, rank, RANKS) >= 0) atomic_fetch_add(&wrong, 1);
}

static void *run_rank(void *argument) {
  const int rank = (int)(intptr_t)argument;
  for (int64_t round = 0; round < 2000; round++) {
    shared[rank] = round;
    meet(rank, 2 * round, "written");
    for (int other = 0; other < RANKS; other++)
      if (shared[other] != round) atomic_fetch_add(&wrong, 1);
    if (mmt_team_arrivals(team, rank) == 0 || mmt_team_failed_rank(team) != -1) atomic_fetch_add(&wrong, 1);
    char label[MMT_LABEL_BYTES];
    int32_t kind;
    int64_t count;
    mmt_team_call(team, (rank + 1) % RANKS, rank, &kind, &count, label);
    meet(rank, 2 * round + 1, "a label that is longer than the sixty-four bytes that a team keeps of any label");
  }
  return NULL;
}

static void *wait_for_failure(void *argument) {
  const int rank = (int)(intptr_t)argument;
  if (rank == 2) {
    mmt_team_fail(team, rank);
    return NULL;
  }
  const uint32_t ticket = mmt_team_arrive(team, rank, RANKS, 1, 0, 0, "fail", 4);
  int outcome;
  do outcome = mmt_team_wait(team, ticket, 100, 1000000000);
  while (outcome == MMT_TEAM_TIMEOUT);
  if (outcome != MMT_TEAM_FAILED || mmt_team_failed_rank(team) != 2) atomic_fetch_add(&wrong, 1);
  return NULL;
}

static void with_ranks(void *(*body)(void *)) {
  team = calloc(1, mmt_team_bytes(RANKS));
  pthread_t threads[RANKS];
  for (int rank = 0; rank < RANKS; rank++) pthread_create(&threads[rank], NULL, body, (void *)(intptr_t)rank);
  for (int rank = 0; rank < RANKS; rank++) pthread_join(threads[rank], NULL);
  free(team);
}

int main(void) {
  for (int round = 0; round < 3000; round++) {
    sums();
    free_blocks();
  }
  with_ranks(run_rank);
  with_ranks(wait_for_failure);
  printf("node memory: 3000 rounds of sums, 4000 meetings of %d ranks, %d wrong\n", RANKS, wrong);
  return wrong != 0;
}
