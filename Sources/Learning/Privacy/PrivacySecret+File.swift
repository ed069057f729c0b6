internal import Files
internal import Reporting

extension PrivacySecret {
  /// In a run directory.
  public static let fileName = "privacy.key"
  private static let mark = "mmtrain-privacy-key 1 "

  /// Reads a secret that was written.
  /// - Throws: `PrivacyError.secret` where others may read it too, or it is none; `FileError` where it cannot be read.
  public init(path: String) throws {
    guard try !isOpenToOthers(path) else {
      throw PrivacyError.secret(
        path: path,
        problem: "others than its owner may read it: whoever has read it can take the noise away again. Where nobody "
          + "has, chmod 600 it")
    }
    let text = String(decoding: try readFile(path, limit: 1024), as: UTF8.self)
    let digits =
      text.hasPrefix(Self.mark) && text.hasSuffix("\n") ? Array(text.dropFirst(Self.mark.count).dropLast()) : []
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
    guard digits.count == 2 * SecretKey.size, let key = SecretKey(bytes: bytes) else {
      throw PrivacyError.secret(path: path, problem: "it is no key of a private run; take it from a backup")
    }
    self.init(key)
  }

  /// Writes it for its owner alone, where nothing is yet; it is on the disk, whole, when this returns.
  func write(to path: String) throws {
    let temporary = path + ".new"
    try removeTree(temporary)
    try AppendOnlyFile(temporary).append(
      Self.mark + key.exposed.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    try moveFile(temporary, to: path)
  }
}
