/// What a file really is, by its first bytes: names on the web lie.
public enum FileKind: String, Sendable {
  case jpeg = "a JPEG picture"
  case png = "a PNG picture"
  case gif = "a GIF picture"
  case webP = "a WebP picture"
  case bmp = "a BMP picture"
  case tiff = "a TIFF picture"
  case heif = "a HEIF or AVIF picture"
  case jpegXL = "a JPEG XL picture"
  case jpeg2000 = "a JPEG 2000 picture"
  case svg = "an SVG drawing"
  case html = "an HTML page"
  case pdf = "a PDF document"
  case zip = "a zip archive"
  case text = "text"
  case empty = "an empty file"
  case unknown = "no picture of a known kind"

  /// The kind of a file that begins with `bytes`; 64 of them are enough.
  public init(_ bytes: UnsafeRawBufferPointer) {
    let head = [UInt8](bytes.prefix(64))
    self = Self.binaryKind(head) ?? Self.textKind(head)
  }

  private static func binaryKind(_ head: [UInt8]) -> FileKind? {
    func begins(_ text: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }
    if head.isEmpty { return .empty }
    if head.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return .png }
    if begins("GIF8") { return .gif }
    if begins("RIFF"), begins("WEBP", at: 8) { return .webP }
    if begins("BM"), head.count > 14, head[6] == 0, head[7] == 0 { return .bmp }
    if head.starts(with: [0x49, 0x49, 0x2A, 0]) || head.starts(with: [0x4D, 0x4D, 0, 0x2A]) { return .tiff }
    if begins("ftyp", at: 4) { return .heif }
    if head.starts(with: [0xFF, 0x0A]) || begins("JXL ", at: 4) { return .jpegXL }
    if begins("jP  ", at: 4) { return .jpeg2000 }
    if begins("%PDF") { return .pdf }
    if head.starts(with: [0x50, 0x4B, 3, 4]) { return .zip }
    return nil
  }

  private static func textKind(_ head: [UInt8]) -> FileKind {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let visible = head.starts(with: byteOrderMark) ? head.dropFirst(3) : head[...]
    guard visible.allSatisfy({ $0 >= 0x20 || $0 == 9 || $0 == 10 || $0 == 13 }) else { return .unknown }
    let lower = visible.drop { $0 <= 0x20 }.map { $0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0 }
    if lower.starts(with: "<svg".utf8) { return .svg }
    let pages = ["<!doctype html", "<html", "<head", "<body", "<script", "<!--"]
    if pages.contains(where: { lower.starts(with: $0.utf8) }) { return .html }
    return .text
  }
}
