internal import CCurl
internal import Files
internal import Glibc

/// Makes HTTP requests one after the other; connections stay open in between. For one thread at a time.
public final class HTTPClient {
  private let handle: OpaquePointer
  private let limits: HTTPLimits
  private let authorities: String?

  /// - Parameters:
  ///   - limits: how long to wait for what.
  ///   - authorities: the file (PEM) of those whose certificates are trusted; nil takes the one that `SSL_CERT_FILE` names,
  ///     or the system's. libcurl leaves that variable to its own command.
  public init(limits: HTTPLimits = HTTPLimits(), authorities: String? = nil) {
    guard let handle = mmt_http_open() else { preconditionFailure("out of memory for libcurl") }
    self.handle = handle
    self.limits = limits
    self.authorities =
      authorities ?? getenv("SSL_CERT_FILE").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  deinit { mmt_http_close(handle) }

  /// Asks for the head of an answer. Redirects are followed within the host, and to no other: a hub tells about a file in
  /// the very answer that points to another host. For the same reason headers of its own making (`X-…`) are kept on the
  /// way, each until a later answer has another value.
  ///
  /// - Throws: `DownloadError` where no answer came. A status such as 404 is an answer.
  public func head(_ request: HTTPRequest) throws -> HTTPResponse {
    var request = request
    var earlier: [(name: String, value: String)] = []
    for _ in 0...limits.redirects {
      var response = try perform(request, isHead: true) { _, _ in }
      response.headers = earlier + response.headers
      guard let next = response.redirect, try origin(of: next) == origin(of: request.url) else { return response }
      earlier = response.headers.filter { $0.name.lowercased().hasPrefix("x-") }
      request.url = next
    }
    throw DownloadError.tooManyRedirects(url: request.url, limit: limits.redirects)
  }

  /// Fetches content. Redirects are followed anywhere, but never from HTTPS to HTTP, and `authorization` is for the first
  /// host only.
  ///
  /// - Parameter receive: called with the head and each part of the content of the last answer; what it throws stops the
  ///   transfer and is thrown on.
  /// - Throws: `DownloadError`. A status such as 404 is an answer, and its content comes like any other.
  public func get(
    _ request: HTTPRequest, receive: (HTTPResponse, UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPResponse {
    var request = request
    var isSentFromOutside = false
    for _ in 0...limits.redirects {
      let staysOutside = isSentFromOutside && !limits.allowsRedirectsInside
      let response = try perform(request, isHead: false, staysOutside: staysOutside) { response, bytes in
        if !response.isRedirect { try receive(response, bytes) }
      }
      guard let next = response.redirect else { return response }
      if !response.isFromInside { isSentFromOutside = true }
      request = try request.redirected(to: next)
    }
    throw DownloadError.tooManyRedirects(url: request.url, limit: limits.redirects)
  }

  /// One request and its answer.
  private func perform(
    _ request: HTTPRequest, isHead: Bool, staysOutside: Bool = false,
    receive: (HTTPResponse, UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPResponse {
    let lines = try request.lines()
    let place = try origin(of: request.url)  // libcurl would guess at a scheme that is not there
    if staysOutside, isInside(host(of: place)) { throw DownloadError.redirectInside(to: request.url) }
    return try withoutActuallyEscaping(receive) { receive in
      let exchange = Exchange(url: request.url, receive: receive)
      let answer = answer(to: request.url, lines, isHead: isHead, staysOutside: staysOutside, exchange)
      return try exchange.response(answer, authorities: authorities)
    }
  }

  private func answer(
    to url: String, _ lines: [String], isHead: Bool, staysOutside: Bool, _ exchange: Exchange
  ) -> mmt_http_answer {
    var answer = mmt_http_answer()
    var plain = mmt_http_request()
    plain.is_head = isHead ? 1 : 0
    plain.stays_outside = staysOutside ? 1 : 0
    plain.connect_milliseconds = Int64(limits.connectSeconds * 1000)
    plain.low_speed_bytes = Int64(limits.slowestBytesPerSecond)
    plain.low_speed_seconds = Int64(limits.slowSeconds)
    plain.context = Unmanaged.passUnretained(exchange).toOpaque()
    plain.line = { context, bytes, count in
      Exchange.of(context).take(line: UnsafeRawBufferPointer(start: bytes, count: count)) ? 0 : 1
    }
    plain.content = { context, bytes, count in
      Exchange.of(context).take(content: UnsafeRawBufferPointer(start: bytes, count: count)) ? 0 : 1
    }
    withCStrings([url, authorities ?? ""] + lines) { texts in
      plain.url = texts[0]
      plain.authorities = authorities == nil ? nil : texts[1]
      plain.headers = texts.baseAddress?.advanced(by: 2)
      plain.header_count = lines.count
      withExtendedLifetime(exchange) { mmt_http_perform(handle, &plain, &answer) }
    }
    return answer
  }
}

/// "scheme://host:port", as libcurl reads the URL.
package func origin(of url: String) throws(DownloadError) -> String {
  var buffer = [CChar](repeating: 0, count: 512)
  guard mmt_http_origin(url, &buffer, buffer.count) != 0 else { throw .badURL(url) }
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Whether `text` is http or https with a host.
public func isWebAddress(_ text: String) -> Bool {
  (text.hasPrefix("http://") || text.hasPrefix("https://")) && (try? origin(of: text)) != nil
}

/// The host of an origin, without the brackets of an IPv6 address.
private func host(of origin: String) -> String {
  let rest = origin.firstRange(of: "://").map { origin[$0.upperBound...] } ?? origin[...]
  let name = rest.lastIndex(of: ":").map { rest[..<$0] } ?? rest
  return name.filter { $0 != "[" && $0 != "]" }
}

/// Whether a numeric address is this machine's or a private network's. A name is not looked up: where it leads is seen
/// when libcurl connects.
package func isInside(_ address: String) -> Bool { mmt_http_is_inside(address) != 0 }

private func withCStrings(_ texts: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Void) {
  func next(_ position: Int, _ pointers: [UnsafePointer<CChar>?]) {
    guard position < texts.count else { return pointers.withUnsafeBufferPointer(body) }
    texts[position].withCString { next(position + 1, pointers + [$0]) }
  }
  next(0, [])
}
