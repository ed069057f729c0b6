import Checkpoints
import Files
import TestSupport
import Testing
import Verification

/// ViLBERT against what its authors' program computed, and against `Tests/Golden/vilbert.py`.
@Suite struct ViLBERTCaseTests {
  private func expectRight(_ directory: String, _ file: String) throws {
    let report = try verify(model: directory, case: "\(directory)/\(file).safetensors")
    #expect(report.differing.isEmpty)
    for comparison in report.comparisons where !comparison.name.hasPrefix("gradient.") {
      #expect(comparison.relative < 1e-5, "\(comparison.name) \(comparison.relative)")
    }
    let names = try SafetensorsFile(path: "\(directory)/\(file).safetensors").entries.map(\.name)
    let compared = names.filter { !$0.hasPrefix("input.") && !$0.hasPrefix("parameter.") }
    #expect(Set(report.comparisons.map(\.name)) == Set(compared))
  }

  @Test(arguments: ["case", "case-tasks"]) func everyArrayIsRight(_ file: String) throws {
    try expectRight(goldenDirectory + "/vilbert-tiny", file)
  }

  private static let theirs = sharedDirectory.map { $0 + "/data/golden/vilbert" }.flatMap { fileExists($0) ? $0 : nil }

  @Test(.enabled(if: theirs != nil), arguments: ["case", "case-feature", "case-vqa", "case-task-token"])
  func everyArrayOfTheirsIsRight(_ file: String) throws {
    try expectRight(#require(Self.theirs), file)
  }
}
