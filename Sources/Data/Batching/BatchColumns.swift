internal import Audio
internal import Images

/// The columns of b samples. What nobody asked for is nil; what a sample lacks is empty in its place.
public struct BatchColumns: Sendable {
  /// b×3×S×S; of photos that keep their shape, of each as many numbers as of any other, the first of which are its planes 3×H×W.
  public var pixels: PixelBuffer?
  /// H and W of each photo that keeps its shape, 0 where there is no photo; nil where all are squares.
  public var sizes: [(height: Int, width: Int)]?
  /// How many frames each sample has, where the model looks at several: as many pictures lie side by side in a sample's part of
  /// `pixels`, which has room for the most; nil where photos are looked at.
  public var frames: [Int]?
  /// Which samples have a photo, whether photos are wanted or not; nil where all do. What stands for others in `pixels` is nothing to
  /// look at.
  public var photos: [Bool]?
  public var captions: TextBatch?
  public var questions: QuestionBatch?
  /// The classes of each sample, by the name of their kind.
  public var labels: [String: [[String]]] = [:]
  /// Texts that are no captions, by their names.
  public var texts: [String: TextBatch] = [:]
  public var boxes: BoxBatch?
  /// Of each sample. What reads them says how many numbers a region has.
  public var regions: [RegionFeatures?]?
  /// Rows of the samples' clips.
  public var audio: AudioBatch?
  /// Of each sample.
  public var groups: [String?]?
  /// What each sample is mixed of, nil where it is as it was; nil where all are.
  public var mixtures: [Mixture?]?

  public init() {}
}

extension BatchColumns {
  /// - Parameters:
  ///   - samples: in the order of the batch.
  ///   - pixels: of the samples; without use where no photos are wanted.
  ///   - clips: how clips were made into rows.
  init(_ samples: [SampleParts], pixels: PixelBuffer, clips: ClipSettings, _ wanted: ColumnSet) {
    photos = samples.allSatisfy(\.hasPhoto) ? nil : samples.map(\.hasPhoto)
    mixtures = samples.contains { $0.mixture != nil } ? samples.map(\.mixture) : nil
    for column in wanted.columns {
      switch column {
      case .image:
        self.pixels = pixels
        let areShaped = samples.contains { $0.size != nil }
        frames = samples.contains { $0.frames != nil } ? samples.map { $0.frames ?? 0 } : nil
        sizes = areShaped ? samples.map { ($0.size?.height ?? 0, $0.size?.width ?? 0) } : nil
      case .captions: captions = TextBatch(samples.map(\.captions))
      case .questions: questions = QuestionBatch(samples.map(\.questions))
      case .labels(let name): labels[name] = samples.map { $0.labels[name] ?? [] }
      case .text(let name): texts[name] = TextBatch(samples.map { $0.texts[name] ?? EncodedTexts() })
      case .boxes: boxes = BoxBatch(samples.map(\.boxes))
      case .regions: regions = samples.map(\.regions)
      case .group: groups = samples.map(\.group)
      case .audio: audio = AudioBatch(samples.map(\.clip), width: clips.form.width)
      }
    }
  }
}

/// What one sample has of the columns that are wanted, made on a worker's thread; its pixels lie in the batch's buffer.
struct SampleParts: Sendable {
  var captions = EncodedTexts()
  var questions = EncodedQuestions()
  var labels: [String: [String]] = [:]
  var texts: [String: EncodedTexts] = [:]
  var boxes = EncodedBoxes()
  var regions: RegionFeatures?
  /// Rows of its clip.
  var clip: BandRows?
  var group: String?
  var mixture: Mixture?
  var hasPhoto = true
  /// How many frames were looked at; nil where a photo was, or nothing.
  var frames: Int?
  /// H and W of a photo that keeps its shape.
  var size: PixelSize?

  /// Whether the sample has nothing of a column that is wanted.
  func lacks(_ column: Column) -> Bool {
    switch column {
    case .image: false
    case .captions: captions.ids.isEmpty
    case .questions: questions.values.isEmpty
    case .labels(let name): labels[name]?.isEmpty != false
    case .text(let name): texts[name] == nil
    case .boxes: boxes.edges.isEmpty
    case .regions: regions == nil
    case .audio: clip == nil
    case .group: group == nil
    }
  }
}
