public import Reporting

/// Why an archive is refused. Nothing is read from an archive that fails a gate: one bad entry refuses the whole.
public enum ArchiveError: ReportableError, Equatable {
  // The file as a whole
  /// The bytes are no archive of this kind; `found` says what they look like.
  case notAnArchive(path: String, kind: String, found: BytesKind)
  /// Bytes are missing or are others than were written: structure, checksum or length does not hold. `entry` is nil where
  /// the directory itself is damaged.
  case damaged(path: String, entry: String?, reason: String)
  /// Two places of the archive say different things, which another copy of it does not mend.
  case contradictory(path: String, entry: String?, reason: String)
  /// A file where a folder is wanted.
  case notAFolder(path: String)

  // Hostile content
  /// The name could lead out of the directory that it is meant for, or hide what it is.
  case unsafeName(path: String, entry: String, reason: String)
  /// A link, a device, or a file with special permissions.
  case unsafeKind(path: String, entry: String, kind: String)
  /// More bytes or entries than the limits allow.
  case tooLarge(path: String, entry: String?, reason: String)
  /// Two entries share bytes of the file.
  case overlapping(path: String, first: String, second: String)
  /// Two entries mean the same file, or would on a file system that folds case.
  case duplicateName(path: String, first: String, second: String)

  /// Two sources that are to be one hold different files under one name.
  case nameInTwoSources(entry: String, first: String, second: String)

  // Valid, but not for us
  /// Encryption, or a way of compressing that is not read here.
  case unsupported(path: String, entry: String?, feature: String)
  /// A gzipped tar where only what can be read in place is taken.
  case mustBeUnpacked(path: String)
  /// No entry has this name.
  case missingEntry(path: String, entry: String)

  // Writing
  /// The archive could not be made: the call, and libzip's reason.
  case notWritten(path: String, call: String, reason: String)
  /// Unpacking the archive takes more bytes than are free.
  case noSpace(path: String, place: String, needed: Int, available: Int)

  public var description: String {
    switch self {
    case .notAnArchive(let path, let kind, let found):
      "\(printable(path)) is not a \(kind) archive: it looks like \(found.words); \(found.advice)"
    case .damaged(let path, let entry, let reason):
      "\(place(path, entry)) is damaged: \(reason); fetch the archive again"
    case .contradictory(let path, let entry, let reason):
      "\(place(path, entry)) contradicts itself: \(reason); pack the archive again with another program, "
        + "or \(unpackingAdvice)"
    case .notAFolder(let path):
      "\(printable(path)) is a file where a folder is wanted; an archive is named with --archive \(printable(path))"
    case .unsafeName(let path, let entry, let reason):
      "\(place(path, entry)): unsafe name (\(reason)); the whole archive is refused: rename it and pack again, "
        + "or \(unpackingAdvice)"
    case .unsafeKind(let path, let entry, let kind):
      "\(place(path, entry)) is \(kind), only regular files are taken; the whole archive is refused: \(unpackingAdvice)"
    case .tooLarge(let path, let entry, let reason):
      "\(place(path, entry)): \(reason); the whole archive is refused: if it is to be trusted, \(unpackingAdvice)"
    case .overlapping(let path, let first, let second):
      "\(printable(path)): “\(printable(first))” and “\(printable(second))” share bytes; the whole archive is refused: "
        + "pack it again with another program"
    case .duplicateName(let path, let first, let second):
      "\(printable(path)): “\(printable(first))” and “\(printable(second))” are one name; the whole archive is refused: "
        + "rename one of them and pack again, or \(unpackingAdvice)"
    case .nameInTwoSources(let entry, let first, let second):
      "\(printable(first)) and \(printable(second)) hold different files called “\(printable(entry))”; "
        + "leave one of the two out, or rename the file in one of them"
    case .unsupported(let path, let entry, let feature):
      "\(place(path, entry)): \(printable(feature)) is not supported; pack the archive again without it, or \(unpackingAdvice)"
    case .mustBeUnpacked(let path):
      "\(printable(path)) is a gzip file, whose middle cannot be read; \(unpackingAdvice)"
    case .missingEntry(let path, let entry):
      "\(printable(path)) has no entry “\(printable(entry))”"
    case .notWritten(let path, let call, let reason):
      "\(printable(path)) could not be written: \(call): \(printable(reason))"
    case .noSpace(let path, let place, let needed, let available):
      "\(printable(path)) unpacks to \(needed) bytes more, and \(available) are free at \(printable(place)); "
        + "free some space and run the same command again"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .notWritten, .noSpace: .inputOutput
    case .notAFolder: .missingInput
    default: .badData
    }
  }

  private func place(_ path: String, _ entry: String?) -> String {
    entry.map { "\(printable(path)): “\(printable($0))”" } ?? printable(path)
  }
}
