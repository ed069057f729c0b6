import Files
import Foundation
import Reporting
import TestSupport
import Testing
import mmtrain

/// How the program ends, and that what went wrong is said once, on standard error only.
@Suite struct ExitCodeTests {
  @Test(arguments: [
    ["--help"], ["train", "--help"], ["prepare", "--help"], ["evaluate", "--help"], ["inspect", "--help"],
    ["doctor", "--help"], ["--version"],
  ])
  func helpIsNoError(arguments: [String]) throws {
    let result = try Program.run(Program.path, arguments)
    #expect(result.exitCode == 0)
    #expect(!result.output.isEmpty)
    #expect(result.errors.isEmpty)
  }

  @Test(arguments: [
    ["nonsense"], ["train", "--nonsense"], ["train", "--ranks", "0"], ["train", "--ranks", "many"],
    ["train", "--json"],
    ["evaluate"], ["inspect"], ["prepare", "--output", "x"], ["prepare", "a", "--archive", "b", "--output", "x"],
    ["doctor", "--threads", "-1"], ["calibrate", "--checkpoint", "a", "--data", "b", "--risk", "1"],
    ["calibrate", "--checkpoint", "a", "--data", "b", "--confidence", "0"],
    ["calibrate", "--checkpoint", "a", "--data", "b", "--coverage", "nan"],
    ["calibrate", "--checkpoint", "a", "--data", "b", "--sets", "all"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let result = try Program.run(Program.path, arguments)
    #expect(result.exitCode == 64)
    #expect(result.errors.hasPrefix("error: "))
    #expect(result.errors.contains("Usage:"))
    #expect(result.output.isEmpty)
  }

  @Test(arguments: [
    "optimizer.lr=1", "seed=x", "batch.global=1", "precision=fp8", "model.name=clap", "nonsense",
  ])
  func aWrongConfigurationIs78(setting: String) throws {
    let result = try Program.run("--set", setting)
    #expect(result.exitCode == 78)
    #expect(result.errors.hasPrefix("error: --set"))
    #expect(result.errors.components(separatedBy: "error:").count == 2)
    #expect(result.output.isEmpty)
  }

  @Test func aMisspeltCommandIsGuessed() throws {
    let result = try Program.run("evalute", "--checkpoint", "x")
    #expect(result.exitCode == 64)
    #expect(result.errors.hasSuffix("Did you mean 'mmtrain evaluate'?\n"))
    #expect(try !Program.run("train", "--colour").errors.contains("Did you mean 'mmtrain"))
  }

  @Test func aMissingConfigurationIs66() throws {
    let result = try Program.run("--config", "\(nowhere)/run.yaml", "--dry-run")
    #expect(result.exitCode == 66)
    #expect(result.errors == "error: \(nowhere)/run.yaml: no such file or directory; check the path\n")
  }

  @Test func aRankIsNamedOnce() {
    struct Failure: ReportableError {
      let description: String
      var exitCode: ExitCode { .network }
    }
    #expect(ErrorReport(Failure(description: "rank 0: lost")).text(rank: 0) == "error: rank 0: lost")
    #expect(ErrorReport(Failure(description: "lost")).text(rank: 0) == "error: rank 0: lost")
    #expect(ErrorReport(Failure(description: "rank 1: lost")).text(rank: 0) == "error: rank 0: rank 1: lost")
    #expect(ErrorReport(Failure(description: "lost")).text(rank: nil) == "error: lost")
  }

  @Test func placesInTheFileAreNamed() throws {
    let path = FileManager.default.temporaryDirectory.path + "/mmtrain-\(UUID().uuidString).yaml"
    try writeAtomically(Array("model: { name: clip }\noptimizer:\n  learning_rat: 1e-4\n".utf8), to: path)
    defer { try? removeTree(path) }
    let result = try Program.run("train", "--config", path)
    #expect(result.exitCode == 78)
    #expect(
      result.errors
        == "error: \(path):3:3: unknown key optimizer.learning_rat; did you mean optimizer.learning_rate?\n")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
  func aFullDiskIs74() throws {
    let result = try Program.run("/bin/sh", ["-c", "exec '\(Program.path)' --dry-run > /dev/full"])
    #expect(result.exitCode == 74)
    #expect(result.errors.contains("No space left on device"))
  }

  @Test func anOutputThatCannotBeMadeIs73() throws {
    let path = FileManager.default.temporaryDirectory.path + "/mmtrain-\(UUID().uuidString)"
    try writeAtomically(Array("a file\n".utf8), to: path)
    defer { try? removeTree(path) }
    let result = try Program.run("train", "--output", path + "/run")
    #expect(result.exitCode == 73)
    #expect(result.errors.contains(path))
  }

  @Test func aReaderThatLeavesEndsTheProgramQuietly() throws {
    let command = "{ sleep 0.3; '\(Program.path)' --dry-run; echo $? >&2; } | true"
    let result = try Program.run("/bin/sh", ["-c", command])
    #expect(result.errors == "141\n")
  }
}
