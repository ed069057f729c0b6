/// What a file looks like by its first bytes, in words.
public func contentKind(_ bytes: UnsafeRawBufferPointer) -> String {
  if bytes.isEmpty { return "an empty file" }
  let signatures: [([UInt8], String)] = [
    ([0x50, 0x4B, 0x03, 0x04], "a zip archive"), ([0x50, 0x4B, 0x05, 0x06], "an empty zip archive"),
    ([0x1F, 0x8B], "a gzip file"), ([0x42, 0x5A, 0x68], "a bzip2 file"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file"),
    ([0x37, 0x7A, 0xBC, 0xAF], "a 7-Zip archive"), (Array("Rar!".utf8), "a RAR archive"),
    ([0xFF, 0xD8, 0xFF], "a JPEG picture"), ([0x89, 0x50, 0x4E, 0x47], "a PNG picture"),
    (Array("%PDF".utf8), "a PDF file"),
  ]
  for (signature, kind) in signatures where bytes.starts(with: signature) { return kind }
  if isWebPage(bytes) { return "a web page" }
  switch withoutLeadingSpace(bytes).first {
  case UInt8(ascii: "{"), UInt8(ascii: "["): return "JSON"
  case UInt8(ascii: "<"): return "XML, or a web page"
  default: break
  }
  let isText = bytes.prefix(512).allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) }
  return isText ? "a text" : "of an unknown kind"
}

/// Whether bytes begin as a web page does.
func isWebPage(_ bytes: UnsafeRawBufferPointer) -> Bool {
  let head = withoutLeadingSpace(bytes).prefix(16).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  return ["<!doctype html", "<html", "<head", "<body"].contains { head.starts(with: $0.utf8) }
}

/// The first bytes, after white space and a byte order mark.
private func withoutLeadingSpace(_ bytes: UnsafeRawBufferPointer) -> ArraySlice<UInt8> {
  var head = Array(bytes.prefix(512))[...]
  if head.starts(with: [0xEF, 0xBB, 0xBF]) { head = head.dropFirst(3) }
  return head.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
}
