internal import Files
internal import Glibc

/// All of standard input, which may be a pipe.
func readStandardInput(limit: Int) throws -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw FileError.system(call: "read", path: "standard input", code: errno) }
    guard count > 0 else { return bytes }
    bytes += buffer[..<count]
    guard bytes.count <= limit else {
      throw FileError.tooLarge(path: "standard input", size: bytes.count, limit: limit)
    }
  }
}
