public import Reporting

/// What can go wrong between a server and a file.
public enum DownloadError: ReportableError, Equatable {
  // The way there
  case connection(url: String, reason: String)
  case untrusted(url: String, reason: String)
  /// The certificates to trust cannot be read; `file` is nil for the system's.
  case noAuthorities(file: String?, reason: String)
  case badURL(String)
  case badHeader(name: String)
  case tooManyRedirects(url: String, limit: Int)
  case insecureRedirect(from: String, to: String)
  /// From the open network to an address of a private one.
  case redirectInside(to: String)
  // The answer
  /// `retryAfter`: seconds that the server asks for.
  case status(url: String, status: Int, retryAfter: Double?)
  case badAnswer(url: String, reason: String)
  case html(url: String)
  /// The file is another one than at the try before.
  case changed(url: String)
  // The content
  case wrongSize(url: String, expected: Int, found: Int)
  /// `encoding`: what the server says that it has put the content into, against what was asked; nil for nothing.
  case wrongDigest(url: String, expected: String, found: String, encoding: String? = nil)
  // The disk
  case noSpace(path: String, needed: Int, available: Int)

  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .connection:
      happening + "; check the network, and run the same command again to go on from here"
    case .untrusted(let url, let reason):
      "\(shown(url)): the server's certificate is not trusted: \(printable(reason)); is the package ca-certificates "
        + "there, or, for an authority of your own, SSL_CERT_FILE set?"
    case .noAuthorities(let file?, let reason):
      "\(printable(file)): no certificates to trust can be read from here: \(printable(reason)); SSL_CERT_FILE names a "
        + "file in PEM, and unset it means the system's"
    case .noAuthorities(nil, let reason):
      "the certificates that this system trusts cannot be read: \(printable(reason)); is the package ca-certificates there?"
    case .badURL(let url):
      "\(shown(url)): not a URL of http or https"
    case .badHeader(let name):
      "the value for the header \(printable(name)) has control characters; if it comes from a token, check that"
    case .tooManyRedirects(let url, let limit):
      "\(shown(url)): more than \(limit) redirects, the last to here"
    case .insecureRedirect(let from, let to):
      "\(shown(from)): redirects from HTTPS to \(shown(to)); refused"
    case .redirectInside(let to):
      "\(shown(to)): a redirect from the open network to an address of a private one; refused"
    case .status(_, let status, _):
      happening + advice(status)
    case .badAnswer(let url, let reason):
      "\(shown(url)): \(printable(reason))"
    case .html(let url):
      "\(shown(url)): a web page came instead of the file; does a proxy or a login page stand in the way?"
    case .changed:
      happening + "; run the same command again"
    case .wrongSize(let url, let expected, let found):
      "\(shown(url)): \(found) bytes, \(expected) expected; nothing was kept under the final name"
    case .wrongDigest(let url, let expected, let found, let encoding):
      "\(shown(url)): the content hashes to \(found), \(printable(expected)) expected; "
        + (encoding.map { "it was sent with the encoding \(printable($0)), not as it is; " } ?? "")
        + "what came was thrown away"
    case .noSpace(let path, let needed, let available):
      "\(printable(path)): \(needed) bytes are to come and \(available) are free; free some space, or choose another place"
    }
  }

  /// What happened, without advice: for one that is handled.
  package var happening: String {
    switch self {
    case .connection(let url, let reason): "\(shown(url)): \(printable(reason))"
    case .status(let url, let status, _): "\(shown(url)): the server answers with status \(status)"
    case .changed(let url): "\(shown(url)): the file changes while it is fetched"
    default: description
    }
  }

  /// 69 for the network, 65 for what is not the file, 66 for what is not there (or not for us), 74 for a full disk, 78 for
  /// a setting that is wrong.
  public var exitCode: ExitCode {
    switch self {
    case .connection, .untrusted, .tooManyRedirects, .insecureRedirect, .redirectInside: .network
    case .status(_, let status, _): [401, 403, 404, 410, 451].contains(status) ? .missingInput : .network
    case .badHeader: .usage
    case .noAuthorities: .configuration
    case .badURL, .badAnswer, .html, .changed, .wrongSize, .wrongDigest: .badData
    case .noSpace: .inputOutput
    }
  }

  /// Whether another try may do better.
  public var isTemporary: Bool {
    switch self {
    case .connection, .changed: true
    case .status(_, let status, _): [408, 425, 429, 500, 502, 503, 504].contains(status)
    default: false
    }
  }

  private func advice(_ status: Int) -> String {
    switch status {
    case 401, 403: ": this needs a permission"
    case 404, 410: ": there is no such file"
    case 429: ": too many requests; try again later"
    case 500...: ": the server has a problem; try again later"
    default: ""
    }
  }
}

/// A URL as it may be printed: without its query, in which signatures are handed over, and without a password.
public func shown(_ url: String) -> String {
  var text = url.prefix { $0 != "?" && $0 != "#" }
  if let scheme = text.firstRange(of: "://"), let at = text.lastIndex(of: "@"), at > scheme.upperBound {
    text = text[..<scheme.upperBound] + text[text.index(after: at)...]
  }
  return printable(text)
}
