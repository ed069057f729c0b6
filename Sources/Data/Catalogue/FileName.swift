internal import Reporting

/// What is wrong with a name that must not lead anywhere, as the rest of a sentence; nil where nothing is. By bytes, as
/// the system reads it: to Swift a slash or a dot with an accent behind it is a character of its own.
func faultOfBaseName(_ name: String) -> String? {
  if name.utf8.contains(UInt8(ascii: "/")) || name.utf8.contains(UInt8(ascii: "\\")) {
    return "must be a file's name, not a path"
  }
  if name.lowercased() == extractedFolder { return "is the name of a folder that mmtrain makes" }
  if name.utf8.first == UInt8(ascii: ".") { return "must not begin with a dot" }
  if name.utf8.count > 200 { return "is longer than 200 bytes" }
  if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "\u{FFFD}" })
    || printable(name, limit: 300) != name
  {
    return "holds characters that do not print"
  }
  if let ending = reservedEndings.first(where: name.lowercased().hasSuffix) {
    return "must not end in \(ending), which mmtrain uses for its own files"
  }
  return nil
}

/// Beside the files: what was taken out of them.
let extractedFolder = "extracted"

/// What stands behind a file's name while it comes, or beside it afterwards.
private let reservedEndings = [".incomplete", ".etag", ".bad", ".lock", ".sha256"]

/// The last component of a URL's path, decoded; nil where that is no safe name.
func baseName(ofURL url: String) -> String? {
  let path = url.prefix { $0 != "?" && $0 != "#" }
  guard let scheme = path.firstRange(of: "://") else { return nil }
  let rest = path[scheme.upperBound...]
  guard let slash = rest.lastIndex(of: "/"), let name = percentDecoded(rest[rest.index(after: slash)...]), !name.isEmpty
  else { return nil }
  return faultOfBaseName(name) == nil ? name : nil
}

private func percentDecoded(_ text: Substring) -> String? {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let first = rest.popFirst() {
    guard first == UInt8(ascii: "%") else {
      bytes.append(first)
      continue
    }
    guard rest.count >= 2, let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
      return nil
    }
    bytes.append(byte)
    rest = rest.dropFirst(2)
  }
  return String(validating: bytes, as: UTF8.self)
}

/// Whether a file is an archive by its name.
func isArchiveName(_ name: String) -> Bool {
  [".zip", ".tar", ".tar.gz", ".tgz"].contains(where: name.lowercased().hasSuffix)
}
