import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// What a model says of photos does not depend on how they are shared.
  @Suite struct InferenceTests {
    @Test func theSameFileAndTheSameDocumentOnAnyNumberOfRanks() throws {
      let directory = try TemporaryDirectory()
      let model = try TinyCLIP(in: directory("model")).path
      try writePhotos((0..<70).map { "class\($0 % 3)/\($0).jpg" }, in: directory("photos"))
      try writeAtomically((0..<400).map { "text \($0) of many\n" }.joined().utf8, to: directory("texts"))
      try writeAtomically(Array("GIF89a".utf8), to: directory("photos/class1/bad.jpg"))
      var documents: [String] = []
      for ranks in [Ranks(1), Ranks(2), Ranks(4)] {
        let embedded = try ranks.run(
          [
            "embed", "--model", model, "--images", directory("photos"), "--texts", directory("texts"), "--skip-bad",
            "--threads", "1", "--output", directory("f\(ranks.count)"),
          ])
        #expect(embedded.status == 0, "\(embedded.errors)")
        #expect(embedded.errors.components(separatedBy: "bad.jpg").count == 2, "said once: \(embedded.errors)")
        let classified = try ranks.run(
          ["zeroshot", "--model", model, "--data", directory("photos"), "--skip-bad", "--threads", "1", "--json"])
        #expect(classified.status == 0, "\(classified.errors)")
        documents.append(classified.output)
      }
      let alone = try readFile(directory("f1"))
      for ranks in [2, 4] { #expect(try readFile(directory("f\(ranks)")) == alone, "\(ranks) ranks") }
      #expect(Set(documents).count == 1)
    }

    @Test func aBadPhotoEndsAllRanks() throws {
      let directory = try TemporaryDirectory()
      let model = try TinyCLIP(in: directory("model")).path
      try writePhotos((0..<40).map { "\($0).jpg" }, in: directory("photos"))
      try writeAtomically(Array("GIF89a".utf8), to: directory("photos/zz.jpg"))
      let result = try Ranks(2).run(
        ["embed", "--model", model, "--images", directory("photos"), "--threads", "1", "--output", directory("f")])
      #expect(result.status == 65)
      #expect(result.errors.contains("zz.jpg: not a JPEG, PNG or WebP but a GIF picture"))
      #expect(!fileExists(directory("f")))
    }
  }
}
