public import Batching
public import Collectives

/// Classification without training: the class whose name's texts lie nearest to the photo.
///
/// Radford et al., 2021, §3.1.4: a class's weights are the mean of the features of its name in several templates, brought
/// back to length one; the same as open_clip's `build_zero_shot_classifier`.
public enum ZeroShot {
  /// open_clip 3.3's `SIMPLE_IMAGENET_TEMPLATES`, the seven that Radford et al. found to do almost as well as eighty
  /// (openai/CLIP, notebooks/Prompt_Engineering_for_ImageNet.ipynb). The class's words take the place of `{}`.
  public static let templates = [
    "itap of a {}.", "a bad photo of the {}.", "a origami {}.", "a photo of the large {}.", "a {} in a video game.",
    "art of the {}.", "a photo of the small {}.",
  ]

  /// What LAION's CLAP asks clips with (Wu et al., 2023, §4.2).
  public static let clipTemplates = ["This is a sound of {}."]

  public static func templates(for kind: MediaKind) -> [String] { kind == .photos ? templates : clipTemplates }

  /// All texts: class after class, template after template.
  public static func prompts(classes: [String], templates: [String]) -> [String] {
    classes.flatMap { words in templates.map { $0.replacing("{}", with: words) } }
  }

  /// - Parameter prompts: features of the texts of `prompts(classes:templates:)`.
  /// - Returns: a row of length one for each class.
  public static func classWeights(prompts: Features, templates: Int) -> Features {
    let width = prompts.width
    var weights: [Float] = []
    for first in stride(from: 0, to: prompts.count, by: templates) {
      var sum = [Float](repeating: 0, count: width)
      for row in first..<first + templates {
        for (column, value) in prompts[row].enumerated() { sum[column] += value }
      }
      let length = max(sum.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
      weights += sum.map { $0 / length }
    }
    return Features(weights, width: width)
  }
}

/// How well photos were classified.
public struct ClassificationReport: Sendable, Equatable {
  /// Shares of 1. A right class that ties with a wrong one counts as behind it.
  public let top1: Double
  public let top5: Double
  /// The mean over the classes that have photos.
  public let meanPerClass: Double
  /// Of each class, nil where it has no photo.
  public let perClass: [Double?]
  /// [true class][class that was taken], photos. Of equal logits the first class is taken.
  public let confusion: [[Int]]
  public let photos: Int

  /// - Parameters:
  ///   - logits: [photos, classes]
  ///   - labels: the class of each photo.
  public init(logits: [Float], labels: [Int], classes: Int) {
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    var hits = [Int](repeating: 0, count: classes)
    var hitsOfFive = 0
    for (photo, label) in labels.enumerated() {
      let row = logits[photo * classes..<(photo + 1) * classes]
      let own = row[row.startIndex + label]
      let rank = row.enumerated().reduce(1) { $0 + ($1.offset != label && !($1.element < own) ? 1 : 0) }
      if rank == 1 { hits[label] += 1 }
      if rank <= 5 { hitsOfFive += 1 }
      let taken = row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
      confusion[label][taken] += 1
    }
    photos = labels.count
    let counts = confusion.map { $0.reduce(0, +) }
    top1 = Double(hits.reduce(0, +)) / Double(max(photos, 1))
    top5 = Double(hitsOfFive) / Double(max(photos, 1))
    perClass = zip(hits, counts).map { $1 == 0 ? nil : Double($0) / Double($1) }
    let known = perClass.compactMap(\.self)
    meanPerClass = known.reduce(0, +) / Double(max(known.count, 1))
    self.confusion = confusion
  }
}

extension LoadedModel {
  /// What became of a classification.
  public struct Classification: Sendable {
    public let report: ClassificationReport
    public let problems: [PhotoProblem]
    public let shortened: [String]
    public let cutTexts: Int
  }

  /// Classifies all photos by the words of their classes; the same on any number of ranks. Collective.
  /// - Parameter templates: with `{}` for the class.
  public func classify(
    _ data: ClassifiedPhotos, templates: [String], _ settings: PhotoEncoding, _ communicator: any Communicator,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> Classification {
    let prompts = try encode(
      ZeroShot.prompts(classes: data.classes.map(\.words), templates: templates), communicator)
    let weights = ZeroShot.classWeights(prompts: prompts.features, templates: templates.count)
    let photos = try encode(data.photos, settings, communicator, progress: progress)
    let logits = match(images: photos.features, texts: weights, over: .texts, of: data.photos.kind).logits
    return Classification(
      report: ClassificationReport(
        logits: logits, labels: photos.places.map { data.labels[$0] }, classes: data.classes.count),
      problems: photos.problems, shortened: photos.shortened, cutTexts: prompts.cutTexts)
  }
}
