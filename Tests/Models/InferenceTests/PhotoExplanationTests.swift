import Batching
import Files
import Foundation
import Images
import Inference
import Models
import Reporting
import TestSupport
import Testing

/// Photos and texts from their files to an explanation.
@Suite struct PhotoExplanationTests {
  private let place: TemporaryDirectory
  private let text = "two dogs on a beach"

  init() throws {
    place = try TemporaryDirectory()
    try writePhotos(["a.jpg"], in: place("photos"))
    _ = try TinyCLIP(in: place("clip"))
    try writeTinyViLT(in: place("vilt"))
  }

  private func explained(
    _ name: String, _ text: String, draws: Int = 2, regions: RegionFeatures? = nil
  ) throws -> (Explanation, LoadedModel) {
    let model = try LoadedModel(path: place(name), threads: 2)
    var settings = ExplanationSettings()
    (settings.steps, settings.draws) = (4, draws)
    let photos = try PhotoFiles(at: [place("photos/a.jpg")])
    return (
      try model.explain(photos, text, settings, regions: regions.map { regions in { _, _ in regions } }), model
    )
  }

  /// The score is what `match` says of the pair, and what deletion begins with.
  @Test(arguments: ["clip", "vilt"]) func theScoreIsThatOfMatch(_ name: String) throws {
    let (explanation, model) = try explained(name, text)
    let photos = try PhotoFiles(at: [place("photos/a.jpg")])
    let logit = try model.match(photos, [text]).scores.logits[0]
    let expected = logit / (model.logitFactor ?? 1)
    #expect(difference(explanation.score.value, expected, relative: 1e-4, floor: 1e-5) == nil)
    #expect((explanation.score.probability == nil) == (name == "clip"))
    for curve in [explanation.deletions.places, explanation.deletions.words] {
      #expect(abs(curve.scores[0] - explanation.score.shown) < 1e-5 && curve.random.count == 2)
      #expect(curve.scores.last == curve.random[0].last && curve.random[0].first == curve.scores[0])
    }
  }

  @Test(arguments: [("clip", 16), ("vilt", 4)]) func placesAndWordsAreThoseOfTheModel(_ name: String, _ places: Int)
    throws
  {
    let (explanation, _) = try explained(name, text)
    #expect(explanation.places.count == places && explanation.picture.width == 32)
    #expect(explanation.places.allSatisfy { $0.relevance >= 0 } && explanation.places.contains { $0.relevance > 0 })
    #expect(explanation.words.map(\.text).joined(separator: " ") == text)
    #expect(explanation.words.allSatisfy { $0.places.count == places && $0.relevance >= 0 })
    #expect(explanation.wordsStandAlone == (name == "clip") && !explanation.isTextCut)
    #expect(explanation.words.contains { $0.places.contains { $0 > 0 } })
  }

  /// Regions that are a tower's cells are places of the photo, and attention is followed through the tower and the join, past
  /// what stands for a task or for the whole image. In front of cells of convolutions there is no attention to follow.
  @Test(arguments: ["uniter-tiny", "vilbert-tiny"], [true, false])
  func cellsOfATowerArePlaces(_ golden: String, _ hasAttention: Bool) throws {
    let tower =
      hasAttention
      ? try readFile(goldenDirectory + "/vit-tiny/config.json") : Array(try JSONEncoder().encode(smallResNet(.basic)))
    try writeRegionModel(like: golden, tower: tower, in: place("regions"))
    let (explanation, _) = try explained("regions", "two dogs")
    #expect(explanation.places.count == (hasAttention ? 9 : 4) && explanation.words.map(\.text) == ["two", "dogs"])
    #expect(abs(explanation.places.reduce(0) { $0 + $1.box.area } - 1) < 1e-5)
    #expect(!explanation.wordsStandAlone && explanation.score.name == "match")
    #expect(explanation.places.contains { $0.relevance > 0 } && explanation.words.allSatisfy { $0.relevance > 0 })
  }

