import Collectives
import Evaluation
import Files
import Foundation
import TestSupport

/// Tests/Golden/intervals.json, made by intervals.py beside it.
struct IntervalGolden: Decodable {
  /// By the figures' keys.
  typealias Group<Value> = [String: Value]

  struct Pairs: Decodable { let images: [Int], labels: [Int], scores: [Float] }
  struct Masked: Decodable { let tokens: [Int], right: [Int], costs: [Double] }
  struct Split: Decodable {
    let clusters: [String]
    let imageOfCaption: [Int]
    let imageRanks: [Int32]
    let captionRanks: [Int32]
    let pairs: Pairs
    let rarePairs: Pairs
    let masked: Masked
    let maskedWithOthers: Masked
  }

  let split: Split
  let figures: [String: Group<Double>]
  /// [low, high]
  let resampled: [String: Group<[Double]>]
  /// [low, high, their standard deviations]
  let scipy: [String: Group<[Double]>]

  static func read() throws -> IntervalGolden {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(IntervalGolden.self, from: Data(readFile(goldenDirectory + "/intervals.json")))
  }

  /// Everything that is measured on the split, each group a JSON document.
  func documents(_ communicator: some Communicator = SoloCommunicator()) throws -> [String: Data] {
    let bootstrap = ClusterBootstrap(ImageClusters(split.clusters))
    let layout = try RetrievalLayout(images: split.clusters.count, imageOfCaption: split.imageOfCaption)
    let retrieval = try RetrievalMetrics(
      localImageRanks: communicator.part(of: split.imageRanks),
      localCaptionRanks: communicator.part(of: split.captionRanks),
      layout: layout, bootstrap: bootstrap, communicator: communicator)
    let masked = try MaskedTextMetrics(
      localCaptions: communicator.part(of: split.masked.sums),
      withOtherPhotos: communicator.part(of: split.maskedWithOthers.sums), imageOfCaption: split.imageOfCaption,
      bootstrap: bootstrap, communicator: communicator)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return [
      "image_to_text": try encoder.encode(retrieval.imageToText),
      "text_to_image": try encoder.encode(retrieval.textToImage),
      "matching": try encoder.encode(matching(split.pairs, bootstrap, communicator)),
      "rare_matching": try encoder.encode(matching(split.rarePairs, bootstrap, communicator)),
      "masked_text": try encoder.encode(masked),
    ]
  }

  private func matching(
    _ pairs: Pairs, _ bootstrap: ClusterBootstrap?, _ communicator: some Communicator
  ) throws -> MatchingMetrics {
    try MatchingMetrics(
      localScores: communicator.part(of: pairs.scores),
      localLabels: communicator.part(of: pairs.labels).map { $0 == 1 },
      localImages: communicator.part(of: pairs.images), bootstrap: bootstrap, communicator: communicator)
  }
}

extension IntervalGolden.Masked {
  var sums: [MaskedTextSums] {
    tokens.indices.map { MaskedTextSums(tokens: tokens[$0], right: right[$0], costs: costs[$0]) }
  }
}

extension Communicator {
  /// This rank's.
  func part<Element>(of all: [Element]) -> [Element] {
    Array(all[all.count * rank / size..<all.count * (rank + 1) / size])
  }
}
