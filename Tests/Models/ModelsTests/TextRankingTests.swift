import Models
import TensorEngine
import TestSupport
import Testing

/// Which text of a list a model finds likeliest, beside the likelihoods of all of them, each computed by itself.
@Suite struct TextRankingTests {
  private let golden: GoldenWriter
  /// Some end at once, some share their first token, two are the same behind what opens them.
  private let texts: [[Int32]]

  init() throws {
    golden = try GoldenWriter("writing-1")
    let firsts: [Int32] = [5, 9, 30, 17, 8]
    texts =
      [[1, 4], [2, 9, 4], [1, 9, 4], [1, 39, 4]]
      + firsts.flatMap { first in [[1, first, 7, 4], [1, first, 30, 12, 9, 4]] } + [[1, 12, 4]]
  }

  private func context(_ photos: [Int]) throws -> (Encoding, Tape) {
    let (pixels, size) = (try golden.file.floats("input.pixel_values"), 3 * 16 * 16)
    let tape = Tape(golden.engine, recording: false)
    let chosen = golden.engine.tensor(
      photos.flatMap { pixels[$0 * size..<($0 + 1) * size] }, shape: [photos.count, 3, 16, 16])
    return (golden.model.imageEncoder(ImageInput(chosen), .all, tape), tape)
  }

  /// ln p of each token of a text behind the first, in the model's own words.
  private func costs(_ text: [Int32], _ photo: Int) throws -> [Double] {
    let (images, tape) = try context([photo])
    let decoder = golden.model.decoder
    let read = PackedText([[decoder.bounds.start] + text.dropFirst().dropLast()])
    let logits = decoder.logits(decoder.states(read, images, contextOfText: [0], tape), tape)
    let (values, normalizers) = (logits.values(), golden.engine.logSumExps(logits))
    return text.dropFirst().enumerated().map { row, token in
      Double(values[row * logits.columns + Int(token)]) - Double(normalizers[row])
    }
  }

  private func ranked(_ photos: [Int], shortlist: Int) throws -> [[TextRanking.Ranked]] {
    let (images, tape) = try context(photos)
    return TextRanking(golden.model.decoder, among: texts, shortlist: shortlist).rank(images, tape)
  }

  /// All of a list that is no longer than what is looked at; of texts that are the same the first stands alone.
  @Test func shortListsAreRankedWhole() throws {
    let ranking = TextRanking(golden.model.decoder, among: texts, shortlist: texts.count)
    #expect(ranking.isExact && ranking.count == texts.count - 1)
    for (photo, found) in try ranked([0, 1, 2], shortlist: texts.count).enumerated() {
      let expected = try texts.indices.filter { $0 != 2 }.map {
        (place: $0, sum: try costs(texts[$0], photo).reduce(0, +))
      }
      .sorted { ($1.sum, $0.place) < ($0.sum, $1.place) }
      #expect(found.map(\.place) == expected.map(\.place), "photo \(photo)")
      for (one, other) in zip(found, expected) {
        #expect(difference(one.logProbability, other.sum, relative: 1e-5) == nil)
      }
    }
  }

  /// Of a longer one those whose first token is likeliest; equal ones, as of texts that begin alike, by their place.
  @Test(arguments: [1, 2, 5, 9])
  func longListsAreShortenedByTheirFirstToken(_ shortlist: Int) throws {
    #expect(!TextRanking(golden.model.decoder, among: texts, shortlist: shortlist).isExact)
    for (photo, found) in try ranked([2, 0, 1], shortlist: shortlist).enumerated() {
      let photo = [2, 0, 1][photo]
      let all = try texts.indices.filter { $0 != 2 }.map { (place: $0, costs: try costs(texts[$0], photo)) }
      // Texts that begin alike have the same number there, to the last bit.
      let first = Dictionary(all.map { (texts[$0.place][1], $0.costs[0]) }) { one, _ in one }
      let chosen = all.sorted {
        (first[texts[$1.place][1]] ?? 0, $0.place) < (first[texts[$0.place][1]] ?? 0, $1.place)
      }.prefix(shortlist)
      let expected = chosen.map { (place: $0.place, sum: $0.costs.reduce(0, +)) }
        .sorted { ($1.sum, $0.place) < ($0.sum, $1.place) }
      #expect(found.map(\.place) == expected.map(\.place), "photo \(photo)")
    }
  }
}
