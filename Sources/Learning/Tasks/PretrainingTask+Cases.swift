internal import Collectives
internal import Evaluation

extension PretrainingMeasurement {
  /// Keeps which queries found what they were looking for, where somebody asks.
  /// - Parameters:
  ///   - imageRanks: of this rank's photos.
  ///   - captionRanks: of this rank's captions.
  ///   - photos: places in the split of a gallery's; nil where that is the split.
  func noteQueries(
    _ imageRanks: [Int32], _ captionRanks: [Int32], _ layout: RetrievalLayout, photos: [Int]? = nil
  ) throws {
    guard let cases = subject.cases else { return }
    let images = try gatherOverRanks(imageRanks, communicator, "image ranks of groups")
    let captions = try gatherOverRanks(captionRanks, communicator, "caption ranks of groups")
    let places = photos ?? Array(0..<layout.images)
    cases.add(recalls("image_to_text", "image→text", images, of: "photos", samples: places))
    cases.add(
      recalls(
        "text_to_image", "text→image", captions, of: "captions", samples: layout.imageOfCaption.map { places[$0] })
    )
  }

  private func recalls(
    _ key: String, _ name: String, _ ranks: [Int32], of unit: String, samples: [Int]
  ) -> CaseSet {
    CaseSet(
      unit, samples: samples,
      [1, 5, 10].map { limit in
        .init("\(key).r\(limit)", "\(name) R@\(limit)", ranks.map { $0 <= limit ? 100 : 0 })
      })
  }

  /// Keeps which pairs of this rank were told right: those that match from 0 on, the others below; what is no number is wrong.
  func notePairs(_ pairs: Scored) throws {
    guard let cases = subject.cases else { return }
    let right = zip(pairs.scores, pairs.labels).map { score, matches -> UInt8 in
      (matches ? score >= 0 : score < 0) ? 1 : 0
    }
    let all = try gatherOverRanks(right, communicator, "matching of groups")
    cases.add(
      CaseSet(
        "pairs", samples: try gatherOverRanks(pairs.images, communicator, "photos of the pairs of groups"),
        [.init("matching.accuracy", "matching accuracy", all.map { $0 == 1 ? 100 : 0 })]))
  }
}
