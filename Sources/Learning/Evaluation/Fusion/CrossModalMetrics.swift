/// How far what is known of one modality holds for the other. The term has no one meaning, so the four that are in use stand beside each
/// other by name. In percent; nil where a model or its data have nothing of the kind.
public struct CrossModalMetrics: Codable, Equatable, Sendable {
  /// Retrieval: images whose first text is theirs, and texts whose first image is.
  public var imageToText: FusionFigure?
  public var textToImage: FusionFigure?
  /// Transfer: classes of texts, told by a linear probe that has seen images alone, and the other way.
  public var imageProbeOnText: FusionFigure?
  public var textProbeOnImage: FusionFigure?
  /// Agreement: how often a model says with one modality alone what it says with all.
  public var imageAgreement: FusionFigure?
  public var textAgreement: FusionFigure?
  /// Foils: how often a text scores above the same with something in it that is not so; equal ones count as wrong.
  public var foils: FusionFigure?
  /// Texts that have a foil.
  public var foilTexts: Int?
  /// What is not said, and why.
  public var unsaid: [String] = []

  enum CodingKeys: String, CodingKey {
    case foils, unsaid
    case foilTexts = "foil_texts"
    case imageToText = "retrieval_image_to_text"
    case textToImage = "retrieval_text_to_image"
    case imageProbeOnText = "transfer_image_to_text"
    case textProbeOnImage = "transfer_text_to_image"
    case imageAgreement = "agreement_image"
    case textAgreement = "agreement_text"
  }

  public init() {}

  /// Features of both modalities in one space, of the samples that a probe has seen and of others.
  public struct Features: Sendable {
    /// [N, D]
    public var images: [[Double]]
    public var texts: [[Double]]
    /// [N]
    public var targets: [Int]
    public var clusters: [Int]

    public init(images: [[Double]], texts: [[Double]], targets: [Int], clusters: [Int]) {
      (self.images, self.texts, self.targets, self.clusters) = (images, texts, targets, clusters)
    }
  }

  /// Which image is the likest to each text, and which text to each image; equal scores count as wrong, and equal texts as one.
  /// - Parameters:
  ///   - images, texts: in one space [N, D]; the i-th of both belong together.
  ///   - words: what each text says.
  public mutating func addRetrieval(
    images: [[Double]], texts: [[Double]], words: [String], clusters: [Int], hasIntervals: Bool = false
  ) {
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(clusters)) : nil
    func likeness(_ image: Int, _ text: Int) -> Double {
      zip(images[image], texts[text]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func isFirst(_ own: Int, _ likeness: (Int) -> Double) -> Bool {
      let best = likeness(own)
      return images.indices.allSatisfy { $0 == own || words[$0] == words[own] || likeness($0) < best }
    }
    imageToText = share(images.indices.map { image in isFirst(image) { likeness(image, $0) } }, bootstrap)
    textToImage = share(images.indices.map { text in isFirst(text) { likeness($0, text) } }, bootstrap)
  }

  /// Trains a probe on one modality of some samples, and asks it of the other one of others.
  /// - Throws: `EvaluationError` where there is nothing to tell apart.
  public mutating func addTransfer(
    from seen: Features, to asked: Features, classes: Int, hasIntervals: Bool = false
  ) throws(EvaluationError) {
    guard !seen.targets.isEmpty, !asked.targets.isEmpty else { throw .empty(what: "samples with a known class") }
    guard classes > 1 else { throw .oneClass(name: nil) }
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(asked.clusters)) : nil
    func figure(_ probe: LinearProbe, _ features: [[Double]]) -> FusionFigure? {
      share(zip(features, asked.targets).map { probe($0) == $1 }, bootstrap)
    }
    imageProbeOnText = figure(LinearProbe(seen.images, seen.targets, classes: classes), asked.texts)
    textProbeOnImage = figure(LinearProbe(seen.texts, seen.targets, classes: classes), asked.images)
  }

  /// - Parameters:
  ///   - matching: the score of each text with its image, and of its foil.
  ///   - clusters: of each.
  public mutating func addFoils(_ matching: [(own: Float, foil: Float)], clusters: [Int], hasIntervals: Bool = false) {
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(clusters)) : nil
    foils = share(matching.map { $0.own > $0.foil }, bootstrap)
    foilTexts = matching.count
  }

  /// What fusion has measured already.
  public mutating func addAgreement(of fusion: FusionMetrics) {
    unsaid.removeAll { $0.hasPrefix("agreement") }
    imageAgreement = fusion.byModality.first { $0.modality == "image" }?.agreement
    textAgreement = fusion.byModality.first { $0.modality == "text" }?.agreement
  }

  /// For a terminal.
  public var lines: [String] {
    let rows: [(String, FusionFigure?)] = [
      ("retrieval, image to text", imageToText), ("retrieval, text to image", textToImage),
      ("transfer, a probe of images asked of texts", imageProbeOnText),
      ("transfer, a probe of texts asked of images", textProbeOnImage),
      ("agreement, image alone and both", imageAgreement), ("agreement, text alone and both", textAgreement),
      ("foils" + (foilTexts.map { ", \($0) texts" } ?? ""), foils),
    ]
    return aligned(
      [["cross-modal accuracy", ""]] + rows.compactMap { name, figure in figure.map { [name, $0.words(" %")] } })
      + unsaid.map { "not said: " + $0 }
  }
}

private func share(_ isRight: [Bool], _ bootstrap: ClusterBootstrap?) -> FusionFigure? {
  FusionFigure(isRight.count, bootstrap) { times in
    let right = isRight.indices.reduce(0) { $0 + (isRight[$1] ? times[$1] : 0) }
    return 100 * Double(right) / Double(times.reduce(0, +))
  }
}
