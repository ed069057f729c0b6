import Files
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

    /// A copy without links, as file systems without them make it: every command finds what they would point at.
    @Test func lastAndBestAreFoundWithoutLinks() throws {
      let (place, workshop) = (try TemporaryDirectory(), try Workshop.open())
      let run = place("run")
      try FileManager.default.copyItem(atPath: workshop.unbroken, toPath: run)
      try writePhotos(["a.jpg"], in: place("photos"))
      // The last one is the best as well: without it, the newest is of step 38 and knows of another one.
      for name in ["last", "best", "checkpoints/step-0000040"] { try removeTree(run + "/" + name) }
      let newest = "checkpoints/step-0000038"
      let state = try JSONSerialization.jsonObject(
        with: Data(readFile(run + "/\(newest)/training_state/state.json")))
      let best = try #require(((state as? [String: Any])?["best"] as? [String: Any])?["step"] as? Int)
      #expect(best < 38)
      let links = [
        (name: run + "/last", target: newest),
        (name: run + "/best", target: "checkpoints/step-00000\(best < 10 ? "0" : "")\(best)"),
      ]
      for link in links {
        let checkpoint = run + "/" + link.target
        for (number, command) in commands(place, workshop).enumerated() {
          let ranks = Ranks(number == 0 ? 2 : 1)
          let (named, meant) = (try ranks.run(command(link.name)), try ranks.run(command(checkpoint)))
          #expect(named.status == 0, "\(named.errors)")
          #expect(!named.output.isEmpty)
          #expect(named.output.replacingOccurrences(of: link.name, with: checkpoint) == meant.output)
        }
        let features = try [link.name, checkpoint].map { model in
          _ = try Ranks(1).run(
            ["embed", "--model", model, "--images", place("photos"), "--output", place("features"), "--threads", "1"])
          return try readFile(place("features"))
        }
        #expect(features[0] == features[1])
        let on = TinyRun.long(data: workshop.data, output: place("on-" + lastComponent(of: link.name)))
        let result = try Ranks(1).run(on.arguments + ["--resume", link.name])
        #expect(result.status == 0, "\(result.errors)")
        let log = String(decoding: try readFile(on.output + "/metrics.jsonl"), as: UTF8.self)
        let step = try #require(link.target.split(separator: "-").last.flatMap { Int($0) })
        #expect(log.hasPrefix("{\"event\":\"start\",\"step\":\(step),"), "\(log.prefix(200))")
      }
      let result = try Ranks(1).run(["inspect", run + "/first"])
      #expect(result.status == 66, "no other name is made up")
    }

    /// Each with a model; what they print tells them apart.
    private func commands(_ place: TemporaryDirectory, _ workshop: Workshop) -> [(String) -> [String]] {
      [
        { ["evaluate", "--checkpoint", $0, "--data", workshop.data, "--threads", "1", "--json"] },
        { ["match", "--model", $0, "--image", place("photos"), "--text", "a red circle", "a cat", "--json"] },
        { ["inspect", $0, "--json"] },
        { ["inspect", $0 + "/model.safetensors", "--json"] },
        {
          try? removeTree(place("exported"))
          return ["export", "--model", $0, "--to", "huggingface", "--output", place("exported"), "--json"]
        },
      ]
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
