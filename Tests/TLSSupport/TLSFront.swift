internal import CTLS
internal import Files
internal import Foundation
internal import Glibc
public import TestSupport

/// Speaks TLS on 127.0.0.1 before a server that does not, as a load balancer does: requests that come through are the
/// server's to count, and one who does not trust the certificate sends none.
public final class TLSFront: Sendable {
  private let descriptor: Int32
  /// The port that the system chose.
  public let port: Int

  public init(_ server: LoopbackServer, as identity: Identity) throws {
    let context = try Context(identity)
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    port = try listenOnLoopback(descriptor)
    Thread.detachNewThread { [descriptor, server] in
      blockBrokenPipes()
      while true {
        let connection = accept(descriptor, nil, nil)
        if connection < 0, errno == EINTR { continue }
        guard connection >= 0 else { break }
        context.serve(connection, from: server.port)
        close(connection)
      }
      close(descriptor)  // here, where nobody accepts any more
    }
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// `https://HOST:PORT`.
  public func url(_ host: String = "127.0.0.1") -> String { "https://\(host):\(port)" }
}

/// Used by the front's thread alone, once it is made.
private final class Context: @unchecked Sendable {
  private let context: OpaquePointer

  init(_ identity: Identity) throws {
    guard let context = SSL_CTX_new(TLS_server_method()) else { throw NoTLS() }
    self.context = context
    let directory = try TemporaryDirectory(inMemory: true)
    for (name, bytes) in [("certificate", identity.certificate), ("key", identity.key)] {
      try writeAtomically(bytes, to: directory(name))
    }
    guard SSL_CTX_use_certificate_chain_file(context, directory("certificate")) == 1,
      SSL_CTX_use_PrivateKey_file(context, directory("key"), SSL_FILETYPE_PEM) == 1
    else { throw NoTLS() }
  }

  deinit { SSL_CTX_free(context) }

  /// One connection: hands a request to the server at `port`, and its answer back.
  func serve(_ connection: Int32, from port: Int) {
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let session = SSL_new(context) else { return }
    defer { SSL_free(session) }
    guard SSL_set_fd(session, connection) == 1, SSL_accept(session) == 1, let request = readHead(session) else {
      return
    }
    guard let server = connect(to: port) else { return }
    defer { close(server) }
    guard send(server, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return }
    var part = [UInt8](repeating: 0, count: 1 << 14)
    while case let count = recv(server, &part, part.count, 0), count > 0 {
      guard SSL_write(session, part, Int32(count)) == count else { return }
    }
    SSL_shutdown(session)
    // Until the other side has seen the end: closing at once could take back what is still under way.
    shutdown(connection, Int32(SHUT_WR))
    while recv(connection, &part, part.count, 0) > 0 {}
  }
}

/// All up to the empty line.
private func readHead(_ session: OpaquePointer) -> [UInt8]? {
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 4096)
  while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
    let count = SSL_read(session, &part, Int32(part.count))
    guard count > 0, bytes.count < 1 << 16 else { return nil }
    bytes += part[..<Int(count)]
  }
  return bytes
}

private func connect(to port: Int) -> Int32? {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  address.sin_port = in_port_t(port).bigEndian
  let isConnected = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
  if isConnected { return descriptor }
  close(descriptor)
  return nil
}

/// OpenSSL writes to sockets without saying that it wants no signal.
private func blockBrokenPipes() {
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &signals, nil)
}

struct NoTLS: Error {}
