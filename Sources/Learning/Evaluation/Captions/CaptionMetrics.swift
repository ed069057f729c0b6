/// What a model says of an image, and what people have said.
public struct CaptionedImage: Sendable {
  public var caption: String
  /// One at least.
  public var references: [String]
  /// The number of its group: images of one are no independent evidence.
  public var cluster: Int
  /// By a model of images and texts; nil where none was asked.
  public var likeness: CaptionLikeness?

  public init(caption: String, references: [String], cluster: Int) {
    (self.caption, self.references, self.cluster) = (caption, references, cluster)
  }
}

/// How good captions are, by what people have said of the same images. BLEU and ROUGE-L are shares of 1, CIDEr-D lies between 0 and 10, as the
/// evaluation of COCO's captions prints them.
public struct CaptionMetrics: Codable, Equatable, Sendable {
  public var images: Int
  public var references: Int
  /// What the scores hang on beside captions and references: scores with another signature are others.
  public var signature: String
  /// BLEU-1 to BLEU-4.
  public var bleu: [Double]
  public var rougeL: Double
  /// CIDEr-D; nil where its frequencies are of one image, which says that every word is as rare as any.
  public var cider: Double?
  /// The images that its frequencies are of.
  public var frequencyImages: Int
  /// CLIPScore and RefCLIPScore, the means over images, and the model whose they are; nil where none was asked.
  public var clipScore: Double?
  public var referenceClipScore: Double?
  public var clipModel: String?
  /// Of other programs; nil where none are given.
  public var outside: [ToldOutsideScore]?
  /// Different words and pairs of words, as shares of all.
  public var distinct1: Double?
  public var distinct2: Double?
  /// Percent of the captions that no caption of the training split says too; nil where that split is not known.
  public var novel: Double?
  /// Percent of the captions that say a run of up to four words twice in a row.
  public var repeated: Double
  /// Percent of the captions that end in a word that something has to follow, or are empty.
  public var badEndings: Double
  /// Words of a caption, on average.
  public var length: Double
  /// Captions without a word.
  public var empty: Int
  /// The caption that is said most often, and how often.
  public var mostFrequent: String
  public var mostFrequentCount: Int
  /// 95 % intervals by the figures' keys, where they were asked for. Distinct words have none: an image that is drawn twice says nothing new.
  public var intervals: [String: Interval]?
  /// Of each caption, in the order in which they were given; none where figures were read.
  public private(set) var single: [CaptionScores] = []

  enum CodingKeys: String, CodingKey, CaseIterable {
    case images, references, signature, bleu, cider, distinct1, distinct2, novel, repeated, length, empty, intervals
    case rougeL = "rouge_l"
    case frequencyImages = "frequency_images"
    case badEndings = "bad_endings"
    case outside
    case clipScore = "clip_score"
    case referenceClipScore = "ref_clip_score"
    case clipModel = "clip_model"
    case mostFrequent = "most_frequent"
    case mostFrequentCount = "most_frequent_count"
  }

  /// - Parameters:
  ///   - frequencies: references of the images that tell how rare words are; nil takes those of the images themselves.
  ///   - known: captions that the model was trained on.
  ///   - clipModel: the model by which every caption has a likeness.
  ///   - outside: scores of other programs.
  /// - Throws: `EvaluationError` where there are no images, or one has no reference.
  public init(
    _ all: [CaptionedImage], frequencies: [[String]]? = nil, known: [String]? = nil, clipModel: String? = nil,
    outside: [OutsideScore] = [], hasIntervals: Bool = false
  ) throws(EvaluationError) {
    guard !all.isEmpty else { throw .empty(what: "captions") }
    if let image = all.firstIndex(where: \.references.isEmpty) { throw .imageWithoutCaption(image: image) }
    let scored = ScoredCaptions(all, frequencies: frequencies, known: known)
    images = all.count
    references = all.reduce(0) { $0 + $1.references.count }
    frequencyImages = scored.frequencyImages
    self.clipModel = clipModel
    signature = scored.signature(
      all, hasOwnFrequencies: frequencies == nil, clipModel: clipModel, outside: outside.map(\.name))
    let once = all.map { _ in 1 }
    bleu = scored.bleu(once)
    let means = scored.columns.reduce(into: [String: Double]()) {
      $0[$1.key.stringValue] = weightedMean($1.values, once)
    }
    func figure(_ key: CodingKeys) -> Double? { means[key.stringValue] }
    (rougeL, cider, novel) = (figure(.rougeL) ?? 0, figure(.cider), figure(.novel))
    (clipScore, referenceClipScore) = (figure(.clipScore), figure(.referenceClipScore))
    (repeated, badEndings, length) = (figure(.repeated) ?? 0, figure(.badEndings) ?? 0, figure(.length) ?? 0)
    (distinct1, distinct2) = (scored.variety.distinct[0], scored.variety.distinct[1])
    empty = scored.variety.lengths.count { $0 == 0 }
    (mostFrequent, mostFrequentCount) = scored.variety.mostFrequent
    single = scored.single
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(all.map(\.cluster))) : nil
    self.outside = outside.isEmpty ? nil : outside.map { ToldOutsideScore($0, bootstrap) }
    intervals = bootstrap?.intervals(FigureKey.bleu + scored.columns.map { FigureKey($0.key) }) { times in
      scored.bleu(times) + scored.columns.map { weightedMean($0.values, times) }
    }
  }
}

