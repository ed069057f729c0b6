public import Reporting

/// Why an archive is refused. Nothing is read from an archive that fails a gate: one bad entry refuses the whole.
public enum ArchiveError: ReportableError, Equatable {
  // The file as a whole
  /// The bytes are no archive of this kind; `found` names what they look like.
  case notAnArchive(path: String, kind: String, found: String)
  /// Structure, checksum or length does not hold; `entry` is nil where the directory itself is damaged.
  case damaged(path: String, entry: String?, reason: String)

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
  case unsupported(path: String, entry: String, feature: String)
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
      "\(printable(path)) is not a \(kind) archive: it looks like \(found); fetch it again or name another file"
    case .damaged(let path, let entry, let reason):
      "\(place(path, entry)) is damaged: \(reason); fetch the archive again"
    case .unsafeName(let path, let entry, let reason):
      "\(place(path, entry)): unsafe name (\(reason)); the whole archive is refused"
    case .unsafeKind(let path, let entry, let kind):
      "\(place(path, entry)) is \(kind), only regular files are taken; the whole archive is refused"
    case .tooLarge(let path, let entry, let reason):
      "\(place(path, entry)): \(reason); the whole archive is refused"
    case .overlapping(let path, let first, let second):
      "\(printable(path)): “\(printable(first))” and “\(printable(second))” share bytes; the whole archive is refused"
    case .duplicateName(let path, let first, let second):
      "\(printable(path)): “\(printable(first))” and “\(printable(second))” are one name; the whole archive is refused"
    case .nameInTwoSources(let entry, let first, let second):
      "\(printable(first)) and \(printable(second)) hold different files called “\(printable(entry))”; "
        + "leave one of the two out, or rename the file in one of them"
    case .unsupported(let path, let entry, let feature):
      "\(place(path, entry)): \(printable(feature)) is not supported; pack the archive again without it"
    case .mustBeUnpacked(let path):
      "\(printable(path)) is a gzip file, whose middle cannot be read; unpack it and name the folder"
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
    default: .badData
    }
  }

  private func place(_ path: String, _ entry: String?) -> String {
    entry.map { "\(printable(path)): “\(printable($0))”" } ?? printable(path)
  }
}

/// What the first bytes of a file look like, in words, for the sentence that says that it is not what was wanted.
func kindOfBytes(_ bytes: UnsafeRawBufferPointer) -> String {
  if bytes.isEmpty { return "an empty file" }
  let signatures: [([UInt8], String)] = [
    ([0x50, 0x4B], "a zip file cut short"), ([0x1F, 0x8B], "a gzip file"), ([0x42, 0x5A, 0x68], "a bzip2 file"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file"), ([0x37, 0x7A, 0xBC, 0xAF], "a 7-Zip file"),
    (Array("Rar!".utf8), "a RAR file"), ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
    ([0x89, 0x50, 0x4E, 0x47], "a PNG picture"),
    (Array("%PDF".utf8), "a PDF file"), ([0x80, 0x02], "a Python pickle"),
  ]
  for (signature, kind) in signatures where bytes.starts(with: signature) { return kind }
  let head = bytes.prefix(512).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  let text = head.drop { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
  if text.starts(with: Array("<!doctype html".utf8)) || text.starts(with: Array("<html".utf8)) {
    return "a web page (often an error page saved under the archive's name)"
  }
  if text.first == 0x7B || text.first == 0x5B { return "JSON" }
  return "something else"
}
