import Collectives
import CollectivesMPI
import Reporting
import Testing

@Suite struct CollectiveErrorTests {
  @Test func messagesSayWhoWhereAndWhatToDo() {
    let error = CollectiveError.ranksDisagree(rank: 0, mine: "barrier 'a'", other: 1, theirs: "barrier '\u{1b}[2J'")
    #expect(error.description.contains("rank 0 came to barrier 'a', but rank 1 to barrier '\\u{1b}[2J'"))
    let memory = MPIError.noSharedMemory(label: "gradients", rank: 2, bytes: 100, message: "full")
    #expect(memory.description.contains("--shm-size"))
    #expect(memory.exitCode == .inputOutput)
    let size = MPIError.otherSize(
      Launch(launcher: "srun", ranks: 4, rank: 0, variable: "SLURM_STEP_NUM_TASKS"), found: 1)
    #expect(size.description.contains("srun announces 4 ranks (SLURM_STEP_NUM_TASKS), but MPI finds 1"))
    #expect(size.exitCode == .configuration)
  }

  @Test func anotherLibraryOnARankIsRefused() throws {
    let numbers = ["Open MPI v4.1.4", "Open MPI v4.1.4", "Open MPI v4.1.6"].map {
      Int64(truncatingIfNeeded: libraryNumber($0))
    }
    try requireSameLibrary(Array(numbers.prefix(2)), "Open MPI v4.1.4")
    let error = #expect(throws: MPIError.self) { try requireSameLibrary(numbers, "Open MPI v4.1.4") }
    #expect(error?.exitCode == .ranksDisagree)
    #expect(error?.description.contains("on rank 2 than here (Open MPI v4.1.4)") == true)
  }

  @Test func libraryIsKnownWithoutStartingIt() {
    #expect(MPICommunicator.library.contains("MPI"))
  }
}
