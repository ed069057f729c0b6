internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Randomness

extension PretrainingMeasurement {
  /// Retrieval by a model without features: its matching head scores every photo with every caption. These are many, so that
  /// of a large split the photos of a gallery are taken, with all their captions. Each rank scores some captions, a caption's
  /// pairs in the same chunks on any number of ranks, and all scores are gathered.
  func matchedRetrieval(_ encoded: EncodedSplit, _ matcher: PairMatcher) throws -> (RetrievalMetrics, [Exhibit]) {
    let whole = try RetrievalLayout(images: encoded.images.count, imageOfCaption: encoded.imageOfCaption)
    let gallery = try MatchedGallery(whole, limit: subject.matchedPairs)
    let (rank, ranks) = (communicator.rank, communicator.size)
    let (images, captions) = (gallery.layout.images, gallery.layout.captionCount)
    let (ownImages, ownCaptions) = (
      share(of: images, rank: rank, ranks: ranks), share(of: captions, rank: rank, ranks: ranks)
    )
    let own = gallery.captions[ownCaptions].flatMap { caption in
      let pairs = gallery.images.map { ImageTextPair(image: $0, text: caption) }
      return matcher.scores(pairs, encoded.images.encoding, encoded.texts.encoding)
    }
    try cut?.check()
    let all = try gatherOverRanks(own, communicator, "scores of the matching head")
    let ofOwnImages = ownImages.flatMap { image in (0..<captions).map { all[$0 * images + image] } }
    let imageRanks = try ofOwnImages.withUnsafeBufferPointer {
      try imageToTextRanks(scores: $0, firstImage: ownImages.lowerBound, layout: gallery.layout)
    }
    let captionRanks = try own.withUnsafeBufferPointer {
      try textToImageRanks(scores: $0, firstCaption: ownCaptions.lowerBound, layout: gallery.layout)
    }
    try noteQueries(imageRanks, captionRanks, gallery.layout, photos: gallery.images)
    var metrics = try RetrievalMetrics(
      localImageRanks: imageRanks, localCaptionRanks: captionRanks, layout: gallery.layout,
      bootstrap: clusters.flatMap { ClusterBootstrap($0.selecting(gallery.images)) }, communicator: communicator)
    metrics.matched = MatchedPairs(pairs: images * captions, imagesOfSplit: whole.images, limit: subject.matchedPairs)
    guard let shown = try shown(gallery.layout, photos: gallery.images) else { return (metrics, []) }
    let exhibits = try shown(
      imageRanks: gatherOverRanks(imageRanks, communicator, "image ranks that are shown"),
      captionRanks: gatherOverRanks(captionRanks, communicator, "caption ranks that are shown"),
      imageRows: { $0.map { image in (0..<captions).map { all[$0 * images + image] } } },
      captionRows: { $0.map { Array(all[$0 * images..<($0 + 1) * images]) } })
    return (metrics, exhibits)
  }
}

/// The photos that a model without features is to find captions of, and these captions.
struct MatchedGallery {
  /// Places in the split, ascending.
  let images: [Int]
  let captions: [Int]
  let layout: RetrievalLayout

  /// All photos where their pairs with all captions are at most `limit`; else as many as come to that, and two at least, drawn
  /// once for each split.
  init(_ whole: RetrievalLayout, limit: Int) throws {
    var order = Array(0..<whole.images)
    var random = RandomStream(seed: 0, .matchedGallery)
    random.shuffle(&order)
    var captions = 0
    let count = order.indices.prefix { place in
      captions += whole.captions(of: order[place]).count
      return place < 2 || (place + 1) * captions <= limit
    }.count
    images = order.prefix(count).sorted()
    var place = [Int](repeating: -1, count: whole.images)
    for (index, image) in images.enumerated() { place[image] = index }
    self.captions = whole.imageOfCaption.indices.filter { place[whole.imageOfCaption[$0]] >= 0 }
    layout = try RetrievalLayout(
      images: count, imageOfCaption: self.captions.map { place[whole.imageOfCaption[$0]] })
  }
}
