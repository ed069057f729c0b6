import Checkpoints
import Files
import TestSupport
import Testing
import Verification

/// UNITER against what its authors' program computed, and against `Tests/Golden/uniter.py`.
@Suite struct UNITERCaseTests {
  private func expectRight(_ directory: String, _ file: String) throws {
    let report = try verify(model: directory, case: "\(directory)/\(file).safetensors")
    #expect(report.differing.isEmpty)
    for comparison in report.comparisons where !comparison.name.hasPrefix("gradient") {
      #expect(comparison.relative < 1e-5, "\(comparison.name) \(comparison.relative)")
    }
    let names = try SafetensorsFile(path: "\(directory)/\(file).safetensors").entries.map(\.name)
    #expect(Set(report.comparisons.map(\.name)) == Set(names.filter { !$0.hasPrefix("input.") }))
  }

  @Test(arguments: ["case", "case-regions", "case-answers"]) func everyArrayIsRight(_ file: String) throws {
    try expectRight(goldenDirectory + "/uniter-tiny", file)
  }

  private static let theirs = sharedDirectory.map { $0 + "/data/golden/uniter" }.flatMap { fileExists($0) ? $0 : nil }

  @Test(
    .enabled(if: theirs != nil, "the authors' numbers are not here"),
    arguments: ["case-mlm", "case-mrfr", "case-mrc", "case-mrckl", "case-itm-wra", "case-vqa"])
  func everyArrayOfTheirsIsRight(_ file: String) throws {
    try expectRight(#require(Self.theirs), file)
  }

  /// Where an image's tokens stand right behind its text's, the mask of both is the packing itself.
  @Test func theMaskOfPackedTokensIsTheirPacking() throws {
    let directory = goldenDirectory + "/uniter-tiny"
    let place = try TemporaryDirectory()
    let file = try SafetensorsFile(path: directory + "/case.safetensors")
    let packing = try file.integers("input.packed_attention_mask")
    let shape = try #require(file.entry(named: "input.packed_attention_mask")).shape
    let tensors = try file.entries.filter { $0.name.hasPrefix("input.") }.map { try file.tensor($0.name) }
    let mask = { (values: [Float]) in
      NamedTensor(name: "output.joint_mask", elementType: .float32, shape: shape, copying: values)
    }
    try writeSafetensors(tensors + [mask(packing.map { Float($0) })], to: place("case.safetensors"))
    let report = try verify(model: directory, case: place("case.safetensors"))
    #expect(report.differing.isEmpty && report.comparisons.map(\.name) == ["output.joint_mask"])
    try writeSafetensors(tensors + [mask(packing.map { 1 - Float($0) })], to: place("wrong.safetensors"))
    #expect(try verify(model: directory, case: place("wrong.safetensors")).differing.count == 1)
  }

  /// The losses whose elements or other scales are there too count once, and that of alignment a tenth.
  @Test(arguments: [
    ("case", ["loss.alignment", "loss.itm", "loss.mlm"]),
    ("case-regions", ["loss.region_class", "loss.region_feature", "loss.region_kl"]), ("case-answers", ["loss.vqa"]),
  ])
  func gradientsAreOfTheLossesThemselves(_ file: String, _ losses: [String]) throws {
    let directory = goldenDirectory + "/uniter-tiny"
    let report = try verify(model: directory, case: "\(directory)/\(file).safetensors")
    #expect(report.gradientsOf.sorted() == losses && report.unread.isEmpty)
  }
}
