public import Reporting

/// What keeps a metric from having a value.
public enum EvaluationError: ReportableError {
  /// Nothing to evaluate: no images, no captions or no pairs.
  case empty(what: String)
  /// An image without captions cannot be found by any.
  case imageWithoutCaption(image: Int)
  /// A caption belongs to an image that is not there.
  case captionOfUnknownImage(caption: Int, image: Int)
  /// There is nothing to tell a class from.
  case oneClass(name: String?)
  /// A sample is of a class that the model does not have.
  case unknownClass(sample: Int, number: Int, classes: Int)
  /// Nobody is of a group.
  case noGroup(by: String)
  /// Scores and what they are the scores of differ in number.
  case count(what: String, found: Int, expected: Int)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .empty(let what):
      "no \(what) to evaluate; choose a split that has some"
    case .imageWithoutCaption(let image):
      "image \(image) of the evaluated split has no caption, so nothing can be retrieved for it; leave it out"
    case .captionOfUnknownImage(let caption, let image):
      "caption \(caption) of the evaluated split belongs to image \(image), which is not part of it"
    case .oneClass(let name):
      "\(name.map { "the class \(printable($0)) is the only one" } ?? "there is no class"), so there is nothing to tell apart; "
        + "choose a label that has two values at least"
    case .unknownClass(let sample, let number, let classes):
      "sample \(sample) of the evaluated split is of class \(number), and the model has \(classes) classes; train it on data that "
        + "have that class, or leave the sample out"
    case .noGroup(let by):
      "no sample of the evaluated split has a \(printable(by)), so there are no groups; prepare the data with that column, or group by "
        + "another"
    case .count(let what, let found, let expected):
      "\(found) \(what) where \(expected) were expected"
    }
  }

  /// 65: the data has no answer to what is asked.
  public var exitCode: ExitCode {
    switch self {
    case .count: .internalError
    default: .badData
    }
  }
}
