import Evaluation
import Foundation
import Randomness
import Testing

/// Captions against people's, beside the evaluation of COCO's captions and beside formulas that are written down as they stand.
@Suite struct CaptionTests {
  @Test func wordsAreThoseOfStanfordsTokenizer() throws {
    for one in try CaptionGolden.read().words {
      #expect(CaptionTokenizer.words(one.caption) == one.words.filter { !$0.isEmpty })
    }
  }

  @Test func scoresAreThoseOfCOCOsEvaluation() throws {
    for one in try CaptionGolden.read().sets {
      let metrics = try CaptionMetrics(one.images)
      for (own, theirs) in zip(metrics.bleu, one.bleu) { #expect(abs(own - theirs) < 1e-12) }
      #expect(abs(metrics.rougeL - one.rouge) < 1e-12)
      #expect(abs(try #require(metrics.cider) - one.cider) < 1e-9)
    }
  }

  @Test func publishedExamplesHaveTheirFourDigits() throws {
    let sets = try CaptionGolden.read().sets
    let (good, bad) = (try CaptionMetrics(sets[0].images), try CaptionMetrics(sets[1].images))
    let digits = { (metrics: CaptionMetrics) in
      (metrics.bleu + [metrics.rougeL, metrics.cider ?? 0]).map { String(format: "%.4f", $0) }
    }
    #expect(digits(good) == ["0.6667", "0.4899", "0.3469", "0.0000", "0.4280", "0.5637"])
    #expect(digits(bad) == ["0.4815", "0.2404", "0.1359", "0.0000", "0.3121", "0.2790"])
  }

  // MARK: Ten thousand sets

  @Test func randomSetsScoreAsTheFormulasSay() throws {
    var random = RandomStream(seed: 3, .intervals, 0)
    for _ in 0..<10_000 {
      let images = (0..<1 + random.integer(below: 4)).map { number in
        CaptionedImage(
          caption: sentence(&random, least: 0),
          references: (0..<1 + random.integer(below: 3)).map { _ in sentence(&random, least: 1) }, cluster: number)
      }
      let metrics = try CaptionMetrics(images)
      let plain = PlainScores(images)
      for (own, other) in zip(metrics.bleu, plain.bleu) { #expect(abs(own - other) < 1e-9) }
      #expect(abs(metrics.rougeL - plain.rougeL) < 1e-9)
      if images.count > 1 { #expect(abs(try #require(metrics.cider) - plain.cider) < 1e-9) }
    }
  }

  private func sentence(_ random: inout RandomStream, least: Int) -> String {
    (0..<least + random.integer(below: 8)).map { _ in ["a", "b", "c", "dog", "e"][random.integer(below: 5)] }
      .joined(separator: " ")
  }

  // MARK: What has no value

  @Test func oneImageHasNoCIDEr() throws {
    let metrics = try CaptionMetrics([CaptionedImage(caption: "a dog", references: ["a dog"], cluster: 0)])
    #expect(metrics.cider == nil)
    #expect(metrics.lines.contains { $0.contains("not defined for one image") })
    #expect(metrics.score == metrics.bleu[3])
  }

  @Test func anImageWithoutReferencesIsRefused() {
    #expect(throws: EvaluationError.self) {
      try CaptionMetrics([
        CaptionedImage(caption: "a dog", references: ["a dog"], cluster: 0),
        CaptionedImage(caption: "a dog", references: [], cluster: 1),
      ])
    }
    #expect(throws: EvaluationError.self) { try CaptionMetrics([]) }
  }

  @Test func emptyCaptionsScoreNothingAndAreCounted() throws {
    let metrics = try CaptionMetrics(
      (0..<60).map { CaptionedImage(caption: "", references: ["a dog runs"], cluster: $0) }, hasIntervals: true)
    #expect(metrics.empty == 60)
    #expect(metrics.rougeL == 0 && metrics.cider == 0 && metrics.badEndings == 100 && metrics.length == 0)
    #expect(metrics.bleu.allSatisfy { $0.isFinite && $0 < 1e-3 })
    #expect(metrics.distinct1 == nil)
    #expect(metrics.lines.contains { $0.contains("60 captions have no word") })
  }

  // MARK: Variety

  @Test func varietyIsCounted() throws {
    let captions = ["a dog a dog runs", "a cat sits on the", "a dog a dog runs", "two two birds"]
    let images = captions.enumerated().map { CaptionedImage(caption: $1, references: ["a dog runs"], cluster: $0) }
    let metrics = try CaptionMetrics(images, known: ["Two two birds."])
    #expect(metrics.repeated == 75)
    #expect(metrics.badEndings == 25)
    #expect(metrics.novel == 75)
    #expect(metrics.length == 4.5)
    // a dog runs cat sits on the two birds, of 18; "a dog", "dog a", "dog runs", "a cat", "cat sits", "sits on", "on the", "two two",
    // "two birds", of 14.
    #expect(metrics.distinct1 == 9.0 / 18)
    #expect(metrics.distinct2 == 9.0 / 14)
    #expect(metrics.mostFrequent == "a dog a dog runs" && metrics.mostFrequentCount == 2)
    #expect(metrics.lines.contains { $0.contains("of 4 images hangs on") })
  }

  @Test func frequenciesOfOtherImagesAreTaken() throws {
    let images = [CaptionedImage(caption: "a dog", references: ["a dog runs"], cluster: 0)]
    let metrics = try CaptionMetrics(images, frequencies: (0..<100).map { [$0 < 90 ? "a cat" : "a dog"] })
    #expect(metrics.frequencyImages == 100)
    #expect(try #require(metrics.cider) > 0)
    #expect(metrics.signature == "tokenizer:ptb-3.4.1|images:1|references:1|frequencies:given,100|version:1")
  }

  /// Of captions that are all alike each resample has the same figures; of others intervals hold the figure.
  @Test func intervalsHoldTheirFigures() throws {
    let images = try CaptionGolden.read().sets.flatMap(\.images).enumerated().map {
      CaptionedImage(caption: $1.caption, references: $1.references, cluster: $0)
    }
    let metrics = try CaptionMetrics(images, hasIntervals: true)
    let intervals = try #require(metrics.intervals)
    #expect(
      Set(intervals.keys) == [
        "bleu1", "bleu2", "bleu3", "bleu4", "rouge_l", "cider", "repeated", "bad_endings", "length",
      ])
    let keys = ["bleu1", "bleu2", "bleu3", "bleu4", "cider"]
    for (key, value) in zip(keys, metrics.bleu + [metrics.cider ?? 0]) {
      let interval = try #require(intervals[key])
      #expect(interval.low < value && value < interval.high)
    }
  }
}

/// The same figures by the formulas alone, with texts for keys.
private struct PlainScores {
  var bleu: [Double] = []
  var rougeL = 0.0
  var cider = 0.0

