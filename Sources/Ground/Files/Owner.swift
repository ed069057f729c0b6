internal import Glibc

/// Which process made a temporary or holds a lock. The time at which it started tells it from a later process with the
/// same number, which in a container is the rule rather than the exception.
struct Owner: Equatable, Sendable {
  var host: String
  var process: Int32
  /// Clock ticks since the machine started; 0 where /proc does not say.
  var start: UInt64

  static let current = Owner(host: hostName(), process: getpid(), start: status(of: getpid())?.start ?? 0)

  /// As part of a file name: `HOST-PROCESS-START`.
  var text: String { "\(host)-\(process)-\(start)" }

  init(host: String, process: Int32, start: UInt64) {
    self.host = host
    self.process = process
    self.start = start
  }

  init?(text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 3, let process = Int32(parts[parts.count - 2]), let start = UInt64(parts[parts.count - 1]),
      process > 0
    else { return nil }
    self.init(host: parts.dropLast(2).joined(separator: "-"), process: process, start: start)
  }

  var isOnThisHost: Bool { host == Owner.current.host }

  /// Whether the process still runs; only to be asked about this host. One that has ended but that nobody has waited
  /// for yet does not: a container's first process may leave it so for long.
  var isAlive: Bool {
    guard kill(process, 0) == 0 || errno == EPERM else { return false }
    guard start != 0, let current = status(of: process) else { return true }
    return current.start == start && !current.hasEnded
  }
}

/// The machine's name, of characters that a file's name may have.
public func hostName() -> String {
  var buffer = [CChar](repeating: 0, count: 65)
  guard gethostname(&buffer, 64) == 0 else { return "unknown" }
  let allowed = buffer.prefix { $0 != 0 }.map { byte -> Character in
    let character = Character(UnicodeScalar(UInt8(bitPattern: byte)))
    return character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
      ? character : "_"
  }
  return allowed.isEmpty ? "unknown" : String(allowed)
}

/// Fields 3 and 22 of /proc/PID/stat; the second may hold anything, so the fields are counted from its closing bracket.
private func status(of process: Int32) -> (hasEnded: Bool, start: UInt64)? {
  let descriptor = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var buffer = [UInt8](repeating: 0, count: 2048)
  let count = read(descriptor, &buffer, buffer.count)
  guard count > 0, let bracket = buffer[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
  let fields = buffer[(bracket + 1)..<count].split(separator: UInt8(ascii: " "))
  guard fields.count > 19, let start = UInt64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
  let state = String(decoding: fields[0], as: UTF8.self)
  return (state == "Z" || state == "X", start)
}
