import Testing
import Tokenization

/// Every byte is a token of the tiny tokenizer, so equal ids mean equal normalisation and equal words.
@Suite struct UnicodeTests {
  @Test func awkwardTextsMatchThePythonLibrary() throws {
    let tokenizer = try Golden.tinyTokenizer()
    for example in try Golden.read().awkward {
      #expect(tokenizer.encode(example.text) == example.ids, "\(example.text.unicodeScalars.map(\.value))")
    }
  }

  @Test func randomTextsMatchThePythonLibrary() throws {
    let golden = try Golden.read()
    let tokenizer = try Golden.tinyTokenizer()
    #expect(hashes(golden.randomTexts(2000).map { tokenizer.encode($0) }, block: 100) == golden.random)
  }

  @Test(arguments: UInt32(0)..<17) func everyScalarOfAPlaneMatchesThePythonLibrary(plane: UInt32) throws {
    let tokenizer = try Golden.tinyTokenizer()
    let ids = Golden.scalarTexts(plane: plane).map { tokenizer.encode($0) }
    #expect(hashes(ids, block: .max) == [try Golden.read().scalars[Int(plane)]])
  }

  @Test func aLongRunOfMarksTakesNoLongerThanItShould() throws {
    let tokenizer = try Golden.tinyTokenizer()
    let text = "a" + String(repeating: "\u{301}\u{323}", count: 100_000)
    // Quadratic code would take a minute here. The marks are sorted: the dots below join and come first.
    #expect(tokenizer.encode(text, limit: 4).count == 4)
  }

  @Test func canonicallyEquivalentTextsHaveEqualIds() throws {
    let tokenizer = try Golden.tinyTokenizer()
    #expect(tokenizer.encode("cafe\u{301} \u{1112}\u{1161}\u{11AB}") == tokenizer.encode("caf\u{E9} \u{D55C}"))
  }
}
