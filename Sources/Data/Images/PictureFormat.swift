/// A format of pictures that is read here.
///
/// All that is to be known of one stands in a file of its own, the decoder's; nothing else asks which format a picture has.
public enum PictureFormat: String, CaseIterable, Sendable, CustomStringConvertible {
  case jpeg = "JPEG"
  case png = "PNG"
  case webP = "WebP"

  /// The format of a file by its first bytes; 64 of them are enough.
  ///
  /// - Throws: `PictureError.notAPicture` with what it is instead.
  public init(of bytes: UnsafeRawBufferPointer) throws(PictureError) {
    let kind = FileKind(bytes)
    guard let format = Self.allCases.first(where: { $0.decoder.kind == kind }) else { throw .notAPicture(kind) }
    self = format
  }

  public var description: String { rawValue }

  /// What names of such files end in, by custom: no dot, lower case.
  public var fileExtension: String { decoder.fileExtension }

  /// Whether a picture can be decoded smaller for less work.
  var decodesScaled: Bool { decoder.decodesScaled }

  var decoder: any PictureDecoder.Type {
    switch self {
    case .jpeg: JPEGDecoder.self
    case .png: PNGDecoder.self
    case .webP: WebPDecoder.self
    }
  }

  /// All of them, for messages.
  static var names: String {
    allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or " + allCases[allCases.count - 1].rawValue
  }
}

/// How one format is read. Bytes may be anything: nothing is allocated before the header is within the limits.
protocol PictureDecoder {
  static var kind: FileKind { get }
  static var fileExtension: String { get }
  /// Whether a picture can be decoded smaller for less work; where not, it is always decoded at full size.
  static var decodesScaled: Bool { get }

  /// Reads what the file says about itself, and holds it against the limits.
  static func readHeader(
    _ bytes: UnsafeRawBufferPointer, limits: PictureLimits
  ) throws(PictureError) -> PictureHeader

  /// Decodes rows as they are stored, not turned.
  ///
  /// - Returns: the picture; where the limits allow damage, what was wrong with it.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, header: PictureHeader, limits: PictureLimits, scale: DecodingScale
  ) throws(PictureError) -> (image: Image, damage: PictureError?)
}
