// MPI's shim on the ranks that a launcher starts: what every function does with sound arguments. MPI itself is not compiled
// with a sanitizer; what the shim hands it and gets back is looked at.
#include "CMPI.h"
#include "random.h"

static void check(int code, const char *what) {
  if (code == 0) return;
  char text[256];
  const size_t length = mmt_mpi_error_text(code, text, sizeof text);
  printf("ranks: %s: %.*s\n", what, (int)length, text);
  mmt_mpi_abort(1);
}

static void windows(const mmt_mpi_group *world) {
  mmt_mpi_group *node = NULL;
  check(mmt_mpi_split_node(world, &node), "split by node");
  int rank = 0, size = 0;
  check(mmt_mpi_rank(node, &rank), "rank");
  check(mmt_mpi_size(node, &size), "size");
  mmt_mpi_window *window = NULL;
  check(mmt_mpi_window_make(node, 4096, &window), "window");
  void *own = NULL;
  size_t bytes = 0;
  check(mmt_mpi_window_segment(window, rank, &own, &bytes), "own segment");
  memset(own, rank + 1, bytes);
  check(mmt_mpi_barrier(node), "barrier");
  for (int other = 0; other < size; other++) {
    void *segment = NULL;
    check(mmt_mpi_window_segment(window, other, &segment, &bytes), "segment");
    if (((uint8_t *)segment)[bytes - 1] != other + 1) mmt_mpi_abort(2);
  }
  check(mmt_mpi_barrier(node), "barrier");
  check(mmt_mpi_window_free(window), "free window");
  check(mmt_mpi_free_group(node), "free group");
}

static void transfers(const mmt_mpi_group *world, int rank, int size) {
  size_t *counts = block((size_t)size * sizeof *counts, sizeof(void *)), *offsets = block((size_t)size * sizeof *offsets, 8);
  size_t total = 0;
  for (int other = 0; other < size; other++) {
    counts[other] = (size_t)(other * 7 + 3);
    offsets[other] = total;
    total += counts[other];
  }
  uint8_t *all = noise(total), *mine = noise(counts[rank]);
  memset(mine, rank, counts[rank]);
  check(mmt_mpi_all_gather(world, mine, all, counts, offsets), "gather");
  if (all[total - 1] != size - 1) mmt_mpi_abort(3);
  check(mmt_mpi_broadcast(world, all, total, size - 1), "broadcast");
  size_t *each = block((size_t)size * sizeof *each, 8), *places = block((size_t)size * sizeof *places, 8);
  for (int other = 0; other < size; other++) each[other] = 5, places[other] = (size_t)other * 5;
  uint8_t *received = noise((size_t)size * 5);
  check(mmt_mpi_all_to_all(world, noise((size_t)size * 5), each, places, received, each, places), "all to all");
  float *values = floats(33);
  check(mmt_mpi_all_reduce_f32(world, values, 33), "all-reduce");
  mmt_mpi_progress();
}

int main(void) {
  int threads = 0, rank = 0, size = 0;
  check(mmt_mpi_start(&threads), "start");
  mmt_mpi_group *world = NULL, *part = NULL;
  check(mmt_mpi_world(&world), "world");
  check(mmt_mpi_rank(world, &rank), "rank");
  check(mmt_mpi_size(world, &size), "size");
  for (int round = 0; round < 50; round++) {
    transfers(world, rank, size);
    free_blocks();
  }
  windows(world);
  check(mmt_mpi_split(world, rank % 2 ? -1 : 0, rank, &part), "split");
  if (part) check(mmt_mpi_free_group(part), "free part");
  char version[8];
  mmt_mpi_library_version(version, sizeof version);
  check(mmt_mpi_free_group(world), "free world");
  check(mmt_mpi_finish(), "finish");
  if (rank == 0) printf("ranks: %d ranks, 50 rounds of every transfer\n", size);
}
