internal import Glibc
public import Reporting

/// What can go wrong with a file or a directory.
public enum FileError: ReportableError {
  case missing(path: String)
  /// A directory, a pipe or a device under the name of a file to read.
  case notAFile(path: String, kind: String)
  case tooLarge(path: String, size: Int, limit: Int)
  /// A system call failed: its name, what it was asked to work on, and errno.
  case system(call: String, path: String, code: Int32)
  /// Another live process holds the directory.
  case locked(path: String, owner: String)

  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .missing(let path):
      "\(printable(path)): no such file or directory; check the path"
    case .notAFile(let path, let kind):
      "\(printable(path)) is \(kind) where a file is wanted; check the path"
    case .tooLarge(let path, let size, let limit):
      "\(printable(path)): \(size) bytes, more than the \(limit) allowed here; is this the right file?"
    case .system(let call, let path, let code):
      "\(printable(path)): \(call) failed: \(String(cString: strerror(code)))\(advice(code))"
    case .locked(let path, let owner):
      "\(printable(path)) is in use by \(printable(owner)); wait for it, or choose another directory"
    }
  }

  /// 66 for a missing input, 73 for a place that cannot be written to, 74 for a write that failed.
  public var exitCode: ExitCode {
    switch self {
    case .missing, .notAFile: .missingInput
    case .tooLarge: .badData
    case .locked: .cannotCreateOutput
    case .system(let call, _, let code):
      switch (call, code) {
      case (_, ENOSPC), (_, EDQUOT): .inputOutput
      case ("mkdir", _), ("create", _), (_, EROFS), (_, EACCES), (_, EPERM): .cannotCreateOutput
      default: .inputOutput
      }
    }
  }

  private func advice(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "; free some space and run the same command again"
    case EROFS, EACCES, EPERM: "; choose a place that you may write to"
    default: ""
    }
  }

  /// The error for a call that just failed, from errno. What was to be created is not what is missing.
  static func last(_ call: String, _ path: String) -> FileError {
    errno == ENOENT && call != "create" && call != "mkdir"
      ? .missing(path: path) : .system(call: call, path: path, code: errno)
  }
}
