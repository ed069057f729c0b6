/// What a file holds that stands in the place of another one, by its first bytes, with what to do about it; nil where it may
/// be the file. Downloads leave such files behind: pointers that nobody followed, pages that say what went wrong.
public func mistakenContent(_ bytes: some Sequence<UInt8>) -> String? {
  let start = Array(bytes.prefix(512))
  if start.starts(with: "version https://git-lfs".utf8) {
    return "is a pointer of git LFS and not the file itself; fetch it with `git lfs pull`, or with `mmtrain fetch`"
  }
  let text = String(decoding: start.drop { $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }, as: UTF8.self)
    .drop(while: \.isWhitespace).lowercased()
  if ["<!doctype html", "<html", "<?xml"].contains(where: text.hasPrefix) {
    return "is a web page (HTML), perhaps one that says what went wrong, and not the file itself; fetch it again"
  }
  return nil
}
