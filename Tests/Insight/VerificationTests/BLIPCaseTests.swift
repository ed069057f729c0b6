import Checkpoints
import Files
import Reporting
import TestSupport
import Testing
import Verification

/// The three forms of BLIP against what transformers made (`Tests/Golden/blip.py`): states, logits, losses, gradients, and texts
/// that it wrote.
@Suite struct BLIPCaseTests {
  @Test(arguments: ["captioning", "answering", "retrieval"], [1, 3])
  func everyArrayIsRight(_ form: String, _ threads: Int) throws {
    let golden = goldenDirectory + "/blip-tiny/" + form
    let report = try verify(model: golden, case: golden + "/case.safetensors", threads: threads)
    #expect(report.differing.isEmpty && report.unread.isEmpty, "\(report.differing) \(report.unread)")
    let worst = report.comparisons.map(\.relative).max() ?? 1
    #expect(worst < 2e-5, "\(worst)")
    let names = try SafetensorsFile(path: golden + "/case.safetensors").entries.map(\.name)
    #expect(Set(report.comparisons.map(\.name)) == Set(names.filter { !$0.hasPrefix("input.") }))
  }

  /// The attention to the image, and the table of words that the head reads backwards.
  @Test(
    arguments: [
      "text_decoder.bert.encoder.layer.1.crossattention.self.value.weight",
      "text_decoder.bert.embeddings.word_embeddings.weight",
    ])
  func aChangedWeightIsNoticed(_ weight: String) throws {
    let copy = try ModelCopy(of: "blip-tiny/captioning")
    try copy.changeWeights { $0[weight]?[30] += 0.5 }
    let report = try verify(model: copy.model, case: copy.file)
    #expect(report.differing.contains("output.logits") && report.differing.contains("loss.caption_smoothed"))
    #expect(!report.differing.contains("output.image_states"))
  }

  /// The developer's data hold more: prompts, and a least length.
  @Test(.enabled(if: sharedDirectory != nil, "needs shared beside the repository"))
  func aLargerCaseIsRight() throws {
    let golden = try #require(sharedDirectory) + "/data/golden/blip"
    let report = try verify(model: golden, case: golden + "/case.safetensors", tolerance: 1e-5)
    #expect(report.differing.isEmpty, "\(report.differing)")
  }
}
