import Batching
import Files
import Images
import TestSupport
import Testing

/// Texts that lack some of their words.
@Suite struct WordDropTests {
  private static func texts(_ set: PreparedDataSet, _ probability: Float, epochs: Int) throws -> [[String]] {
    let loader = try BatchLoader(
      dataSet: set, tokenizer: ByteTokenizer(), preprocessing: .clip(imageSize: 8),
      settings: LoaderSettings(
        columns: [.captions], columnsOfEachSample: [], contextLength: 60,
        wordDrop: WordDrop(probability: probability), choice: .first, shuffle: false, globalBatch: 10, seed: 2))
    return try (0..<epochs).map { _ in
      let texts = try #require(try loader.next().columns.captions)
      return (0..<texts.count).map { place in
        ByteTokenizer().decode(Array(texts.ids[Int(texts.offsets[place])..<Int(texts.offsets[place + 1])]))
      }
    }
  }

  private static func set(_ root: String, _ captions: @escaping (Int) -> [String]) throws -> PreparedDataSet {
    try writeSyntheticDataSet(root, train: 10, captions: captions)
    return try PreparedDataSet(path: root)
  }

  @Test func wordsGoAndOrderStays() throws {
    try withTemporaryDirectory { root in
      let words = ["a", "bb", "ccc", "dddd", "eeeee"]
      let set = try Self.set(root + "/set") { _ in [words.joined(separator: " ")] }
      let epochs = try Self.texts(set, 0.4, epochs: 40)
      var kept = [Int](repeating: 0, count: 5)
      for text in epochs.flatMap(\.self) {
        let places = text.split(separator: " ").map { words.firstIndex(of: String($0)) ?? -1 }
        #expect(
          !places.isEmpty && places == places.sorted() && Set(places).count == places.count && !places.contains(-1))
        for place in places { kept[place] += 1 }
      }
      // 400 texts: each word stays in 60 % of them, and in a fifth of the 1 % that would have lost all.
      #expect(kept.allSatisfy { abs(Double($0) - 400 * (0.6 + 0.2 * 0.01)) < 4 * (400 * 0.24).squareRoot() }, "\(kept)")
      #expect(Set(epochs.map { $0[0] }).count > 8, "an epoch reads what the one before has read")
      #expect(Set(epochs[0]).count > 4, "all samples lack the same words")
    }
  }

  @Test func oneWordAlwaysStays() throws {
    try withTemporaryDirectory { root in
      let set = try Self.set(root + "/set") { $0 == 0 ? ["alone"] : ["no  more"] }
      for text in try Self.texts(set, 0.99, epochs: 20) {
        #expect(text[0] == "alone" && text[1...].allSatisfy { ["no", "more", "no more", "no  more"].contains($0) })
        #expect(text[1...].contains("no") || text[1...].contains("more"))
      }
      #expect(try Self.texts(set, 0, epochs: 1)[0][1] == "no  more")
    }
  }
}
