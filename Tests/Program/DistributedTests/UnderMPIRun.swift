import TestSupport
import Testing

/// All tests of this folder, one after another: each of them starts the built program on several ranks, and the ranks
/// of two tests at once would only wait for each other.
@Suite(
  .serialized, .timeLimit(.minutes(3)),
  .enabled(if: hasOpenMPI, "there is no Open MPI here: no mpirun of its kind is on the PATH"))
struct UnderMPIRun {}

/// Whether Open MPI's mpirun can be started.
private let hasOpenMPI: Bool = {
  let result = try? run("/usr/bin/env", ["mpirun", "--version"])
  return result?.status == 0 && result?.output.contains("Open MPI") == true
}()
