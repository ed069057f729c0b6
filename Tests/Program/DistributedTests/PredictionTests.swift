import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// What is told of photos does not depend on how they are shared.
  @Suite struct PredictionTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    private static let sizes = [
      "model.name=cross-attention", "model.vision.image_size=16", "model.vision.patch_size=8", "model.vision.width=16",
      "model.vision.layers=1", "model.vision.heads=2", "model.text.width=16", "model.text.layers=1",
      "model.text.heads=2", "model.embedding_width=16", "model.fusion.width=16", "model.fusion.layers=1",
      "model.fusion.heads=2", "batch.global=8", "schedule.steps=2", "schedule.warmup_steps=0", "evaluation.split=none",
      "precision=fp32", "data.workers=1",
    ]

    private func train(_ name: String, _ settings: [String]) throws -> String {
      let all = (Self.sizes + settings).flatMap { ["--set", $0] }
      let result = try Ranks(1).run(["train", "--output", place(name)] + all)
      #expect(result.status == 0, "\(result.errors)")
      return place(name + "/last")
    }

    /// 70 photos of three chunks, two of which cannot be read.
    private func photos() throws -> String {
      try writePhotos((0..<70).map { "\(100 + $0).jpg" }, in: place("photos"))
      for name in ["101.jpg", "168.jpg"] { try writeAtomically(Array("GIF89a".utf8), to: place("photos/" + name)) }
      return place("photos")
    }

    /// The bytes of a table, a page and lines on one, two and three ranks.
    private func expectTheSame(
      _ model: [String], _ more: [String], photos: String, forms: [String] = ["--page", "--json-lines"]
    ) throws {
      for form in forms {
        var outputs: [String] = []
        for ranks in [1, 2, 3] {
          let page = place("page\(ranks).html")
          let result = try Ranks(ranks).run(
            ["predict", "--model"] + model + ["--image", photos, "--skip-bad", "--threads", "1"] + more + [form]
              + (form == "--page" ? [page] : []))
          #expect(result.status == 0, "\(ranks) ranks: \(result.errors)")
          let written = form == "--page" ? String(decoding: try readFile(page), as: UTF8.self) : ""
          outputs.append(result.output + written)
          #expect(result.errors.components(separatedBy: "168.jpg").count == 2, "said once: \(result.errors)")
        }
        #expect(outputs[1] == outputs[0] && outputs[2] == outputs[0], "\(form)")
        #expect(outputs[0].contains("169.jpg") && outputs[0].count > 1000)
      }
    }

    @Test func classesOfOneAndOfSeveralModels() throws {
      let photos = try photos()
      let rows = (0..<70).filter { ![1, 68].contains($0) }.map {
        "\(100 + $0).jpg,\($0 % 2 == 0 ? "even" : "odd"),\($0 < 50 ? "train" : "validation")\n"
      }
      try writeAtomically(("file,kind,split\n" + rows.joined()).utf8, to: place("photos/table.csv"))
      let prepared = try Ranks(1).run(
        [
          "prepare", "--images", photos, "--columns", "image=file,label:kind=kind,split=split", "--max-bad-fraction",
          "0.1", "--output",
          place("set"),
        ])
      #expect(prepared.status == 0, "\(prepared.errors)")
      let models = try (0..<2).map {
        try train("run\($0)", ["task.name=classification", "data.path=\(place("set"))", "seed=\($0)"])
      }
      try expectTheSame([models[0]], [], photos: photos)
      try expectTheSame(models, [], photos: photos)
      let documents = try [1, 2, 3].map { ranks in
        let result = try Ranks(ranks).run(
          ["evaluate", "--checkpoint"] + models + ["--data", place("set"), "--split", "validation", "--threads", "1"])
        #expect(result.status == 0, "\(result.errors)")
        return result.output
      }
      #expect(Set(documents).count == 1 && documents[0].contains("accuracy"))
    }

    @Test func answersAndBoxes() throws {
      let (data, photos) = (try Workshop.open().data, try photos())
      let answering = try train("vqa", ["task.name=answering", "data.path=\(data)"])
      try expectTheSame([answering], ["--question", "is there a circle?", "what colour is it?"], photos: photos)
      let boxes = try train("boxes", ["task.name=grounding", "data.path=\(data)"])
      try expectTheSame([boxes], ["--text", "small red circle", "the square"], photos: photos)
    }

    @Test func publishedHeads() throws {
      let folder = goldenDirectory + "/predictions"
      let photos = try photos()
      try expectTheSame([folder + "/answers"], ["--question", "how many dogs?", "--top", "2"], photos: photos)
      try expectTheSame(
        [folder + "/words"], ["--text", "two [MASK] on the [MASK]."], photos: photos, forms: ["--json"])
    }

    /// One photo for three ranks, and a bad one that ends all after what came before it was told.
    @Test func fewerPhotosThanRanksAndABadOne() throws {
      let model = goldenDirectory + "/predictions/answers"
      let photos = try photos()
      let ask = ["--question", "how many dogs?", "--threads", "1", "--json-lines"]
      let one = try [1, 3].map { ranks in
        try Ranks(ranks).run(["predict", "--model", model, "--image", photos + "/100.jpg"] + ask)
      }
      #expect(one[0].status == 0 && one[1].output == one[0].output && one[0].output.contains("100.jpg"))
      try removeTree(photos + "/101.jpg")
      for ranks in [1, 2, 3] {
        let result = try Ranks(ranks).run(["predict", "--model", model, "--image", photos] + ask)
        #expect(result.status == 65 && result.errors.contains("168.jpg: not a JPEG, PNG or WebP"), "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 67 && lines.last?.contains("167.jpg") == true, "\(ranks) ranks: \(lines.count)")
      }
    }

    /// Who reads the first lines and leaves ends the program without a word: there is more to tell than a pipe holds.
    @Test func aReaderMayLeave() throws {
      try writePhotos((0..<70).map { "\(100 + $0).jpg" }, in: place("sound"))
      let questions = (0..<9).map { "'how many \($0)?'" }.joined(separator: " ")
      let command =
        "\"\(builtProgram)\" predict --model \"$0\" --image \"$1\" --question \(questions) --json-lines --threads 1 2>\"$2\""
        + " | head -n 1"
      let result = try run(
        "/bin/sh", ["-c", command, goldenDirectory + "/predictions/answers", place("sound"), place("errors")])
      #expect(result.output.split(separator: "\n").count == 1 && result.output.contains("100.jpg"))
      #expect(try readFile(place("errors")).isEmpty)
    }
  }
}
