/// What to ask a server for.
public struct HTTPRequest: Sendable {
  /// http or https.
  public var url: String
  /// In this order; `Accept-Encoding: identity` comes on top of them, so that sizes and ranges mean the file's own bytes.
  public var headers: [(name: String, value: String)]
  /// The value of `Authorization`, for the host of `url` alone.
  public var authorization: String?

  public init(url: String, headers: [(name: String, value: String)] = [], authorization: String? = nil) {
    self.url = url
    self.headers = headers
    self.authorization = authorization
  }

  /// What to ask where an answer points to another URL.
  package func redirected(to url: String) throws(DownloadError) -> HTTPRequest {
    let (from, to) = (try origin(of: self.url), try origin(of: url))
    if from.hasPrefix("https:"), !to.hasPrefix("https:") {
      throw DownloadError.insecureRedirect(from: self.url, to: url)
    }
    var next = self
    next.url = url
    if from != to { next.authorization = nil }
    return next
  }

  /// As they are sent. A line break in a value would begin a header of somebody else's making.
  func lines() throws(DownloadError) -> [String] {
    var all = [(name: "Accept-Encoding", value: "identity")] + headers
    if let authorization { all.append((name: "Authorization", value: authorization)) }
    for header in all where header.value.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
      throw .badHeader(name: header.name)
    }
    return all.map { "\($0.name): \($0.value)" }
  }
}

/// The head of an answer.
public struct HTTPResponse: Sendable {
  /// 200 where all is well.
  public var status: Int
  /// Where it came from, after redirects.
  public var url: String
  /// In the order in which they came.
  public var headers: [(name: String, value: String)]
  /// The absolute URL that the answer points to instead of being the answer.
  public var redirect: String?
  /// Whether it came straight from an address of a private network.
  var isFromInside = false

  /// The value of the last header of that name, whose case means nothing.
  public func header(_ name: String) -> String? {
    headers.last { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// Bytes of the content that follows; nil where the server does not say.
  public var contentLength: Int? { header("Content-Length").flatMap { Int($0) } }

  /// Seconds that the server asks to be left alone for; a date, the header's other form, is not read.
  public var retryAfter: Double? {
    header("Retry-After").flatMap { Double($0) }.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
  }

  /// Where the content stands in the whole file: `Content-Range: bytes 100-199/200`. The total may be unknown.
  var contentRange: (first: Int, total: Int?)? {
    guard let text = header("Content-Range"), text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(whereSeparator: { $0 == "-" || $0 == "/" })
    guard parts.count == 3, let first = Int(parts[0]), first >= 0 else { return nil }
    return (first, Int(parts[2]))
  }

  var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) && header("Location") != nil }

  var isHTML: Bool {
    header("Content-Type")?.lowercased().hasPrefix("text/html") ?? false
  }
}

/// How long to wait, and how far to go.
public struct HTTPLimits: Sendable {
  public var connectSeconds = 20.0
  /// A transfer is cut when it brings less than `slowestBytesPerSecond` for `slowSeconds`.
  public var slowestBytesPerSecond = 100
  public var slowSeconds = 60
  public var redirects = 5
  /// Whether a server on the open network may send us to an address of a private one: to this machine, or to one behind
  /// our own firewall.
  public var allowsRedirectsInside = true

  public init() {}
}
