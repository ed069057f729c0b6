import Files
import Foundation
import Privacy
import Randomness
import TestSupport
import Testing

extension UnderMPIRun {
  /// A private run that is killed at random moments and started again, over and over: whatever was used of it is in the ledger, and what was
  /// taken again is the same.
  @Suite struct PrivateKillTests {
    private let directory: TemporaryDirectory
    private let data: String

    init() throws {
      directory = try TemporaryDirectory()
      data = try Workshop.open().data
    }

    private func run(_ name: String) -> TinyRun {
      TinyRun(
        data: data, output: directory(name), steps: 40,
        settings: [
          "objective.contrastive=0", "objective.matching=0", "objective.masked_text=1", "model.text.causal=false",
          "privacy.clip=1",
          "privacy.noise=1", "checkpoint.every_steps=7", "evaluation.split=none",
        ])
    }

    private func ledger(_ name: String) throws -> PrivacyLedger {
      try PrivacyLedger(path: directory(name + "/privacy.jsonl"))
    }

    /// A directory with the secret of another run, of which no step was taken yet.
    private func lend(_ name: String, from other: String) throws {
      let lines = try readFile(directory(other + "/privacy.jsonl"))
      let end = try #require(lines.firstIndex(of: UInt8(ascii: "\n")))
      try makeDirectory(directory(name))
      try writeAtomically(lines[...end], to: directory(name + "/privacy.jsonl"))
      try writeAtomically(readFile(directory(other + "/privacy.key")), to: directory(name + "/privacy.key"))
      chmod(directory(name + "/privacy.key"), 0o600)
    }

    /// How many moments is said by `MMTRAIN_KILLS`; where it does not, a few.
    @Test func theLedgerNeverCountsTooLittle() throws {
      #expect(try Ranks(1).run(run("first").arguments).status == 0)
      try lend("whole", from: "first")
      let start = Date()
      #expect(try Ranks(1).run(run("whole").arguments).status == 0)
      let seconds = Date().timeIntervalSince(start)
      let moments = Int(ProcessInfo.processInfo.environment["MMTRAIN_KILLS"] ?? "") ?? 6
      var (kills, random) = (0, RandomStream(seed: 11, 78))
      while kills < moments {
        try removeTree(directory("run"))
        try lend("run", from: "first")
        var isOver = false
        while kills < moments, !isOver {
          let process = try Ranks(1).start(run("run").arguments)
          Thread.sleep(forTimeInterval: seconds * Double(random.integer(below: 1000)) / 1000)
          process.send(SIGKILL)
          isOver = try process.wait().status == 0
          if !isOver { kills += 1 }
          try expectNothingIsMissing()
        }
      }
      // Who goes on with it, and with how many ranks, has no bearing.
      #expect(try Ranks(2).run(run("run").arguments).status == 0)
      #expect(try ledger("run").run == ledger("whole").run && ledger("run").run.map(\.steps) == [40])
      for file in ["model.safetensors", "training_state/optimizer.safetensors"] {
        #expect(
          try sha256(ofFile: directory("run/last/" + file)) == sha256(ofFile: directory("whole/last/" + file)),
          "\(file)")
      }
    }

    /// Every step whose result was used, for a log or for a checkpoint, is in the ledger.
    private func expectNothingIsMissing() throws {
      let counted = try ledger("run").lastStep
      let log = directory("run/metrics.jsonl")
      let lines = fileExists(log) ? String(decoding: try readFile(log), as: UTF8.self) : ""
      let told = lines.matches(of: /"event":"step","step":([0-9]+)/).compactMap { Int($0.1) }.max() ?? 0
      let saved =
        isDirectory(directory("run/checkpoints"))
        ? try directoryEntries(directory("run/checkpoints")).filter { !$0.contains(".") }
          .compactMap { Int($0.dropFirst("step-".count)) }.max() ?? 0 : 0
      #expect(counted >= told && counted >= saved, "\(counted) steps in the ledger, \(told) in the log, \(saved) saved")
    }
  }
}
