public import Evaluation
public import Reporting

/// How good anybody's captions are: those of one file beside what people said of the same images in another.
/// - Parameters:
///   - captions: COCO's results, `[{"image_id": …, "caption": …}]`, or an object `{"IMAGE": "CAPTION", …}`.
///   - references: COCO's captions, `{"annotations": [{"image_id": …, "caption": …}]}`, a list of such, or an object
///     `{"IMAGE": ["CAPTION", …], …}`.
///   - frequencies: references whose images say how rare words are; nil takes those that are scored.
///   - tell: is told what was left out.
/// - Throws: `CaptionFileError`, `EvaluationError` and `FileError`.
public func scoreCaptions(
  of captions: String, references: String, frequencies: String? = nil, tell: (String) -> Void
) throws -> CaptionMetrics {
  let said = try CaptionTable(at: captions)
  if let image = said.images.first(where: { said.captions[$0, default: []].count > 1 }) {
    throw CaptionFileError.several(path: captions, image: image)
  }
  let known = try CaptionTable(at: references)
  let lacking = said.images.filter { known.captions[$0] == nil }
  guard lacking.isEmpty else { throw CaptionFileError.noReferences(path: references, images: lacking) }
  let left = known.images.count - said.images.count
  if left > 0 {
    tell("\(left) images of \(printable(references)) have no caption in \(printable(captions)) and are left out")
  }
  let images = said.images.enumerated().map { number, image in
    CaptionedImage(
      caption: said.captions[image]?.first ?? "", references: known.captions[image] ?? [], cluster: number)
  }
  let others = try frequencies.map { try CaptionTable(at: $0) }
  return try CaptionMetrics(
    images, frequencies: others.map { others in others.images.map { others.captions[$0] ?? [] } }, hasIntervals: true)
}

/// Why files of captions cannot be scored.
public enum CaptionFileError: ReportableError {
  case unread(path: String)
  case nothing(path: String)
  case several(path: String, image: String)
  case noReferences(path: String, images: [String])

  public var description: String {
    switch self {
    case .unread(let path):
      "\(printable(path)) is no file of captions; give JSON, as COCO has it: a list of {\"image_id\": …, \"caption\": …}, an object with such a list "
        + "as \"annotations\", or an object {IMAGE: CAPTION} or {IMAGE: [CAPTION, …]}"
    case .nothing(let path): "\(printable(path)) has no caption"
    case .several(let path, let image):
      "\(printable(path)) has several captions of image \(printable(image)), and one is scored; leave one of them"
    case .noReferences(let path, let images):
      "\(printable(path)) has no reference for \(images.count) of the captioned images (\(images.prefix(3).map { printable($0) }.joined(separator: ", "))); "
        + "give references for all of them, or leave their captions out"
    }
  }

  public var exitCode: ExitCode { .badData }
}
