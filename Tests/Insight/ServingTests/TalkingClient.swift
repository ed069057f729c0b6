import Foundation
import Glibc

/// A client that says what it is told to say, byte by byte, and reads until the server ends the connection or time is up.
final class TalkingClient {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    address.sin_port = in_port_t(port).bigEndian
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { throw NoConnection(code: errno) }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  struct NoConnection: Error { let code: Int32 }

  deinit { close(descriptor) }

  /// - Returns: false where the server takes no more.
  @discardableResult func say(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult func say(_ text: String) -> Bool { say(Array(text.utf8)) }

  /// Says that nothing more comes, and goes on listening.
  func endSaying() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// All until the end of the connection.
  func hearAll() -> String {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return String(decoding: all, as: UTF8.self) }
      all += buffer[..<count]
    }
  }

  /// One answer of a connection that goes on.
  func hearAnswer() -> String {
    var all: [UInt8] = []
    var byte: UInt8 = 0
    while !all.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard recv(descriptor, &byte, 1, 0) == 1 else { return String(decoding: all, as: UTF8.self) }
      all.append(byte)
    }
    let head = String(decoding: all, as: UTF8.self)
    let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
    var body = [UInt8](repeating: 0, count: length)
    if length > 0 { _ = recv(descriptor, &body, length, Int32(MSG_WAITALL)) }
    return head + String(decoding: body, as: UTF8.self)
  }
}

/// The number of an answer; nil where there is none.
func status(_ answer: String) -> Int? {
  answer.hasPrefix("HTTP/1.1 ") ? Int(answer.dropFirst(9).prefix(3)) : nil
}
