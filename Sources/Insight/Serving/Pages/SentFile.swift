internal import Batching
internal import Files
internal import Images
internal import Reporting

/// A photo or a clip that a form has brought, as a collection of one.
struct SentFile: PhotoCollection {
  let kind: MediaKind
  /// As its owner's machine calls it, without folders.
  private let name: String
  private let bytes: [UInt8]

  /// - Throws: `Refusal` where no file was chosen, or one that is of no kind that is read here.
  init?(_ field: String, _ kind: MediaKind, in form: MultipartForm) throws(Refusal) {
    guard let part = form.file(field) else { return nil }
    let last = (part.fileName ?? "").split { $0 == "/" || $0 == "\\" }.last.map { String($0.prefix(200)) } ?? ""
    (self.kind, name, bytes) = (kind, last.isEmpty ? kind.word : last, Array(part.bytes))
    guard !bytes.isEmpty else {
      throw Refusal(.unprocessableContent, "\(printable(name)) is empty; choose another file.")
    }
    guard kind == .photos else { return }
    let format = bytes.withUnsafeBytes { bytes in
      Result { () throws(PictureError) in try PictureFormat(of: bytes) }
    }
    if case .failure(let error) = format {
      throw Refusal(.unsupportedMediaType, "\(printable(name)) is \(error.description).")
    }
  }

  var count: Int { 1 }
  func name(at index: Int) -> String { name }

  func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try bytes.withUnsafeBytes(body)
  }
}
