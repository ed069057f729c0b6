public import Reporting

/// Why files of captions cannot be scored.
public enum CaptionFileError: ReportableError {
  case unread(path: String)
  case nothing(path: String)
  case several(path: String, image: String)
  case noReferences(path: String, images: [String])
  case noPhotos(path: String, images: [String])
  case severalPhotos(path: String, image: String, names: [String])
  case badScores(path: String, problem: String)

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
    case .noPhotos(let path, let images):
      "\(printable(path)) has no photo of \(images.count) of the captioned images (\(images.prefix(3).map { printable($0) }.joined(separator: ", "))); a photo is known by "
        + "its name, with or without folders and ending, by the number at its end, or by \"file_name\" among the \"images\" of the references' file"
    case .severalPhotos(let path, let image, let names):
      "\(printable(path)) has several photos that could be image \(printable(image)) (\(names.prefix(3).map { printable($0) }.joined(separator: ", "))); name the folder of one of them"
    case .badScores(let path, let problem):
      "\(printable(path)): \(problem); give {\"NAME\": NUMBER} of all captions together, {\"NAME\": {\"IMAGE\": NUMBER, …}} of each image, or "
        + "a list of {\"image_id\": …, \"NAME\": NUMBER, …}"
    }
  }

  public var exitCode: ExitCode { .badData }
}
