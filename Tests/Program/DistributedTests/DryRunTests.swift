import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// `--dry-run` finds what the run would be refused for, says it in the same words and ends with the same code.
  @Suite struct DryRunTests {
    private let directory: TemporaryDirectory
    private let data: String

    init() throws {
      directory = try TemporaryDirectory()
      data = try Workshop.open().data
    }

    @Test(arguments: [
      (["--set", "data.path=\(nowhere)"], 66), (["--set", "data.split=dev"], 66),
      (["--set", "evaluation.split=dev"], 66), (["--set", "batch.global=65"], 78),
      (["--set", "schedule.epochs=2", "--set", "schedule.warmup_steps=9"], 78),
      (["--resume", nowhere], 66), (["--resume", "never", "--output", "USED"], 73),
      (["--output", "USED", "--set", "seed=1"], 78), (["--output", "FILE/run"], 73),
      (["--set", "initialize.weights=USED/last/training_state/optimizer.safetensors"], 78),
      (["--set", "initialize.weights=USED/last/model.safetensors"], 0), ([], 0),
    ])
    func endsAsTheRunDoes(arguments: [String], code: Int) throws {
      let used = directory("used")
      try FileManager.default.copyItem(atPath: Workshop.open().unbroken, toPath: used)
      try writeAtomically([], to: directory("file"))
      let given = arguments.map { $0.replacing("USED", with: used).replacing("FILE", with: directory("file")) }
      let common = TinyRun(data: data, output: directory("run"), steps: 2).arguments.filter {
        $0 != "schedule.steps=2" || !given.contains("schedule.epochs=2")
      }
      let command = pairsKept(common) + given
      let before = try directoryEntries(directory.path)
      let dry = try Ranks(1).run(command + ["--dry-run"])
      #expect(try directoryEntries(directory.path) == before, "nothing is made")
      let run = try Ranks(1).run(command)
      #expect(dry.status == Int32(code) && run.status == Int32(code), "\(dry.errors) \(run.errors)")
      func lastWords(_ text: String) -> Substring? { text.split(separator: "\n").last { $0.hasPrefix("error: ") } }
      #expect(lastWords(dry.errors) == lastWords(run.errors))
    }

    /// A directory that another run holds.
    @Test func seesAnotherRunsLock() throws {
      let run = TinyRun(data: data, output: directory("run"), steps: 2)
      let lock = try DirectoryLock(directory("run"))
      let dry = try Ranks(1).run(run.arguments + ["--dry-run"])
      #expect(dry.status == 73 && dry.errors.contains("is in use by process "), "\(dry.errors)")
      withExtendedLifetime(lock) {}
    }

    /// Drops a `--set` whose value was filtered out.
    private func pairsKept(_ arguments: [String]) -> [String] {
      zip(arguments, arguments.dropFirst() + [""]).filter { $0 != "--set" || $1.contains("=") }.map(\.0)
    }
  }
}
