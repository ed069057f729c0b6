internal import Files

/// Gives each line of a file that is being appended to; `isWhole` tells whether a line break follows it.
func readLines(of path: String, _ body: (_ line: [UInt8], _ isWhole: Bool) -> Void) throws {
  let file = try MappedFile(path)
  var start = 0
  while start < file.bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: file.bytes[start...])
    let length = rest.firstIndex(of: UInt8(ascii: "\n"))
    body(Array(rest[..<(length ?? rest.count)]), length != nil)
    start += (length ?? rest.count) + 1
  }
  withExtendedLifetime(file) {}
}
