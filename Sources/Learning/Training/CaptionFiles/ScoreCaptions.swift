internal import Batching
internal import Collectives
public import Evaluation
internal import Reporting
internal import Tasks

/// Files of captions, and of what is known of the same images.
public struct CaptionFiles {
  /// COCO's results, `[{"image_id": …, "caption": …}]`, or an object `{"IMAGE": "CAPTION", …}`.
  public var captions: String
  /// COCO's captions, `{"annotations": [{"image_id": …, "caption": …}]}`, a list of such, or an object
  /// `{"IMAGE": ["CAPTION", …], …}`.
  public var references: String
  /// References whose images say how rare words are; nil takes those that are scored.
  public var frequencies: String?
  /// Scores that other programs have computed of the captions.
  public var scores: String?
  /// Where the photos lie (a folder, an archive or a prepared set), and the model by whose features captions are held against them: its
  /// path, and what it is called.
  public var judge: (photos: String, path: String, name: String)?
  public var threads = 1

  public init(captions: String, references: String) { (self.captions, self.references) = (captions, references) }
}

/// How good anybody's captions are: those of one file beside what people said of the same images in another.
/// - Parameter tell: is told what was left out.
/// - Throws: `CaptionFileError`, `EvaluationError` and `FileError`; with a judge what reading models and photos throws.
public func scoreCaptions(of files: CaptionFiles, tell: @escaping (String) -> Void) throws -> CaptionMetrics {
  let said = try CaptionTable(at: files.captions)
  if let image = said.images.first(where: { said.captions[$0, default: []].count > 1 }) {
    throw CaptionFileError.several(path: files.captions, image: image)
  }
  let known = try CaptionTable(at: files.references)
  let lacking = said.images.filter { known.captions[$0] == nil }
  guard lacking.isEmpty else { throw CaptionFileError.noReferences(path: files.references, images: lacking) }
  let left = known.images.count - said.images.count
  if left > 0 {
    tell(
      "\(left) images of \(printable(files.references)) have no caption in \(printable(files.captions)) and are left out"
    )
  }
  var images = said.images.enumerated().map { number, image in
    CaptionedImage(
      caption: said.captions[image]?.first ?? "", references: known.captions[image] ?? [], cluster: number)
  }
  let others = try files.frequencies.map { try CaptionTable(at: $0) }
  let outside = try files.scores.map { try OutsideScores(at: $0, of: said.images).scores } ?? []
  var clipModel: String?
  if let judge = files.judge {
    let photos = try CaptionedPhotos(at: judge.photos, of: said.images, fileNames: known.fileNames)
    let model = try FeatureJudge(path: judge.path, name: judge.name, threads: files.threads, warn: tell)
    try model.judge(&images, of: photos, SoloCommunicator())
    clipModel = model.name
  }
  return try CaptionMetrics(
    images, frequencies: others.map { others in others.images.map { others.captions[$0] ?? [] } },
    clipModel: clipModel, outside: outside, hasIntervals: true)
}
