public import Reporting

/// Photos that were left out, for programs.
public func skippedPhotos(_ problems: [PhotoProblem]) -> OrderedJSON {
  .list(problems.map { .object([("name", .text($0.name)), ("reason", .text($0.reason))]) })
}
