import Foundation
import Testing
import Tokenization

@Suite struct BPETrainerTests {
  /// The merges of a tokenizer file, "a b" each.
  private func merges(_ json: [UInt8]) throws -> [String] {
    struct File: Decodable {
      struct Model: Decodable { let merges: [String] }
      let model: Model
    }
    return try JSONDecoder().decode(File.self, from: Data(json)).model.merges
  }

  @Test func learnsTheMergesOfTheSlowReference() throws {
    let golden = try Golden.read()
    let trained = try BPETrainer(vocabularySize: golden.vocabularySize).train(captions: golden.captions)
    let reference = try Golden.tinyTokenizer()
    #expect(try merges(trained.huggingFaceJSON()) == merges(reference.huggingFaceJSON()))
    #expect(trained.vocabularySize == reference.vocabularySize)
    for text in golden.captions + golden.awkward.map(\.text) {
      #expect(trained.encode(text) == reference.encode(text))
    }
  }

  @Test func theOrderOfTheCaptionsHasNoEffect() throws {
    let captions = try Golden.read().captions
    let trainer = BPETrainer(vocabularySize: 580)
    let one = try trainer.train(captions: captions).huggingFaceJSON()
    #expect(try trainer.train(captions: captions.reversed()).huggingFaceJSON() == one)
    #expect(try trainer.train(captions: captions).huggingFaceJSON() == one)
  }

  @Test func layout() throws {
    let tokenizer = try BPETrainer(vocabularySize: 516, minimumFrequency: 1).train(captions: ["ab ab ac"])
    #expect(tokenizer.vocabularySize == 516)
    #expect(tokenizer.startToken == 514)
    #expect(tokenizer.endToken == 515)
    #expect(tokenizer.padToken == 515)
    // The two merges are a b</w>, twice, and a c</w>, once.
    #expect(tokenizer.encode("AB ac !") == [514, 512, 513, 256, 515])
    #expect(tokenizer.decode([514, 512, 513, 256, 515, -3, 99_999]) == "ab ac !")
  }

  @Test func stopsWhereNothingIsFrequentEnough() throws {
    let tokenizer = try BPETrainer(vocabularySize: 1000, minimumFrequency: 2).train(captions: ["ab ab cd"])
    #expect(tokenizer.vocabularySize == 515)
    #expect(try BPETrainer(vocabularySize: 1000).train(captions: []).vocabularySize == 514)
  }

  @Test func tiesGoToTheFirstInTheOrderOfBytes() throws {
    let tokenizer = try BPETrainer(vocabularySize: 517, minimumFrequency: 1).train(captions: ["zy xw x! xwq"])
    // x w occurs once inside and once at the end of a word; x ! and w q</w> tie with them.
    #expect(try merges(tokenizer.huggingFaceJSON()) == ["w q</w>", "x w</w>", "x wq</w>"])
  }

  @Test func everyTextComesBack() throws {
    let golden = try Golden.read()
    let tokenizer = try BPETrainer(vocabularySize: 600).train(captions: golden.captions)
    for text in ["two dogs run .", "ein käfer läuft", "日本 の 猫 😀", "a b c"] {
      #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    }
    for text in golden.randomTexts(300) {
      // Decoding puts a space after every word; apart from that nothing is lost.
      let again = tokenizer.decode(tokenizer.encode(text))
      #expect(tokenizer.encode(again) == tokenizer.encode(tokenizer.decode(tokenizer.encode(again))))
    }
  }

  @Test func aTooSmallVocabularyIsRefused() {
    #expect {
      try BPETrainer(vocabularySize: 513).train(captions: ["a"])
    } throws: { error in
      "\(error)".hasPrefix("a vocabulary of 513 tokens is too small: the bytes and the special tokens alone are 514")
    }
  }

  @Test(.enabled(if: Place.hasShared, "needs ../shared/data/flickr8k (or MMTRAIN_SHARED)"))
  func trainsOnManyCaptions() throws {
    let captions = try flickrCaptions()
    let tokenizer = try BPETrainer(vocabularySize: 4096).train(captions: captions)
    #expect(tokenizer.vocabularySize == 4096)
    let count = captions.reduce(0) { $0 + tokenizer.encode($1).count }
    #expect(count < 15 * captions.count)
  }
}
