import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// Measurements do not depend on how the work is shared.
  @Suite struct EvaluationTests {
    @Test func aRunIsNoCheckpoint() throws {
      let workshop = try Workshop.open()
      let result = try Ranks(1).run(["evaluate", "--checkpoint", workshop.unbroken, "--data", workshop.data])
      #expect(result.status == 66)
      #expect(result.errors.contains("is a run with several checkpoints; name one: \(workshop.unbroken)/best or "))
    }

    @Test(arguments: ["test", "validation"])
    func theSameDocumentOnAnyNumberOfRanks(split: String) throws {
      let workshop = try Workshop.open()
      let arguments = [
        "evaluate", "--checkpoint", workshop.unbroken + "/last", "--data", workshop.data, "--split", split,
        "--rerank", "5", "--threads", "1", "--json",
      ]
      let alone = try Ranks(1).run(arguments)
      #expect(alone.status == 0, "\(alone.errors)")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any])
      #expect(document["images"] as? Int == (split == "test" ? 14 : 16))
      #expect(document["captions"] as? Int == (split == "test" ? 70 : 80))
      for key in ["image_to_text", "text_to_image", "matching", "reranked"] { #expect(document[key] != nil) }
      for ranks in [Ranks(2), Ranks(4), Ranks(4, nodeSize: 2)] {
        let together = try ranks.run(arguments)
        #expect(together.status == 0, "\(ranks): \(together.errors)")
        #expect(together.output == alone.output, "\(ranks)")
      }
    }

    @Test func aMissingCheckpointIs66() throws {
      let result = try Ranks(2).run(
        ["evaluate", "--checkpoint", nowhere, "--data", try Workshop.open().data, "--threads", "1"])
      #expect(result.status == 66)
      #expect(result.errors.contains("error: rank 0: \(nowhere)"))
    }
  }
}
