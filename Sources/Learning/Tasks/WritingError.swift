public import Reporting

/// Why texts cannot be written as somebody asks.
public enum WritingError: ReportableError {
  /// What is asked makes no sense, or is more than the model knows.
  case flawed(String)
  /// A prompt that the model's tokenizer knows nothing of.
  case noWords(prompt: String)
  /// A task that chooses or points, and writes nothing.
  case writesNothing(path: String, task: String)
  /// A task that counts what it writes, and keeps nothing of it for a page.
  case noPage(path: String, task: String)

  public var description: String {
    switch self {
    case .flawed(let flaw): "no texts can be written so: \(flaw)"
    case .noWords(let prompt):
      "the prompt \"\(printable(prompt, limit: 60))\" has no word that the model's tokenizer knows; leave it out, or give another"
    case .writesNothing(let path, let task):
      "\(printable(path)) was trained for \(task) and writes no texts, so that options on how they are written, and a page of those of a "
        + "split, mean nothing to it; leave them out"
    case .noPage(let path, let task):
      "\(printable(path)) was trained for \(task), whose texts an evaluation counts and does not keep; leave --page out, or look at some with "
        + "`mmtrain predict --page`"
    }
  }

  public var exitCode: ExitCode { .usage }
}
