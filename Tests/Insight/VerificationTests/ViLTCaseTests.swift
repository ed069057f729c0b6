import Checkpoints
import Files
import Reporting
import TestSupport
import Testing
import Verification

/// Models in which images and texts meet from the start, against what transformers made (`Tests/Golden/vilt.py`).
@Suite struct ViLTCaseTests {
  @Test(arguments: ["case", "case-answers"], [1, 3])
  func everyArrayIsRight(_ file: String, _ threads: Int) throws {
    let golden = goldenDirectory + "/vilt-tiny"
    let report = try verify(model: golden, case: "\(golden)/\(file).safetensors", threads: threads)
    #expect(report.differing.isEmpty && report.unread.isEmpty, "\(report.differing) \(report.unread)")
    let worst = report.comparisons.map(\.relative).max() ?? 1
    #expect(worst < 2e-5, "\(worst)")
    let names = try SafetensorsFile(path: "\(golden)/\(file).safetensors").entries.map(\.name)
    #expect(Set(report.comparisons.map(\.name)) == Set(names.filter { !$0.hasPrefix("input.") }))
  }

  /// A position that only the resized tables of two pictures read, and the row of images' modality.
  @Test(arguments: ["vilt.embeddings.position_embeddings", "vilt.embeddings.token_type_embeddings.weight"])
  func aChangedWeightIsNoticed(_ weight: String) throws {
    let copy = try ModelCopy(of: "vilt-tiny")
    try copy.changeWeights { $0[weight]?[30] += 0.05 }
    let report = try verify(model: copy.model, case: copy.file)
    #expect(report.differing.contains("output.text_states"))
  }

  /// The developer's data hold more: where image tokens are too, and how the first layer is entered.
  @Test(.enabled(if: sharedDirectory != nil, "needs shared beside the repository"), arguments: ["case", "case-vqa"])
  func largerCasesAreRight(_ file: String) throws {
    let golden = try #require(sharedDirectory) + "/data/golden/vilt"
    let report = try verify(model: golden, case: "\(golden)/\(file).safetensors", tolerance: 1e-5)
    #expect(report.differing.allSatisfy { $0.hasPrefix("gradient.") }, "\(report.differing)")
    #expect((report.comparisons.map(\.relative).max() ?? 1) < 1e-4)
  }
}
