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
    let size = MPIError.otherSize(launcher: "srun", announced: 4, found: 1)
    #expect(size.description.contains("srun announces 4 ranks, but MPI finds 1"))
    #expect(size.exitCode == .configuration)
  }

  @Test func libraryIsKnownWithoutStartingIt() {
    #expect(MPICommunicator.library.contains("MPI"))
  }
}
