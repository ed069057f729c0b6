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

  enum CodingKeys: String, CodingKey {
    case foils
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
  }

  /// What retrieval and fusion have measured already.
  public mutating func add(retrieval: RetrievalMetrics) {
    (imageToText, textToImage) = (FusionFigure(retrieval.imageToText), FusionFigure(retrieval.textToImage))
  }
}

extension FusionFigure {
  /// How many queries find what they look for at once.
  init(_ recall: RecallMetrics) {
    self.init(value: recall.r1)
    interval = recall.intervals?[RecallMetrics.CodingKeys.r1.stringValue]
  }
}

private func share(_ isRight: [Bool], _ bootstrap: ClusterBootstrap?) -> FusionFigure? {
  FusionFigure(isRight.count, bootstrap) { times in
    let right = isRight.indices.reduce(0) { $0 + (isRight[$1] ? times[$1] : 0) }
    return 100 * Double(right) / Double(times.reduce(0, +))
  }
}