extension FigureKey {
  static let bleu = (1...WordRuns.longest).map { FigureKey("bleu\($0)") }
}

/// What each caption adds to each figure.
private struct ScoredCaptions {
  let counts: [BLEUCounts]
  /// A value of each caption for each figure that is a mean of such.
  let columns: [(key: CaptionMetrics.CodingKeys, values: [Double])]
  let variety: CaptionVariety
  let frequencyImages: Int

  init(_ all: [CaptionedImage], frequencies: [[String]]?, known: [String]?) {
    let runs = WordRuns()
    let words = all.map { CaptionTokenizer.words($0.caption) }
    let captions = words.map(runs.counted)
    let count = { (texts: [String]) in texts.map { runs.counted(CaptionTokenizer.words($0)) } }
    let references = all.map { count($0.references) }
    let cider = CIDEr(of: frequencies.map { $0.map(count) } ?? references)
    frequencyImages = Int(cider.images)
    counts = zip(captions, references).map { BLEUCounts($0, $1) }
    variety = CaptionVariety(words, captions, known: known.map { Set($0.map(CaptionTokenizer.words)) })
    var columns: [(CaptionMetrics.CodingKeys, [Double])] = [
      (.rougeL, zip(captions, references).map { Evaluation.rougeL($0, $1) }), (.repeated, variety.repeats),
      (.badEndings, variety.endsBadly), (.length, variety.lengths),
    ]
    if cider.images > 1 { columns.append((.cider, zip(captions, references).map { cider.score($0, $1) })) }
    let likeness = all.compactMap(\.likeness)
    if likeness.count == all.count {
      columns.append((.clipScore, likeness.map(\.score)))
      columns.append((.referenceClipScore, likeness.map(\.referenceScore)))
    }
    if let isNovel = variety.isNovel { columns.append((.novel, isNovel)) }
    self.columns = columns
  }

  var single: [CaptionScores] {
    func values(_ key: CaptionMetrics.CodingKeys) -> [Double]? { columns.first { $0.key == key }?.values }
    let (rougeL, cider) = (values(.rougeL) ?? [], values(.cider))
    return rougeL.enumerated().map { CaptionScores(cider: cider?[$0], rougeL: $1) }
  }

  func bleu(_ times: [Int]) -> [Double] {
    var sum = BLEUCounts()
    for (count, times) in zip(counts, times) where times > 0 { sum.add(count, times: times) }
    return sum.scores
  }

  func signature(
    _ all: [CaptionedImage], hasOwnFrequencies: Bool, clipModel: String?, outside: [String]
  ) -> String {
    let numbers = all.map(\.references.count)
    let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 0)
    let own = [
      "tokenizer:\(CaptionTokenizer.name)", "images:\(all.count)",
      "references:\(least == most ? "\(least)" : "\(least)-\(most)")",
      "frequencies:\(hasOwnFrequencies ? "own" : "given"),\(frequencyImages)", "version:1",
    ]
    let clip = clipModel.map { ["clip:\($0)"] } ?? []
    return (own + clip + (outside.isEmpty ? [] : ["outside:" + outside.joined(separator: ",")])).joined(separator: "|")
  }
}
