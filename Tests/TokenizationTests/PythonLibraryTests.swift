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
}
