internal import Files

/// Names of samples and of what belongs to them inside a prepared data set.
///
/// WebDataset takes everything up to the first dot of a member's name as its key, and members with one key as one
/// sample. So a key has no dot, and no slash either; what is left is safe in any file name and in any terminal.
public enum SampleKey {
  /// `KEY.json` then fits the 100 bytes of a plain tar header.
  public static let maximumLength = 90

  /// Whether `key` is 1 to 90 of the characters A–Z a–z 0–9 _ -.
  public static func isValid(_ key: some StringProtocol) -> Bool {
    (1...maximumLength).contains(key.utf8.count) && key.utf8.allSatisfy(isPlain)
  }

  /// The key for an image file: its name without folders and extension. Where that is no valid key, what is left of it
  /// and eight hexadecimal digits of the whole name's SHA-256. Two names may have one key; see `makeLong`.
  public static func make(fileName: String) -> String {
    let base = fileName.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? [][...]
    let end = base.lastIndex(of: UInt8(ascii: ".")) ?? base.endIndex
    let stem = Array(base[..<end])
    if base.count == fileName.utf8.count, let key = String(validating: stem, as: UTF8.self), isValid(key) { return key }
    return makeLong(fileName: fileName)
  }

  /// The longer form of a file's key, which it also has where another file has the short one.
  ///
  /// - Parameter digits: of the SHA-256, 8 to 64; more where another file has that key too.
  public static func makeLong(fileName: String, digits: Int = 8) -> String {
    let base = fileName.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? [][...]
    let stem = base[..<(base.lastIndex(of: UInt8(ascii: ".")) ?? base.endIndex)]
    let plain = stem.prefix(maximumLength - 1 - digits).map { isPlain($0) ? $0 : UInt8(ascii: "_") }
    let digest = sha256(Array(fileName.utf8))
    return String(decoding: plain, as: UTF8.self) + "-" + digest.prefix(digits)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }
}

/// Whether `name` may name a split: 1 to 32 of the characters a–z 0–9 _ -.
func isValidSplitName(_ name: some StringProtocol) -> Bool {
  (1...32).contains(name.utf8.count) && SampleKey.isValid(name) && !name.utf8.contains { (65...90).contains($0) }
}
