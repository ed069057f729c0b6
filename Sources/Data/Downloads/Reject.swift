internal import Files

/// What came instead of the file: the beginning of it is kept, so that a person can see what it is.
struct Reject {
  private let path: String?
  private var refusal: DownloadError?
  private var bytes: [UInt8] = []
  /// As much as any error page needs.
  private static let limit = 1 << 16

  /// - Parameter path: where to keep it; nil keeps nothing.
  init(path: String?) { self.path = path }

  var isCollecting: Bool { refusal != nil }

  /// Whether the answer, refused for this reason, is worth keeping; if so, `collect` is to get its bytes, and the reason
  /// is thrown at the end.
  mutating func takes(_ error: DownloadError) -> Bool {
    switch error {
    case .html, .wrongSize, .badAnswer: break
    default: return false
    }
    guard path != nil else { return false }
    refusal = error
    return true
  }

  /// Takes the next bytes, up to a limit, at which the transfer ends.
  mutating func collect(_ part: UnsafeRawBufferPointer) throws {
    bytes += part.prefix(Self.limit - bytes.count)
    if bytes.count == Self.limit { try finish() }
  }

  /// Keeps what was collected, and throws the refusal.
  func finish() throws {
    guard let refusal, let path else { return }
    try writeAtomically(bytes, to: path)
    throw refusal
  }
}
