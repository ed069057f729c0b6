internal import Glibc

/// A place on this machine at which connections arrive.
package final class Listener: Sendable {
  let descriptor: Int32
  /// As it was given.
  package let host: String
  /// The one that was asked for, or that the system chose for 0.
  package let port: Int

  /// - Parameters:
  ///   - host: an address of IPv4 or IPv6, or `localhost`.
  ///   - port: 0 lets the system choose.
  /// - Throws: `ServingError`.
  package init(host: String, port: Int) throws {
    self.host = host
    let (address, length, family) = try socketAddress(host, port)
    let made = socket(
      family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var yes: Int32 = 1
    // What an earlier server has just left may be had again at once; what another one listens on may not.
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let isListening = withSocketAddress(address) { made >= 0 && bind(made, $0, length) == 0 && listen(made, 512) == 0 }
    guard isListening else {
      let code = errno
      close(made)
      throw ServingError.cannotListen(host: host, port: port, code: code)
    }
    descriptor = made
    self.port = boundPort(descriptor) ?? port
  }

  deinit { close(descriptor) }

  /// Whether only programs of this machine reach it.
  package var isOfThisMachine: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  /// Of a page, without a path.
  package var address: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  /// A connection, where one arrives within some milliseconds.
  func accept(within milliseconds: Int32) -> ClientSocket? {
    var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waited, 1, milliseconds) > 0 else { return nil }
    let connection = Glibc.accept(descriptor, nil, nil)
    guard connection < 0 else { return ClientSocket(connection) }
    // Out of descriptors or memory: what is open has to end first, and nothing is gained by asking again at once.
    if errno != EAGAIN, errno != EINTR, errno != ECONNABORTED { usleep(20_000) }
    return nil
  }
}

private func socketAddress(_ host: String, _ port: Int) throws -> (sockaddr_storage, socklen_t, Int32) {
  var storage = sockaddr_storage()
  var (four, six) = (in_addr(), in6_addr())
  let text = host == "localhost" ? "127.0.0.1" : host
  let isKnown = withUnsafeMutableBytes(of: &storage) { bytes in
    if inet_pton(AF_INET, text, &four) == 1 {
      var address = sockaddr_in()
      (address.sin_family, address.sin_addr) = (sa_family_t(AF_INET), four)
      address.sin_port = in_port_t(port).bigEndian
      bytes.storeBytes(of: address, as: sockaddr_in.self)
      return true
    }
    guard inet_pton(AF_INET6, text, &six) == 1 else { return false }
    var address = sockaddr_in6()
    (address.sin6_family, address.sin6_addr) = (sa_family_t(AF_INET6), six)
    address.sin6_port = in_port_t(port).bigEndian
    bytes.storeBytes(of: address, as: sockaddr_in6.self)
    return true
  }
  guard isKnown else { throw ServingError.noAddress(host: host) }
  let isSix = Int32(storage.ss_family) == AF_INET6
  let size = isSix ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
  return (storage, socklen_t(size), isSix ? AF_INET6 : AF_INET)
}

private func withSocketAddress<Result>(
  _ storage: sockaddr_storage, _ body: (UnsafePointer<sockaddr>) -> Result
) -> Result {
  withUnsafePointer(to: storage) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) } }
}

private func boundPort(_ descriptor: Int32) -> Int? {
  var storage = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
  let code = withUnsafeMutablePointer(to: &storage) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
  }
  guard code == 0 else { return nil }
  // The port stands in the same two bytes in either family.
  return withUnsafeBytes(of: storage) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
}
