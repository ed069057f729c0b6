import Testing
import Tokenization

/// The tokenizer of the published CLIP models against the ids of OpenAI's code and of the Python library.
@Suite(.enabled(if: Place.hasShared, "needs ../shared/data/tokenizers (or MMTRAIN_SHARED)"))
struct CLIPTokenizerTests {
  let tokenizer: ByteLevelBPE

  init() throws {
    tokenizer = try ByteLevelBPE(huggingFaceJSON: Place.bytes(Place.clip("tokenizer.json")))
  }

  @Test func knowsItsSpecialTokens() {
    #expect(tokenizer.vocabularySize == 49408)
    #expect(tokenizer.startToken == 49406)
    #expect(tokenizer.endToken == 49407)
    #expect(tokenizer.encode("hello world") == [49406, 3306, 1002, 49407])
  }

  @Test func matchesThePythonLibrary() throws {
    for example in try Example.read(Place.clip("golden-clip-hf.jsonl")) {
      #expect(tokenizer.encode(example.text) == example.ids, "\(example.text)")
    }
  }

  /// OpenAI's code unescapes HTML, which Hugging Face's form, and so mmtrain, does not.
  private static let differsFromOpenAI = ["&amp; html &lt;b&gt; entity"]

  @Test func matchesOpenAI() throws {
    let examples = try Example.read(Place.clip("golden-clip.jsonl"))
    #expect(examples.count == 323)
    for example in examples {
      if Self.differsFromOpenAI.contains(example.text) {
        #expect(tokenizer.encode(example.text) != example.ids)
        continue
      }
      #expect(tokenizer.encode(example.text) == example.ids, "\(example.text)")
    }
  }

  @Test func decodesAsOpenAIDoes() throws {
    for example in try Example.read(Place.clip("golden-clip.jsonl")) {
      // OpenAI leaves a space at the end, and special tokens that stand in the text.
      var expected = try #require(example.decoded)
      if expected.hasSuffix(" ") { expected.removeLast() }
      if example.text.contains("<|") { expected = "special" }
      #expect(tokenizer.decode(example.ids).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }
  }

  @Test func matchesThePythonLibraryOnEveryCaption() throws {
    let captions = try flickrCaptions()
    #expect(captions.count == 10_000)
    #expect(hashes(captions.map { tokenizer.encode($0) }, block: 1000) == (try Golden.read().flickr8kMini))
  }

  @Test func theOlderPairOfFilesGivesTheSameTokenizer() throws {
    let older = try ByteLevelBPE(
      vocabularyJSON: Place.bytes(Place.clip("vocab.json")),
      mergesText: Place.bytes(Place.clip("merges.txt")))
    for caption in try flickrCaptions().prefix(500) + ["<|endoftext|> x"] {
      #expect(older.encode(caption) == tokenizer.encode(caption))
    }
    let written = try ByteLevelBPE(huggingFaceJSON: older.huggingFaceJSON())
    #expect(written.huggingFaceJSON() == older.huggingFaceJSON())
    #expect(written.endToken == 49407)
  }

  @Test func truncationKeepsTheEnd() throws {
    let ids = tokenizer.encode("two dogs run on the grass", limit: 5)
    #expect(ids == Array(tokenizer.encode("two dogs run on the grass").prefix(4)) + [49407])
    #expect(tokenizer.encode("dog", limit: 77) == tokenizer.encode("dog"))
    #expect(tokenizer.encode("dog", limit: 3) == tokenizer.encode("dog"))
    #expect(tokenizer.encode("dog", limit: 2) == [49406, 49407])
    #expect(tokenizer.encode("supercalifragilisticexpialidocious", limit: 6).count == 6)
  }

  @Test func threadsShareOneTokenizer() async throws {
    let captions = try flickrCaptions()
    let tokenizer = tokenizer
    let expected = captions.map { tokenizer.encode($0, limit: 77) }
    await withTaskGroup(of: [[Int32]].self) { group in
      for _ in 0..<4 { group.addTask { captions.map { tokenizer.encode($0, limit: 77) } } }
      for await ids in group { #expect(ids == expected) }
    }
  }

  @Test func keepsTheBytesOfAUsersFile() throws {
    let bytes = try Place.bytes(Place.clip("tokenizer.json"))
    #expect(tokenizer.sourceJSON == bytes)
    #expect(try loadTokenizer(bytes, path: "tokenizer.json").huggingFaceJSON() == bytes)
  }
}
