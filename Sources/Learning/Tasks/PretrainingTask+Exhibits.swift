internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import TensorEngine

/// What a page shows of retrieval: some of the texts with the photos that were found for them, and the other way round.
struct ShownRetrieval {
  let dataSet: PreparedDataSet
  let samples: [SampleReference]
  let layout: RetrievalLayout
  /// Places in the split of what is found.
  let photos: [Int]
  /// What is found is called so.
  let medium: String
  let count: Int

  /// Of each search.
  private static let mostFound = 5

  /// - Parameters:
  ///   - imageRanks, captionRanks: of all queries.
  ///   - imageRows, captionRows: the scores of all captions for some images, and of all images for some captions.
  func callAsFunction(
    imageRanks: [Int32], captionRanks: [Int32], imageRows: ([Int]) -> [[Float]], captionRows: ([Int]) -> [[Float]]
  ) throws -> [Exhibit] {
    let texts = ShownChoice(drawnFrom: captionRanks.map { $0 == 1 }, count: count)
    let images = ShownChoice(drawnFrom: imageRanks.map { $0 == 1 }, count: count)
    let forTexts = try zip(texts.cases, captionRows(texts.cases)).map { caption, scores in
      try search(SearchRow(scores, own: [layout.imageOfCaption[caption]]), for: text(caption), among: image)
    }
    let forImages = try zip(images.cases, imageRows(images.cases)).map { photo, scores in
      try search(SearchRow(scores, own: Array(layout.captions(of: photo))), for: image(photo), among: text)
    }
    return [
      .searches(
        ShownSearches(
          title: "The nearest \(medium)s of texts",
          choice: texts.sentence(
            right: "texts whose \(medium) is found first", wrong: "others", how: ShownChoice.byChance),
          searches: forTexts)),
      .searches(
        ShownSearches(
          title: "The nearest texts of \(medium)s",
          choice: images.sentence(
            right: "\(medium)s of which a text of their own is found first", wrong: "others", how: ShownChoice.byChance),
          searches: forImages)),
    ]
  }

  private func search(
    _ row: SearchRow, for query: ShownSearch.Item, among item: (Int) throws -> ShownSearch.Item
  ) throws -> ShownSearch {
    var found = try row.found(Self.mostFound, item)
    for place in found.indices where !found[place].isRight {
      found[place].saysTheSame = try saysTheSame(query, found[place].item)
    }
    return ShownSearch(
      query: query, found: found, right: try item(row.right), rank: row.rank, among: row.count)
  }

  /// Whether the text of one is said of the other.
  private func saysTheSame(_ query: ShownSearch.Item, _ found: ShownSearch.Item) throws -> Bool {
    guard let text = query.text ?? found.text else { return false }
    let other = query.text == nil ? query : found
    return try dataSet.captions(samples[other.place]).contains(text)
  }

  private func image(_ number: Int) -> ShownSearch.Item {
    ShownSearch.Item(place: photos[number], name: samples[photos[number]].key)
  }

  private func text(_ caption: Int) throws -> ShownSearch.Item {
    let owner = layout.imageOfCaption[caption]
    var item = image(owner)
    let own = layout.captions(of: owner)
    let texts = try dataSet.captions(samples[item.place])
    item.text = own.firstIndex(of: caption).flatMap { place in
      let number = place - own.startIndex
      return texts.indices.contains(number) ? texts[number] : nil
    }
    return item
  }
}

extension PretrainingMeasurement {
  /// Nil where nobody asks.
  func shown(_ layout: RetrievalLayout, photos: [Int]? = nil) throws -> ShownRetrieval? {
    guard subject.shown > 0 else { return nil }
    return ShownRetrieval(
      dataSet: dataSet, samples: try dataSet.samples(split: split), layout: layout,
      photos: photos ?? Array(0..<layout.images),
      medium: (model.description.images.modality == .audio ? MediaKind.clips : .photos).word, count: subject.shown)
  }

  /// By features, which all ranks have. Collective where somebody asks.
  /// - Parameters:
  ///   - imageRanks: of this rank's photos.
  ///   - captionRanks: of this rank's captions.
  func exhibits(
    _ features: EncodedFeatures, _ layout: RetrievalLayout, imageRanks: [Int32], captionRanks: [Int32]
  ) throws -> [Exhibit] {
    guard let shown = try shown(layout) else { return [] }
    func scores(_ queries: Tensor, _ places: [Int], among found: Tensor) -> [[Float]] {
      guard !places.isEmpty else { return [] }
      let own = Tape(engine, recording: false).gatherRows(queries, places)
      return Tasks.rows(engine.similarities(own, found)).map { Array($0) }
    }
    return try shown(
      imageRanks: gatherOverRanks(imageRanks, communicator, "image ranks that are shown"),
      captionRanks: gatherOverRanks(captionRanks, communicator, "caption ranks that are shown"),
      imageRows: { scores(features.images, $0, among: features.texts) },
      captionRows: { scores(features.texts, $0, among: features.images) })
  }
}
