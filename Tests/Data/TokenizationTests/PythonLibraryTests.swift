import Testing
import Tokenization

/// Files that mmtrain writes, read by the Python library `tokenizers`.
@Suite(.enabled(if: Place.python != nil, "needs MMTRAIN_PYTHON, a Python with the package tokenizers"))
struct PythonLibraryTests {
  @Test func readsATrainedTokenizer() throws {
    let golden = try Golden.read()
    let texts = golden.captions + golden.awkward.map(\.text) + golden.randomTexts(2000)
    let tokenizer = try BPETrainer(vocabularySize: 600).train(captions: golden.captions)
    let ids = try pythonIds(texts, tokenizer: tokenizer.huggingFaceJSON(), python: #require(Place.python))
    #expect(ids.count == texts.count)
    for (text, ids) in zip(texts, ids) {
      #expect(tokenizer.encode(text) == ids, "\(text.unicodeScalars.map { String($0.value, radix: 16) })")
    }
  }

  @Test(.enabled(if: Place.hasShared, "needs ../shared/data/tokenizers (or MMTRAIN_SHARED)"))
  func readsTheOlderPairOfFilesWrittenAsOne() throws {
    let tokenizer = try ByteLevelBPE(
      vocabularyJSON: Place.bytes(Place.clip("vocab.json")),
      mergesText: Place.bytes(Place.clip("merges.txt")))
    let texts = try flickrCaptions() + Golden.read().randomTexts(2000)
    let ids = try pythonIds(texts, tokenizer: tokenizer.huggingFaceJSON(), python: #require(Place.python))
    for (text, ids) in zip(texts, ids) { #expect(tokenizer.encode(text) == ids, "\(text)") }
  }

  /// Every caption of flickr8k-mini and 10,000 wild texts, by CLIP's two forms and BERT's two vocabularies.
  @Test(
    .enabled(if: Place.hasShared, "needs ../shared/data/tokenizers (or MMTRAIN_SHARED)"),
    arguments: ["clip", "clip of transformers 5", "bert", "bert cased"])
  func everyCaptionAndWildTextsMatch(name: String) throws {
    let tokenizer = try tokenizer(name)
    var wild = WildTexts(seed: 20_261_124)
    let texts = try flickrCaptions() + wild.next(10_000)
    let ids = try pythonIds(texts, tokenizer: tokenizer.huggingFaceJSON(), python: #require(Place.python))
    #expect(ids.count == 20_000)
    let differing = zip(texts, ids).filter { tokenizer.encode($0) != $1 }
    for (text, _) in differing.prefix(5) {
      Issue.record("\(name): \(text.unicodeScalars.map { String($0.value, radix: 16) })")
    }
    #expect(differing.isEmpty)
  }

  private func tokenizer(_ name: String) throws -> any Tokenizer {
    switch name {
    case "clip":
      return try loadTokenizer(Place.bytes(Place.clip("tokenizer.json")), path: name)
    case "clip of transformers 5":
      let json = String(decoding: try Place.bytes(Place.clip("tokenizer.json")), as: UTF8.self)
      let changed = json.replacing("\"Regex\":\"'s|", with: #""Regex":"<\\|startoftext\\|>|<\\|endoftext\\|>|'s|"#)
      try #require(changed != json)
      return try loadTokenizer(Array(changed.utf8), path: name)
    case "bert":
      return try loadTokenizer(Place.bytes(Place.bert("tokenizer.json")), path: name)
    default:
      let cased = Array(#"{"do_lower_case": false}"#.utf8)
      let files = ["vocab.txt": try Place.bytes(Place.bert("vocab.txt")), "tokenizer_config.json": cased]
      return try loadTokenizer(directory: name) { files[$0] }
    }
  }
}
