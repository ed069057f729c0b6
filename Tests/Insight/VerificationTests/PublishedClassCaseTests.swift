import Checkpoints
import TestSupport
import Testing
import Verification

/// A published AST with its head against transformers (`Tests/Golden/clips.py`).
@Suite struct PublishedClassCaseTests {
  private static let golden = goldenDirectory + "/ast-classes"

  @Test(arguments: [1, 3]) func everyArrayIsRight(_ threads: Int) throws {
    let report = try verify(model: Self.golden, case: Self.golden + "/case.safetensors", threads: threads)
    #expect(report.differing.isEmpty)
    for comparison in report.comparisons where !comparison.name.hasPrefix("gradient") {
      #expect(comparison.difference < 1e-5, "\(comparison.name) \(comparison.difference)")
    }
    let names = try SafetensorsFile(path: Self.golden + "/case.safetensors").entries.map(\.name)
    #expect(Set(report.comparisons.map(\.name)) == Set(names.filter { !$0.hasPrefix("input.") }))
    #expect(report.unread == ["input.waveform"])
  }
}
