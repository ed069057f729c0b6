internal import Glibc

/// Reads requests from a connection, one after the other; what came too early waits its turn.
struct RequestReader {
  private let socket: ClientSocket
  private let limits: ServerLimits
  private var bytes: [UInt8] = []

  init(_ socket: ClientSocket, _ limits: ServerLimits) { (self.socket, self.limits) = (socket, limits) }

  /// The next head; nil where nothing more is asked.
  /// - Throws: `Refusal`, `ClientSocket.End.gone`.
  mutating func head() throws -> RequestHead? {
    if bytes.isEmpty {
      do {
        bytes = try socket.receive(by: Deadline(seconds: limits.idleSeconds))
      } catch ClientSocket.End.late {
        return nil
      }
      if bytes.isEmpty { return nil }
    }
    let deadline = Deadline(seconds: limits.headSeconds)
    var searched = 0
    while true {
      if let end = self.end(from: searched) {
        let head = Array(bytes[..<end])
        bytes.removeFirst(end + 4)
        guard head.count <= limits.headBytes else { throw tooLarge }
        return try RequestHead(head, limits: limits)
      }
      searched = max(0, bytes.count - 3)
      guard bytes.count <= limits.headBytes else {
        throw bytes.prefix(limits.lineBytes).contains(10) ? tooLarge : RequestHead.longLine(limits)
      }
      guard try more(by: deadline) else { throw Refusal.badRequest("The request ends within its head.") }
    }
  }

  private var tooLarge: Refusal {
    Refusal(.headTooLarge, "The request's head is larger than \(limits.headBytes) bytes.")
  }

  /// Where the empty line that ends a head begins.
  private func end(from start: Int) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (start...bytes.count - 4).first { place in
      bytes[place] == 13 && bytes[place + 1] == 10 && bytes[place + 2] == 13 && bytes[place + 3] == 10
    }
  }

  /// How long the body is that follows a head.
  /// - Throws: `Refusal` where nobody knows, or it is too long.
  func length(after head: RequestHead) throws(Refusal) -> Int {
    let lengths = head.values("content-length")
    guard head.values("transfer-encoding").isEmpty else {
      throw lengths.isEmpty
        ? Refusal(.lengthRequired, "Bodies in chunks are not taken; say their length by Content-Length.")
        : .badRequest("The request has both Content-Length and Transfer-Encoding.")
    }
    guard let text = lengths.first else {
      guard head.method == "POST" else { return 0 }
      throw Refusal(.lengthRequired, "The request does not say how long its body is (Content-Length).")
    }
    guard lengths.count == 1, !text.isEmpty, text.utf8.allSatisfy({ 48...57 ~= $0 }) else {
      throw .badRequest("Content-Length is not one number.")
    }
    guard let length = Int(text), length <= limits.bodyBytes else {
      throw Refusal(.contentTooLarge, "The body is larger than \(limits.bodyBytes >> 20) MiB; send a smaller photo.")
    }
    guard length == 0 || head.method == "POST" else { throw .badRequest("A \(head.method) brings no body.") }
    return length
  }

  /// - Parameter length: of `length(after:)`.
  mutating func body(_ length: Int, after head: RequestHead) throws -> [UInt8] {
    let deadline = Deadline(seconds: limits.bodySeconds)
    if length > bytes.count, head.value("expect")?.lowercased() == "100-continue", !head.isOld {
      try socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), by: deadline)
    }
    while bytes.count < length {
      guard try more(by: deadline) else { throw Refusal.badRequest("The request ends within its body.") }
    }
    defer { bytes.removeFirst(length) }
    return Array(bytes[..<length])
  }

  /// False at the end.
  private mutating func more(by deadline: Deadline) throws -> Bool {
    do {
      let come = try socket.receive(by: deadline)
      bytes += come
      return !come.isEmpty
    } catch ClientSocket.End.late {
      throw Refusal(.requestTimeout, "The request took too long to come.")
    }
  }
}
