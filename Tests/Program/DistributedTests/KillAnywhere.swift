import Files
import Foundation
import Randomness
import TestSupport
import Testing

/// Runs of two ranks, each of which loses one rank, or both, to SIGKILL at a random moment and is started again. The
/// moment may be anywhere: before the first step, in a save, in the validation, just before the end.
struct KillAnywhere {
  let trials: Int
  let seed: UInt64

  struct Result {
    var kills = 0
    /// Runs that were over before their moment came.
    var tooLate = 0
    /// Steps that were done again, of each kill.
    var lostSteps: [Int] = []
    /// Final weights or moments that were not the unbroken run's.
    var differences: [String] = []

    var meanLostSteps: Double { Double(lostSteps.reduce(0, +)) / Double(max(1, lostSteps.count)) }
  }

  func callAsFunction() throws -> Result {
    let workshop = try Workshop.open()
    let directory = try TemporaryDirectory()
    let whole = TinyRun.long(data: workshop.data, output: directory("whole"))
    let start = Date()
    #expect(try Ranks(2).run(whole.arguments).status == 0)
    let seconds = Date().timeIntervalSince(start)
    let expected = try hashes(whole)
    var random = RandomStream(seed: seed, 77)
    var result = Result()
    while result.kills < trials {
      let run = TinyRun.long(data: workshop.data, output: directory("run"))
      let moment = Double(random.integer(below: 10_000)) / 10_000 * seconds
      let victims = [[0], [1], [0, 1]][random.integer(below: 3)]
      try removeTree(run.output)
      guard try breakOff(run, after: moment, victims, directory) else {
        result.tooLate += 1
        continue
      }
      result.kills += 1
      let reached = try stepLines(of: run.output).last?.step ?? 0
      let again = try Ranks(2).run(run.arguments)
      result.lostSteps.append(max(0, reached - (resumedStep(again.errors) ?? 0)))
      let found = again.status == 0 ? try hashes(run) : ["exit code \(again.status): \(again.errors)"]
      if found != expected {
        result.differences.append("killed \(victims) after \(moment) s (seed \(seed), trial \(result.kills)): \(found)")
      }
    }
    return result
  }

  /// - Returns: false where the run had ended before.
  private func breakOff(
    _ run: TinyRun, after seconds: Double, _ victims: [Int], _ directory: TemporaryDirectory
  ) throws -> Bool {
    for rank in 0..<2 { try removeTree(directory("process-\(rank)")) }
    let process = try Ranks(2).start(
      run.arguments, shell: #"echo $$ > "$PROCESS_OF_RANK$OMPI_COMM_WORLD_RANK"; exec "$@""#,
      environment: ["PROCESS_OF_RANK": directory("process-")])
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline || !victims.allSatisfy({ isThere(directory("process-\($0)")) }) {
      guard process.isRunning else { return false }
      Thread.sleep(forTimeInterval: 0.001)
    }
    for victim in victims { kill(try processNumber(directory("process-\(victim)")), SIGKILL) }
    return try process.wait().status != 0
  }

  private func isThere(_ path: String) -> Bool { (try? treeSize(path)) ?? 0 > 1 }

  private func hashes(_ run: TinyRun) throws -> [String] {
    try ["model.safetensors", "training_state/optimizer.safetensors"].map {
      try sha256(ofFile: run.output + "/last/" + $0)
    } + [linkTarget(run.output + "/last") ?? "no link"]
  }
}

/// The step after which a run says that it goes on.
func resumedStep(_ said: String) -> Int? {
  guard let range = said.range(of: "going on after step ") else { return nil }
  return Int(said[range.upperBound...].prefix { $0.isNumber })
}

extension UnderMPIRun {
  @Suite struct KillTests {
    /// A few of what `Endurance` does for long.
    @Test func killedAnywhereTheRunEndsWithTheSameBytes() throws {
      let result = try KillAnywhere(trials: 6, seed: 5)()
      #expect(result.differences == [])
      #expect(result.kills == 6)
    }
  }
}

/// How long these last is said by the environment; docs/reliability.md has the commands and what they found.
@Suite(.serialized, .enabled(if: killsAreAskedFor))
struct EnduranceTests {
  @Test func killedAnywhere() throws {
    let environment = ProcessInfo.processInfo.environment
    let trials = Int(environment["MMTRAIN_KILLS"] ?? "") ?? 200
    let seed = UInt64(environment["MMTRAIN_SEED"] ?? "") ?? 1
    let result = try KillAnywhere(trials: trials, seed: seed)()
    #expect(result.differences == [])
    print(
      "kill-anywhere: \(result.kills) kills (seed \(seed)), \(result.tooLate) runs were over before, "
        + "\(result.differences.count) ended otherwise, "
        + "\((result.meanLostSteps * 100).rounded() / 100) steps lost in the mean, \(result.lostSteps.max() ?? 0) at most"
    )
  }
}

private let killsAreAskedFor: Bool = ProcessInfo.processInfo.environment["MMTRAIN_KILLS"] != nil
