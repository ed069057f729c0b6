import Files
import Foundation
import TestSupport
import Testing

@Suite struct TrainCommandTests {
  @Test func aDryRunShowsWhereValuesComeFrom() throws {
    let result = try Program.run("--set", "model.preset=small", "--output", "runs/x", "--dry-run")
    #expect(result.exitCode == 0)
    #expect(result.errors.isEmpty)
    let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.contains("preset: small # --set"))
    #expect(lines.contains("image_size: 112 # preset small"))
    #expect(lines.contains("output: runs/x # --output"))
    #expect(lines.contains("seed: 0 # built-in"))
  }

  @Test func aDryRunIsAConfigurationFile() throws {
    let settings = ["--set", "seed=7", "--set", "model.name=cross-attention", "--set", "schedule.steps=90"]
    let first = try Program.run(Program.path, settings + ["--dry-run", "--json"])
    let text = try Program.run(Program.path, settings + ["--dry-run"]).output
    let path = FileManager.default.temporaryDirectory.path + "/mmtrain-\(UUID().uuidString).yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let second = try Program.run("--config", path, "--dry-run", "--json")
    let (a, b) = (try configuration(first.output), try configuration(second.output))
    #expect(a == b)
    #expect((a["schedule"] as? [String: Any])?["steps"] as? Int == 90)
  }

  @Test(.enabled(if: Program.hasMPIRun, "there is no Open MPI here"))
  func ranksShowTheCommandThatWouldRun() throws {
    let result = try Program.run("--ranks", "2", "--threads", "1", "--dry-run")
    #expect(result.exitCode == 0)
    #expect(result.output.hasPrefix("# would run: "))
    #expect(result.output.contains(" -n 2 "))
    #expect(result.output.contains("--threads 1\n"))
  }

  @Test(.enabled(if: Program.hasMPIRun, "there is no Open MPI here"))
  func oneRankSpeaksForAll() throws {
    let arguments = ["mpirun", "-n", "2", "--oversubscribe", Program.path, "--set", "seed=x"]
    let result = try Program.run("/usr/bin/env", arguments)
    #expect(result.exitCode == 78)
    #expect(result.errors.components(separatedBy: "error: rank").count == 2)
    #expect(result.errors.contains("error: rank 0: --set seed=x: seed: 'x' is not a whole number"))
  }

  @Test(.enabled(if: Program.hasMPIRun, "there is no Open MPI here"))
  func ranksWithinRanksAreRefused() throws {
    let arguments = ["mpirun", "-n", "2", "--oversubscribe", Program.path, "--ranks", "2"]
    let result = try Program.run("/usr/bin/env", arguments)
    #expect(result.exitCode == 64)
    #expect(result.errors.contains("--ranks starts ranks, and mpirun (Open MPI) has done so already"))
  }

  /// What cannot be followed is not taken for followed.
  @Test(arguments: [
    ("MMTRAIN_HANG_SECONDS", "ten"), ("MMTRAIN_HANG_SECONDS", "-1"), ("MMTRAIN_HANG_SECONDS", "nan"),
    ("MMTRAIN_NODE_SIZE", "0"), ("MMTRAIN_NODE_SIZE", "2 "), ("MMTRAIN_ROOM_CHECK", "no"), ("MMTRAIN_RESTART", "-1"),
    ("MMTRAIN_KEEP_BLAS_CORE", "yes"),
  ])
  func aVariableThatHoldsNoNumberIsRefused(name: String, value: String) throws {
    let result = try Program.run("train", "--dry-run", environment: [name: value])
    #expect(result.exitCode == 78)
    #expect(result.errors.hasPrefix("error: \(name)=\(value) is not "), "\(result.errors)")
  }

  @Test(arguments: [("MMTRAIN_HANG_SECONDS", "0.5"), ("MMTRAIN_HANG_SECONDS", "inf"), ("MMTRAIN_ROOM_CHECK", "")])
  func aVariableThatHoldsANumberIsTaken(name: String, value: String) throws {
    #expect(try Program.run("train", "--dry-run", environment: [name: value]).exitCode == 0)
  }

  @Test func ofTwoFilesNoneIsDropped() throws {
    let place = try TemporaryDirectory()
    try writeAtomically("seed: 5\nbatch: { global: 16 }\n".utf8, to: place("a.yaml"))
    try writeAtomically("batch: { global: 32 }\n".utf8, to: place("b.yaml"))
    let result = try Program.run("--config", place("a.yaml"), "--config", place("b.yaml"), "--dry-run", "--json")
    let found = try configuration(result.output)
    #expect(found["seed"] as? Int == 5 && (found["batch"] as? [String: Any])?["global"] as? Int == 32)
  }

  @Test func withoutMPIRunTheWayIsShown() throws {
    for more in [[], ["--dry-run"]] {
      let result = try Program.run(Program.path, ["--ranks", "2"] + more, environment: ["PATH": nowhere])
      #expect(result.exitCode == 66)
      #expect(result.errors.contains("no mpirun on the PATH; install Open MPI"))
    }
  }

  private func configuration(_ text: String) throws -> NSDictionary {
    let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(document?["configuration"] as? NSDictionary)
  }
}
