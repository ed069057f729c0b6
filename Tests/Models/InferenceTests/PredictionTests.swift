import Batching
import Collectives
import Files
import Foundation
import Images
import Inference
import Pretrained
import Reporting
import TestSupport
import Testing

/// Answers and words of models that transformers has written, from files and strings, are transformers'
/// (`Tests/Golden/predictions.py`).
@Suite struct PredictionTests {
  private struct Expected: Decodable {
    struct Told: Decodable {
      let answer: String
      let score: Float
    }

    let photo: String
    let text: String
    let logits: [[Float]]
    let best: [Told]?
  }

  private static let folder = goldenDirectory + "/predictions"
  private static let photos = ["wide.jpg", "tall.jpg", "square.jpg"]

  private func expected(_ kind: String, in folder: String = folder) throws -> [Expected] {
    let all = try JSONDecoder().decode(
      [String: [Expected]].self, from: Data(readFile(folder + "/expected.json")))
    return try #require(all[kind])
  }

  private func predicted(
    _ directory: String, _ queries: [Query], top: Int, of photos: [String] = photos, chunk: Int = 32, ranks: Int = 1
  ) throws -> PredictedPhotos {
    try InProcessCommunicator.run(ranks: ranks) { communicator in
      var settings = PhotoEncoding()
      settings.chunk = chunk
      return try LoadedModel(path: directory, threads: 1).predict(
        PhotoFiles(at: photos.map { $0.hasPrefix("/") ? $0 : Self.folder + "/" + $0 }), queries, top: top, settings,
        communicator)
    }[0]
  }

  /// Of all things that may be said in a place, in the order of their numbers.
  private func logits(_ choices: [Choice]) -> [Float] { choices.sorted { $0.number < $1.number }.map(\.logit) }

  private func isEqual(_ choices: [Choice], _ expected: [Float]) -> Bool {
    difference(logits(choices), expected, relative: 1e-4, floor: 1e-6) == nil
  }

