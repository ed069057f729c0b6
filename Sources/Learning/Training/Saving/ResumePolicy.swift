/// Whether a run goes on from a checkpoint.
public enum ResumePolicy: Equatable, Sendable {
  /// From the newest valid checkpoint of the output directory, if there is one.
  case auto
  /// From the first step; an output directory that holds a run is refused.
  case never
  /// From this checkpoint, or the newest valid one of this run directory.
  case directory(String)

  /// `auto`, `never`, or a path; `./auto` is a path.
  public init(_ text: String) {
    switch text {
    case "auto": self = .auto
    case "never": self = .never
    default: self = .directory(text)
    }
  }
}
