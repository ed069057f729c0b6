public import Reporting

/// What can go wrong between a manifest and the files that it names.
public enum CatalogueError: ReportableError, Equatable {
  /// No data set has this name; `suggestion` is what was perhaps meant.
  case unknownName(String, suggestion: String?)
  /// No manifest is there.
  case noManifest(String, suggestion: String?)
  /// Nobody may fetch it without asking; `advice` says how to get it.
  case mustBeObtained(name: String, advice: String)
  /// None of a file's addresses gave it.
  case notFetched(file: String, reasons: [String], code: ExitCode)
  /// The archive that was fetched does not hold what the manifest says.
  case missingMember(path: String, member: String, suggestion: String?)
  case severalMembers(path: String, member: String, first: String, second: String)
  /// Bytes that are to be written, and those that are free.
  case noSpace(directory: String, needed: Int, available: Int, what: String)

  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .unknownName(let name, let suggestion):
      "no data set is called \(printable(name)); " + (suggestion.map { "did you mean \($0)? " } ?? "")
        + "`mmtrain prepare --list` shows those that are known, and a manifest of your own is named by its path"
    case .noManifest(let path, let suggestion):
      "\(printable(path)): no such file; "
        + (suggestion.map { "did you mean \(printable($0))?" } ?? "docs/downloads.md shows how a manifest is written")
    case .mustBeObtained(let name, let advice):
      "\(name) cannot be fetched without asking.\n\(advice)"
    case .notFetched(let file, let reasons, _):
      "\(file) could not be fetched; what came is kept, and the same command goes on from there"
        + reasons.map { "\n  \($0)" }.joined()
    case .missingMember(let path, let member, let suggestion):
      "\(printable(path)) holds no file \(printable(member)), which the manifest names"
        + (suggestion.map { "; did you mean \(printable($0))?" } ?? "")
    case .severalMembers(let path, let member, let first, let second):
      "\(printable(path)) holds \(printable(member)) more than once: \(printable(first)) and \(printable(second))"
    case .noSpace(let directory, let needed, let available, let what):
      "\(printable(directory)): \(what) need \(sizeInWords(needed)) and \(sizeInWords(available)) are free; "
        + "free some space, or choose another place with --downloads and --output"
    }
  }

  /// 64 for a name that is none, 66 for what must be asked for, 74 for a full disk, 78 for a manifest that is wrong about
  /// an archive; for what could not be fetched, that of the reasons.
  public var exitCode: ExitCode {
    switch self {
    case .unknownName: .usage
    case .mustBeObtained, .noManifest: .missingInput
    case .notFetched(_, _, let code): code
    case .missingMember, .severalMembers: .configuration
    case .noSpace: .inputOutput
    }
  }
}

/// A number of bytes as people say it: `13.5 GB`.
public func sizeInWords(_ bytes: Int) -> String {
  var value = Double(bytes)
  for unit in ["bytes", "kB", "MB", "GB", "TB"] {
    if value < 999.5 || unit == "TB" {
      if unit == "bytes" { return "\(bytes) bytes" }
      let tenths = Int((value * 10).rounded())
      return value < 99.95 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(Int(value.rounded())) \(unit)"
    }
    value /= 1000
  }
  return "\(bytes) bytes"
}