  init(_ images: [CaptionedImage]) {
    let captions = images.map { $0.caption.split(separator: " ").map(String.init) }
    let references = images.map { $0.references.map { $0.split(separator: " ").map(String.init) } }
    bleu = Self.bleu(captions, references)
    rougeL = zip(captions, references).map(Self.rouge).reduce(0, +) / Double(images.count)
    cider = Self.cider(captions, references)
  }

  static func grams(_ words: [String], _ n: Int) -> [String: Int] {
    guard words.count >= n else { return [:] }
    return (0...(words.count - n)).reduce(into: [:]) { $0[words[$1..<$1 + n].joined(separator: "_"), default: 0] += 1 }
  }

  static func bleu(_ captions: [[String]], _ references: [[[String]]]) -> [Double] {
    let length = captions.map(\.count).reduce(0, +)
    var closest = 0
    for (caption, own) in zip(captions, references) {
      let lengths = own.map(\.count).sorted()
      closest += lengths.min { abs($0 - caption.count) < abs($1 - caption.count) } ?? 0
    }
    let brevity = length < closest ? exp(1 - Double(closest) / (Double(length) + 1e-15)) : 1
    var product = 1.0
    return (1...4).map { n in
      var (correct, guessed) = (0, 0)
      for (caption, own) in zip(captions, references) {
        for (gram, count) in grams(caption, n) {
          let most = own.map { grams($0, n)[gram] ?? 0 }.max() ?? 0
          correct += min(count, most)
          guessed += count
        }
      }
      product *= (Double(correct) + 1e-15) / (Double(guessed) + 1e-9)
      return pow(product, 1 / Double(n)) * brevity
    }
  }

  static func rouge(_ caption: [String], _ references: [[String]]) -> Double {
    func common(_ a: [String], _ b: [String]) -> Int {
      var table = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
      for (i, x) in a.enumerated() {
        for (j, y) in b.enumerated() {
          table[i + 1][j + 1] = x == y ? table[i][j] + 1 : max(table[i][j + 1], table[i + 1][j])
        }
      }
      return table[a.count][b.count]
    }
    let lengths = references.map { Double(common(caption, $0)) }
    let precision = lengths.map { $0 / Double(max(caption.count, 1)) }.max() ?? 0
    let recall = zip(lengths, references).map { $0 / Double($1.count) }.max() ?? 0
    return precision * recall == 0 ? 0 : 2.44 * precision * recall / (recall + 1.44 * precision)
  }

  static func cider(_ captions: [[String]], _ references: [[[String]]]) -> Double {
    let scores = zip(captions, references).map { caption, own -> Double in
      let ofEach = own.map { reference -> Double in
        let orders: [Double] = (1...4).map { likeness(caption, reference, $0, references) }
        return orders.reduce(0, +) / 4
      }
      return ofEach.reduce(0, +) / Double(own.count)
    }
    return 10 * scores.reduce(0, +) / Double(captions.count)
  }

  private static func likeness(_ caption: [String], _ reference: [String], _ n: Int, _ all: [[[String]]]) -> Double {
    func weights(_ words: [String]) -> [String: Double] {
      grams(words, n).reduce(into: [:]) { weights, gram in
        let images = all.count { $0.contains { grams($0, n)[gram.key] != nil } }
        weights[gram.key] = Double(gram.value) * (log(Double(all.count)) - log(Double(max(1, images))))
      }
    }
    let (own, other) = (weights(caption), weights(reference))
    let norms = [own, other].map { $0.values.map { $0 * $0 }.reduce(0, +).squareRoot() }
    guard norms[0] > 0, norms[1] > 0 else { return 0 }
    let product = own.map { min($0.value, other[$0.key] ?? 0) * (other[$0.key] ?? 0) }.reduce(0, +)
    let difference = Double(max(caption.count - 1, 0) - max(reference.count - 1, 0))
    return product / (norms[0] * norms[1]) * exp(-difference * difference / 72)
  }
}
