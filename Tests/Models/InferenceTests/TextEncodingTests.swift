import Collectives
import Files
import Inference
import TestSupport
import Testing

@Suite struct TextEncodingTests {
  private let texts = [
    "two dogs on a beach", "a", "two dogs on a beach", "", "the red car and the blue car stand side by side",
    "A  dog", "a dog",
  ]

  @Test func everyTextHasTheRowOfItsOwn() throws {
    let model = try Workshop().model
    let all = try model.encode(texts).features
    #expect(all.count == texts.count && all[0] == all[2])
    for (place, text) in texts.enumerated() {
      let alone = try model.encode([text]).features
      #expect(difference(Array(all[place]), alone.values, relative: 1e-4, scale: .largest) == nil, "\(text)")
    }
    #expect(Array(all[5]) == Array(all[6]), "the tokenizer makes the same ids of both")
  }

  @Test func noTextsAreNoRows() throws {
    #expect(try Workshop().model.encode([String]()).features.count == 0)
  }

  @Test(arguments: [2, 5])
  func theSameBitsOnAnyNumberOfRanks(ranks: Int) throws {
    let workshop = try Workshop()
    let alone = try workshop.model.encode(texts, tokensAtOnce: 20).features
    let path = workshop.directory("model")
    let together = try InProcessCommunicator.run(ranks: ranks) { communicator in
      try LoadedModel(path: path, threads: 1).encode(texts, tokensAtOnce: 20, communicator).features
    }
    for features in together { #expect(features == alone) }
  }

  /// The context is 16 tokens, two of them for the ends.
  @Test func longTextsAreCutAndCounted() throws {
    let model = try Workshop().model
    let long = Array(repeating: "7", count: 40).joined(separator: " ")
    let cut = Array(repeating: "7", count: 14).joined(separator: " ")
    let result = try model.encode([long, "a", long, cut])
    #expect(result.cutTexts == 2)
    #expect(Array(result.features[0]) == Array(result.features[3]))
  }

  @Test func aFileHasATextALine() throws {
    let bytes = Array("\u{FEFF}one\r\n\n  \ntwo dogs\n".utf8)
    #expect(try Inference.texts(bytes, path: "x") == ["one", "two dogs"])
    let rows = Array("a\n\n  \nb\n".utf8)
    #expect(try Inference.texts(rows, path: "x", blankLines: .texts) == ["a", "", "  ", "b"])
    #expect {
      try Inference.texts(Array("one\n".utf8) + [0xFF, 0x0A], path: "x")
    } throws: { "\($0)".hasPrefix("x:2: ") }
    #expect(throws: InferenceError.self) { try Inference.texts(Array("\n\n".utf8), path: "x") }
    #expect(throws: FileError.self) { try readTexts(nowhere) }
  }
}
