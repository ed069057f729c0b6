public import Files

/// A file to fetch, and what is known about it beforehand.
public struct Download: Sendable {
  public var source: HTTPRequest
  /// The file's final path.
  public var target: String
  /// The file that keeps other processes from the same target.
  public var lockPath: String
  /// What to call it while it comes.
  public var title: String
  /// Bytes.
  public var size: Int?
  public var digest: ContentDigest?
  /// Where to keep what came and is not the file, for a person to look at; nil keeps nothing.
  public var rejectPath: String?

  public init(
    _ source: HTTPRequest, to target: String, title: String, size: Int? = nil, digest: ContentDigest? = nil,
    lockPath: String? = nil
  ) {
    (self.source, self.target, self.title, self.size, self.digest) = (source, target, title, size, digest)
    self.lockPath = lockPath ?? target + ".lock"
  }

  /// The name under which the file grows, as huggingface_hub calls it.
  public var partialPath: String { target + ".incomplete" }
  /// Beside the partial file: the ETag that the server gave it, without which nobody may append to it, and the URL that
  /// was asked.
  var validatorPath: String { partialPath + ".etag" }
}
