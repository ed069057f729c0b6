internal import ArgumentParser
internal import Collectives
internal import Reporting

/// `mmtrain self-test`: whether the ranks of this launch exchange what they should.
///
/// Not in the list of commands: it is for tests, and for the day on which somebody suspects an installation of MPI.
/// MMTRAIN_NODE_SIZE tries the way between nodes on one machine.
struct SelfTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "self-test",
    abstract: "Make every collective call between the ranks of this launch and check every result.",
    discussion: "mpirun -n 4 mmtrain self-test",
    shouldDisplay: false)

  func run() throws {
    _ = try withRanks { communicator in
      let lines = try runCollectiveSelfTest(communicator)
      if communicator.rank == 0 { try printResult(lines.map { $0 + "\n" }.joined()) }
      return .success
    }
  }
}
