internal import Files
internal import Foundation
internal import Glibc

/// An HTTP server on 127.0.0.1 for as long as the object lives. One connection, one request, one answer: what a test
/// wants to go wrong does so at the byte it names.
public final class LoopbackServer: @unchecked Sendable {  // `lock` guards what threads share
  private let descriptor: Int32
  private let lock = NSLock()
  private var received: [LoopbackRequest] = []
  private var sent = 0
  private let answer: @Sendable (LoopbackRequest) -> LoopbackAnswer
  /// The port that the system chose.
  public let port: Int

  /// - Parameter answer: what to say to a request; called for one request at a time.
  public init(_ answer: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer) throws {
    self.answer = answer
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    port = try listenOnLoopback(descriptor)
    Thread.detachNewThread { [weak self, descriptor] in
      while true {
        let connection = accept(descriptor, nil, nil)
        if connection < 0, errno == EINTR { continue }
        guard connection >= 0 else { break }
        self?.serve(connection)
        close(connection)
      }
      close(descriptor)  // here, where nobody accepts any more: its number may be another server's the next moment
    }
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// `http://127.0.0.1:PORT`.
  public var url: String { "http://127.0.0.1:\(port)" }
  /// All that was asked, in order.
  public var requests: [LoopbackRequest] { lock.withLock { received } }
  /// Bytes of content that were sent, in all answers together.
  public var bytesSent: Int { lock.withLock { sent } }

  private func serve(_ connection: Int32) {
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let request = readRequest(connection) else { return }
    let answer = lock.withLock {
      received.append(request)
      return self.answer(request)
    }
    let content = request.method == "HEAD" ? [] : Array(answer.content.prefix(answer.cutAfter ?? .max))
    lock.withLock { sent += content.count }
    send(Array(answer.head.utf8), to: connection)
    let first = min(content.count, answer.pause?.after ?? 0)
    send(content[..<first], to: connection)
    if request.method != "HEAD" { answer.pause?.body() }
    send(content[first...], to: connection)
    // Until the other side has seen the end: closing at once could take back what is still under way.
    shutdown(connection, Int32(SHUT_WR))
    var rest = [UInt8](repeating: 0, count: 256)
    while recv(connection, &rest, rest.count, 0) > 0 {}
  }
}

/// What a client asked.
public struct LoopbackRequest: Sendable {
  public var method: String
  /// With the query.
  public var path: String
  /// Names in lower case.
  public var headers: [String: String]

  /// The first byte that `Range: bytes=N-` asks for; nil without one.
  public var offset: Int? {
    headers["range"].flatMap { $0.hasPrefix("bytes=") ? Int($0.dropFirst(6).prefix { $0 != "-" }) : nil }
  }
}

/// What the server says.
public struct LoopbackAnswer: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var content: [UInt8]
  /// The connection ends after so many bytes of the content, whatever was promised.
  public var cutAfter: Int?
  /// Called when so many bytes of the content are sent; the rest waits for its return.
  public var pause: (after: Int, body: @Sendable () -> Void)?

  /// Promises its content's length, unless `headers` have another.
  public init(_ status: Int, _ headers: [(String, String)] = [], _ content: [UInt8] = [], cutAfter: Int? = nil) {
    self.status = status
    self.headers = headers.map { (name: $0.0, value: $0.1) }
    self.content = content
    self.cutAfter = cutAfter
  }

  /// A file as a good server sends it: ranges, `If-Range`, status 416.
  public static func file(
    _ content: [UInt8], etag: String, to request: LoopbackRequest, cutAfter: Int? = nil
  ) -> LoopbackAnswer {
    let isSame = request.headers["if-range"].map { $0 == etag } ?? true
    guard isSame, let offset = request.offset else {
      return LoopbackAnswer(200, [("ETag", etag)], content, cutAfter: cutAfter)
    }
    guard offset < content.count else {
      return LoopbackAnswer(416, [("Content-Range", "bytes */\(content.count)")])
    }
    let range = "bytes \(offset)-\(content.count - 1)/\(content.count)"
    return LoopbackAnswer(
      206, [("ETag", etag), ("Content-Range", range)], Array(content[offset...]), cutAfter: cutAfter)
  }

  fileprivate var head: String {
    var text = "HTTP/1.1 \(status) Status\r\nConnection: close\r\n"
    for header in headers where !header.value.isEmpty { text += "\(header.name): \(header.value)\r\n" }
    if !headers.contains(where: { $0.name == "Content-Length" }) { text += "Content-Length: \(content.count)\r\n" }
    return text + "\r\n"
  }
}

/// Binds a socket to a port that the system chooses, and returns that.
package func listenOnLoopback(_ descriptor: Int32) throws -> Int {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isListening = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &length) == 0
    }
  }
  guard isListening else { throw NoSocket(code: errno) }
  return Int(UInt16(bigEndian: address.sin_port))
}

struct NoSocket: Error {
  var code: Int32
}

private func readRequest(_ connection: Int32) -> LoopbackRequest? {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while !bytes.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
    let count = recv(connection, &buffer, buffer.count, 0)
    guard count > 0, bytes.count < 1 << 16 else { return nil }
    bytes += buffer[..<count]
  }
  let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
  let words = lines[0].split(separator: " ").map(String.init)
  guard words.count == 3 else { return nil }
  var headers: [String: String] = [:]
  for line in lines.dropFirst() {
    guard let colon = line.firstIndex(of: ":") else { continue }
    headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
  }
  return LoopbackRequest(method: words[0], path: words[1], headers: headers)
}

private func send(_ bytes: some RandomAccessCollection<UInt8>, to connection: Int32) {
  var rest = Array(bytes)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}