  @Test func answersAreTransformers() throws {
    let expected = try expected("answers")
    let questions = Array(Set(expected.map(\.text))).sorted()
    let all = try predicted(Self.folder + "/answers", questions.map { .question($0) }, top: 7)
    #expect(expected.count == 6 && all.places == [0, 1, 2] && all.cutTexts == 0)
    for wanted in expected {
      let photo = try #require(Self.photos.firstIndex(of: wanted.photo))
      let told = all.predictions[photo][try #require(questions.firstIndex(of: wanted.text))][0]
      #expect(isEqual(told, wanted.logits[0]), "\(wanted.photo), \(wanted.text)")
      let best = try #require(wanted.best)
      #expect(told.prefix(3).map(\.text) == best.map(\.answer))
      #expect(difference(told.prefix(3).map(\.probability), best.map(\.score), relative: 1e-4) == nil)
    }
  }

  /// Of models of regions, whose regions are the cells of an image tower here (`Tests/Golden/answers.py`).
  @Test(arguments: ["uniter", "vilbert"]) func answersOfModelsOfRegionsArePyTorchs(_ name: String) throws {
    let folder = goldenDirectory + "/answers"
    let expected = try expected(name, in: folder)
    let questions = Array(Set(expected.map(\.text))).sorted()
    let all = try predicted(folder + "/" + name, questions.map { .question($0) }, top: 5)
    #expect(expected.count == 6 && all.places == [0, 1, 2])
    for wanted in expected {
      let photo = try #require(Self.photos.firstIndex(of: wanted.photo))
      let told = all.predictions[photo][try #require(questions.firstIndex(of: wanted.text))][0]
      #expect(isEqual(told, wanted.logits[0]), "\(wanted.photo), \(wanted.text)")
      #expect(Set(told.map(\.text)) == ["yes", "no", "two", "a red bus", "café"])
    }
  }

  @Test func hiddenWordsAreTransformers() throws {
    let expected = try expected("words")
    let texts = Array(Set(expected.map(\.text))).sorted()
    let all = try predicted(Self.folder + "/words", texts.map { .maskedText($0) }, top: 33)
    #expect(expected.count == 6)
    for wanted in expected {
      let photo = try #require(Self.photos.firstIndex(of: wanted.photo))
      let told = all.predictions[photo][try #require(texts.firstIndex(of: wanted.text))]
      #expect(told.count == wanted.logits.count && told.count == wanted.text.matches(of: /\[MASK\]/).count)
      for (choices, logits) in zip(told, wanted.logits) {
        #expect(isEqual(choices, logits), "\(wanted.photo), \(wanted.text)")
        #expect(abs(choices.map(\.probability).reduce(0, +) - 1) < 1e-5)
        #expect(choices[0].number == logits.indices.max { logits[$0] < logits[$1] })
      }
    }
  }

  /// Photos that are looked at together have margins, which nobody looks at; ranks share them out.
  @Test(arguments: [(1, 1), (1, 2), (2, 3)]) func neitherNeighboursNorRanksMatter(_ chunk: Int, _ ranks: Int) throws {
    let queries = [Query.question("What is on the beach?"), .question("how many cats?"), .question("How many cats?")]
    let all = try predicted(Self.folder + "/answers", queries, top: 7)
    let some = try predicted(Self.folder + "/answers", queries, top: 7, chunk: chunk, ranks: ranks)
    for (a, b) in zip(all.predictions.joined(), some.predictions.joined()) {
      #expect(difference(logits(b[0]), logits(a[0]), relative: 1e-5, floor: 1e-5) == nil)
    }
    #expect(all.predictions.allSatisfy { $0[1] == $0[2] }, "letters are made small")
    let best = try predicted(Self.folder + "/answers", queries, top: 2)
    for told in best.predictions.joined() {
      let choices = told[0]
      #expect(choices.count == 2 && choices[0].logit >= choices[1].logit)
    }
  }

  @Test func whatAModelCannotSayIsRefused() throws {
    func refusal(_ directory: String, _ query: Query) throws -> InferenceError? {
      #expect(throws: InferenceError.self) { try predicted(Self.folder + "/" + directory, [query], top: 1) }
    }
    let answers = try refusal("words", .question("how many?"))
    #expect(answers?.exitCode == .configuration && answers?.description.contains("no head that answers") == true)
    let words = try refusal("answers", .maskedText("two [MASK]"))
    #expect(words?.exitCode == .configuration && words?.description.contains("no head that tells hidden words") == true)
    // The authors' own files name no answers.
    let place = try TemporaryDirectory()
    for file in ["model.safetensors", "tokenizer.json"] {
      try writeAtomically(readFile(goldenDirectory + "/answers/vilbert/" + file), to: place(file))
    }
    let named = String(decoding: try readFile(goldenDirectory + "/answers/vilbert/config.json"), as: UTF8.self)
    let unnamed = named.replacing(/,\s*"(id2label|label2id)": \{[^}]*\}/, with: "")
    #expect(unnamed.count < named.count && !unnamed.contains("label2id"))
    try writeAtomically(Array(unnamed.utf8), to: place("config.json"))
    let nameless = #expect(throws: InferenceError.self) {
      try predicted(place.path, [.question("how many?")], top: 1)
    }
    #expect(nameless?.description.contains("knows 5 answers, and its config.json does not name them") == true)
    let none = try refusal("words", .maskedText("two dogs"))
    #expect(none?.exitCode == .badData && none?.description.contains("\"two dogs\" hides no word") == true)
    let late = String(repeating: "two ", count: 20) + "[MASK]"
    #expect(try refusal("words", .maskedText(late))?.description.contains("among the 16 tokens") == true)
  }

  /// A line of pixels has no second side once it is as short as the model reads it.
  @Test func aPictureThatIsALineIsLeftOut() throws {
    let place = try TemporaryDirectory()
    let line = Image(width: 900, height: 3, pixels: [UInt8](repeating: 90, count: 8100))
    try writeAtomically(encodeJPEG(line, quality: 90), to: place("line.jpg"))
    let error = #expect(throws: InferenceError.self) {
      try predicted(Self.folder + "/answers", [.question("how many?")], top: 1, of: [place("line.jpg")])
    }
    #expect(error?.exitCode == .badData && error?.description.contains("900x3 pixels: nothing is left") == true)
  }

  /// What keeps its shape is not measured on squares in silence, and stays what it is when it is written again.
  @Test func shapesAreKept() throws {
    let directory = try ModelDirectory(path: Self.folder + "/answers")
    let shaped = try #require(directory.shaped)
    #expect(shaped == ShapedPreprocessing(shorterSide: 32, divisor: 8))
    #expect(directory.preprocessing.imageSize == 32 && directory.preprocessing.fit == .squash)
    #expect { try directory.requireSquares() } throws: { "\($0)".contains("its pictures keep their shape") }
    let place = try TemporaryDirectory()
    _ = try exportModel(directory, as: .huggingFace, to: place("again"))
    #expect(try ModelDirectory(path: place("again")).shaped == shaped)
  }
}
