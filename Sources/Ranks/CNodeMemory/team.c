#define _GNU_SOURCE
#include "CNodeMemory.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// A barrier whose sense is a counter: the last to arrive moves `generation` on, and that is what the others wait for.
// Each hot word has a cache line of its own.

typedef struct {
  uint64_t signature;
  int64_t count;
  int32_t kind;
  int32_t label_length;
  char label[MMT_LABEL_BYTES];
} call_record;

typedef struct {
  alignas(64) _Atomic uint64_t arrivals;
  // Two, used in turn: a rank may already write its next call while a slower one still reads this one, but it cannot
  // be two calls ahead.
  call_record calls[2];
} rank_slot;

struct mmt_team {
  alignas(64) _Atomic uint32_t generation;  // the futex word
  alignas(64) _Atomic uint32_t arrived;
  alignas(64) _Atomic uint32_t sleepers;
  _Atomic uint32_t failed;  // 1 + the rank that failed first
  rank_slot slots[];
};

static const uint64_t fnv_offset = 0xcbf29ce484222325u;
static const uint64_t fnv_prime = 0x100000001b3u;

static uint64_t mix(uint64_t hash, const void *bytes, size_t count) {
  const unsigned char *byte = bytes;
  for (size_t i = 0; i < count; ++i) hash = (hash ^ byte[i]) * fnv_prime;
  return hash;
}

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Not FUTEX_PRIVATE: the word may lie in memory shared between processes.
static void wake_all(_Atomic uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

size_t mmt_team_bytes(int ranks) { return sizeof(mmt_team) + (size_t)ranks * sizeof(rank_slot); }

uint32_t mmt_team_arrive(mmt_team *team, int rank, int ranks, int32_t kind, int64_t count, uint64_t detail,
                         const char *label, size_t label_length) {
  rank_slot *slot = &team->slots[rank];
  uint64_t number = atomic_load_explicit(&slot->arrivals, memory_order_relaxed) + 1;
  call_record *call = &slot->calls[number & 1];
  call->kind = kind;
  call->count = count;
  call->label_length = label_length < MMT_LABEL_BYTES ? (int32_t)label_length : MMT_LABEL_BYTES;
  memcpy(call->label, label, (size_t)call->label_length);
  uint64_t hash = mix(fnv_offset, &kind, sizeof kind);
  hash = mix(hash, &count, sizeof count);
  hash = mix(hash, &detail, sizeof detail);
  call->signature = mix(hash, label, label_length);
  atomic_store_explicit(&slot->arrivals, number, memory_order_release);

  // Read before arriving: afterwards the last one may move it on at any time.
  uint32_t ticket = atomic_load_explicit(&team->generation, memory_order_relaxed);
  // Release: my writes happen before the release of the last one's store below. Acquire: it has seen all of them.
  if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == (uint32_t)ranks) {
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    // Sequentially consistent with `sleepers`: either we see the sleeper, or it sees the new generation.
    atomic_fetch_add_explicit(&team->generation, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&team->sleepers, memory_order_seq_cst) != 0) wake_all(&team->generation);
  }
  return ticket;
}

static int outcome(const mmt_team *team) {
  return atomic_load_explicit(&team->failed, memory_order_acquire) != 0 ? MMT_TEAM_FAILED : MMT_TEAM_MET;
}

int mmt_team_wait(mmt_team *team, uint32_t ticket, uint32_t spins, int64_t timeout_ns) {
  for (uint32_t spin = 0;; ++spin) {
    if (atomic_load_explicit(&team->generation, memory_order_acquire) != ticket) return outcome(team);
    if (outcome(team) == MMT_TEAM_FAILED) return MMT_TEAM_FAILED;
    if (spin >= spins) break;
    pause_briefly();
  }
  struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
  atomic_fetch_add_explicit(&team->sleepers, 1, memory_order_seq_cst);
  int result = MMT_TEAM_MET;
  while (atomic_load_explicit(&team->generation, memory_order_seq_cst) == ticket) {
    long woken = syscall(SYS_futex, &team->generation, FUTEX_WAIT, ticket, &timeout, NULL, 0);
    if (woken == -1 && errno == ETIMEDOUT) {
      result = MMT_TEAM_TIMEOUT;
      break;
    }
  }
  atomic_fetch_sub_explicit(&team->sleepers, 1, memory_order_relaxed);
  // It may have moved on at the very end of the timeout.
  if (atomic_load_explicit(&team->generation, memory_order_acquire) != ticket) return outcome(team);
  return result;
}

void mmt_team_fail(mmt_team *team, int rank) {
  uint32_t none = 0;
  atomic_compare_exchange_strong(&team->failed, &none, (uint32_t)rank + 1);
  // Nobody meets here again, so the generation may be moved on to let all waiting ranks out.
  atomic_fetch_add_explicit(&team->generation, 1, memory_order_seq_cst);
  wake_all(&team->generation);
}

int mmt_team_failed_rank(const mmt_team *team) {
  return (int)atomic_load_explicit(&team->failed, memory_order_acquire) - 1;
}

uint64_t mmt_team_arrivals(const mmt_team *team, int rank) {
  return atomic_load_explicit(&team->slots[rank].arrivals, memory_order_acquire);
}

// The call that the ranks have just met for: the caller's own newest one, at the same place for all.
static const call_record *met_call(const mmt_team *team, int rank, int asking) {
  uint64_t number = atomic_load_explicit(&team->slots[asking].arrivals, memory_order_relaxed);
  return &team->slots[rank].calls[number & 1];
}

int mmt_team_stranger(const mmt_team *team, int rank, int ranks) {
  uint64_t mine = met_call(team, rank, rank)->signature;
  for (int other = 0; other < ranks; ++other)
    if (met_call(team, other, rank)->signature != mine) return other;
  return -1;
}

uint64_t mmt_team_signature(const mmt_team *team, int rank) { return met_call(team, rank, rank)->signature; }

size_t mmt_team_call(const mmt_team *team, int rank, int asking, int32_t *kind, int64_t *count, char *label) {
  const call_record *call = met_call(team, rank, asking);
  *kind = call->kind;
  *count = call->count;
  memcpy(label, call->label, (size_t)call->label_length);
  return (size_t)call->label_length;
}
