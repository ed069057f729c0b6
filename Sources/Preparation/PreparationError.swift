public import Reporting

/// Why no data set was made. Nothing is left behind at the output's place.
public enum PreparationError: ReportableError {
  // The source
  case noPhotos(path: String)
  case noCaptions(path: String)
  case notTheExpectedArchive(path: String, expected: String, found: String)
  /// A photo is no longer what it was when it was checked.
  case changed(path: String)

  // Caption and split files
  /// A file that was named as a caption file has no known layout; `firstLine` is what it begins with.
  case unknownCaptionLayout(path: String, firstLine: String)
  case unreadableJSON(path: String, reason: String)
  case unknownSplitLayout(path: String, firstLine: String)
  case proportions(validation: Double, test: Double)

  // The result
  /// More is unfit than `PreparationRequest.maximumBadFraction` accepts; the report lists all of it.
  case tooManyUnfit(report: PreparationReport, of: String, unfit: Int, total: Int, limit: Double)
  /// No photo is left that has captions and a split.
  case nothingLeft(report: PreparationReport)

  public var description: String {
    switch self {
    case .noPhotos(let path):
      "\(printable(path)) holds no photos; a zip or a folder with .jpg files somewhere in it is wanted"
    case .noCaptions(let path):
      "\(printable(path)) holds no caption file that is known (Karpathy JSON, .token, results.csv, captions.txt); "
        + "name one with --captions FILE"
    case .notTheExpectedArchive(let path, let expected, let found):
      "\(printable(path)) is not the expected archive: its SHA-256 is \(found), not \(printable(expected)); "
        + "fetch it again"
    case .changed(let path):
      "\(printable(path)) changed while it was being prepared; run the same command again"
    case .unknownCaptionLayout(let path, let firstLine):
      "\(printable(path)):1: not a caption file of a known layout; it begins “\(printable(firstLine, limit: 80))”, "
        + "known are Karpathy JSON, NAME.jpg#0<TAB>CAPTION, image_name| comment_number| comment and image,caption"
    case .unreadableJSON(let path, let reason):
      "\(printable(path)): not JSON in Karpathy's layout: \(printable(reason)); check the file or name another"
    case .unknownSplitLayout(let path, let firstLine):
      "\(printable(path)):1: not a split file of a known layout; it begins “\(printable(firstLine, limit: 80))”, "
        + "known are Karpathy JSON, lines of NAME.jpg<TAB>SPLIT, and lists of names called train.txt, val.txt, test.txt"
    case .proportions(let validation, let test):
      "split proportions of \(validation) and \(test) leave no training split; use shares of 0 or more, together below 1"
    case .tooManyUnfit(let report, let what, let unfit, let total, let limit):
      "\(unfit) of \(total) \(what) are unfit, more than the accepted fraction of \(limit): \(examples(report)); "
        + "mend the source, or accept more with --max-bad-fraction"
    case .nothingLeft(let report):
      "no photo is left that has captions and a split: \(examples(report)); check that the caption and split files "
        + "belong to these photos"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .noPhotos, .noCaptions: .missingInput
    case .proportions: .configuration
    default: .badData
    }
  }

  /// The first few of what was left out.
  private func examples(_ report: PreparationReport) -> String {
    let shown = report.problems.prefix(5).map(\.line)
    let rest = report.problemCount - shown.count
    return shown.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
  }
}
