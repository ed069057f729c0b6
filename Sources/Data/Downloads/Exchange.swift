internal import CCurl

/// One request's answer as it comes in: libcurl calls, and what is thrown here waits until libcurl has returned.
final class Exchange {
  private var head: HTTPResponse
  private var failure: (any Error)?
  private var bytesOfHead = 0
  private let receive: (HTTPResponse, UnsafeRawBufferPointer) throws -> Void
  /// libcurl takes 300 KB of headers and more.
  private let limitOfHead = 1 << 17

  init(url: String, receive: @escaping (HTTPResponse, UnsafeRawBufferPointer) throws -> Void) {
    head = HTTPResponse(status: 0, url: url, headers: [])
    self.receive = receive
  }

  static func of(_ context: UnsafeMutableRawPointer?) -> Exchange {
    guard let context else { preconditionFailure("libcurl forgot whom it works for") }
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  }

  /// A line of the head; false stops the transfer.
  func take(line: UnsafeRawBufferPointer) -> Bool {
    bytesOfHead += line.count
    guard bytesOfHead <= limitOfHead else {
      failure = DownloadError.badAnswer(url: head.url, reason: "more than \(limitOfHead) bytes of headers")
      return false
    }
    let text = String(decoding: line, as: UTF8.self).filter { !$0.isNewline }
    if text.hasPrefix("HTTP/") {
      head.headers = []
      head.status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    } else if let colon = text.firstIndex(of: ":") {
      head.headers.append((name: String(text[..<colon]), value: trimmed(text[text.index(after: colon)...])))
    }
    return true
  }

  /// A part of the content; false stops the transfer.
  func take(content: UnsafeRawBufferPointer) -> Bool {
    do {
      try receive(head, content)
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// The head, once libcurl has returned.
  ///
  /// - Parameter authorities: the file of those to trust; nil for the system's.
  func response(_ answer: mmt_http_answer, authorities: String?) throws -> HTTPResponse {
    if let failure { throw failure }
    switch Int(answer.outcome) {
    case MMT_HTTP_ANSWERED: break
    case MMT_HTTP_IMPOSSIBLE: throw DownloadError.badURL(head.url)
    case MMT_HTTP_INSIDE: throw DownloadError.redirectInside(to: head.url)
    case MMT_HTTP_REFUSED: throw DownloadError.untrusted(url: head.url, reason: words(answer))
    case MMT_HTTP_NO_TRUST: throw DownloadError.noAuthorities(file: authorities, reason: words(answer))
    default: throw DownloadError.connection(url: head.url, reason: words(answer))
    }
    head.isFromInside = answer.is_from_inside != 0
    head.redirect = head.isRedirect ? answer.redirect.map { String(cString: $0) } : nil
    return head
  }
}

private func words(_ answer: mmt_http_answer) -> String {
  withUnsafeBytes(of: answer.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

private func trimmed(_ text: Substring) -> String {
  var text = text
  while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
  while let last = text.last, last == " " || last == "\t" { text.removeLast() }
  return String(text)
}