  /// Regions that a detector has found are places of the photo, which is shown as it is; one is taken away by being hidden.
  @Test(arguments: ["uniter-tiny", "vilbert-tiny"]) func regionsArePlaces(_ golden: String) throws {
    try writeRegionModel(like: golden, in: place("regions"))
    let width = golden == "uniter-tiny" ? 9 : 7
    let boxes: [Float] = [0, 0, 0.5, 1, 0.25, 0.25, 1, 0.75, 0, 0, 1, 1]
    let regions = try RegionFeatures(
      features: (0..<3 * width).map { Float16(0.25 * Double($0 * 7 % 11) - 1).bitPattern }, boxes: boxes)
    let (explanation, _) = try explained("regions", "two dogs", regions: regions)
    #expect(explanation.kind == .regions)
    let found = explanation.places.map { [$0.box.left, $0.box.top, $0.box.right, $0.box.bottom] }
    #expect(found.flatMap(\.self) == boxes, "the last is a region too, though it is the whole photo")
    #expect(explanation.places.contains { $0.relevance > 0 } && explanation.words.allSatisfy { $0.places.count == 3 })
    let curve = explanation.deletions.places
    #expect(curve.parts == 3 && abs(curve.scores[0] - explanation.score.shown) < 1e-5)
    #expect(curve.scores.last == curve.random[0].last && curve.scores[0] != curve.scores[1])
    // Of what has no features there is nothing to hide; a UNITER puts a row of its own in their place.
    guard golden == "vilbert-tiny" else { return }
    let blank = try RegionFeatures(features: [UInt16](repeating: 0, count: 3 * width), boxes: boxes)
    #expect(Set(try explained("regions", "two dogs", regions: blank).0.deletions.places.scores).count == 1)
  }

  @Test func regionsThatCannotBeReadSaySo() throws {
    try writeRegionModel(like: "uniter-tiny", in: place("regions"))
    let regions = try RegionFeatures(features: [UInt16](repeating: 0, count: 8), boxes: [0, 0, 1, 1])
    func refusal(_ name: String, _ regions: RegionFeatures?) -> InferenceError? {
      #expect(throws: InferenceError.self) { _ = try explained(name, text, regions: regions) }
    }
    let none = refusal("regions", nil)
    #expect(none?.exitCode == .configuration && none?.description.contains("--regions") == true)
    let idle = refusal("vilt", regions)
    #expect(idle?.exitCode == .configuration && idle?.description.contains("leave them out") == true)
    let narrow = refusal("regions", regions)
    #expect(narrow?.exitCode == .badData && narrow?.description.contains("a.jpg: its regions have 8 numbers") == true)
  }

  /// Cells of the last map, whatever stands behind them: tokens of stages, or a mean.
  @Test func cellsOfConvolutionsArePlaces() throws {
    try writeRegionModel(like: "mmbert-tiny", in: place("mmbert"))
    try makeDirectory(place("mobileclip"))
    for file in [
      "mobileclip-tiny/config.json", "layouts/openai/tokenizer.json", "mobileclip-tiny/open_clip_model.safetensors",
    ] {
      try writeAtomically(readFile("\(goldenDirectory)/\(file)"), to: place("mobileclip/" + lastComponent(of: file)))
    }
    for (name, text, places) in [("mmbert", "two dogs", 4), ("mobileclip", "ab cd", 4)] {
      let (explanation, _) = try explained(name, text)
      #expect(explanation.places.count == places && explanation.kind == .cells, "\(name)")
      #expect(abs(explanation.places.reduce(0) { $0 + $1.box.area } - 1) < 1e-5, "\(name)")
      #expect(explanation.places.contains { $0.relevance > 0 } && explanation.words.contains { $0.relevance > 0 })
      #expect(explanation.wordsStandAlone == (name == "mobileclip"))
      #expect(abs(explanation.deletions.places.scores[0] - explanation.score.shown) < 1e-5)
    }
  }

  /// Without any of its places a photo is one colour, whichever photo it is: the curves of all end alike but for that colour.
  @Test func whatIsTakenAwayIsGone() throws {
    let (explanation, model) = try explained("clip", text)
    try writeAtomically(
      encodeJPEG(Image(width: 8, height: 8, pixels: [UInt8](repeating: 90, count: 192)), quality: 95),
      to: place("photos/grey.jpg"))
    let grey = try model.explain(PhotoFiles(at: [place("photos/grey.jpg")]), text)
    #expect(
      Set(grey.deletions.places.scores.map { ($0 * 1e4).rounded() }).count == 1, "nothing to see, nothing to lose")
    #expect(Set(explanation.deletions.places.scores).count > 2)
  }

  @Test func aLongTextIsCut() throws {
    let long = (0..<20).map { _ in "dog" }.joined(separator: " ")
    let (explanation, _) = try explained("vilt", long)
    #expect(explanation.isTextCut && explanation.words.count < 20)
  }

  @Test func whatCannotBeExplainedSaysSo() throws {
    let model = try LoadedModel(path: place("vilt"), threads: 1)
    let photos = try PhotoFiles(at: [place("photos/a.jpg")])
    let error = #expect(throws: InferenceError.self) { _ = try model.explain(photos, "  ") }
    #expect(error?.exitCode == .badData && error?.description.contains("has no word") == true)
    try writeAtomically("no picture".utf8, to: place("photos/b.jpg"))
    let bad = #expect(throws: InferenceError.self) {
      _ = try model.explain(PhotoFiles(at: [place("photos/b.jpg")]), text)
    }
    #expect(bad?.exitCode == .badData && bad?.description.contains("b.jpg") == true)
  }
}
