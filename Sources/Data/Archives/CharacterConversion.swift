internal import Glibc

/// The one place where glibc's iconv is called: text in another character set, as UTF-8.
///
/// - Parameters:
///   - bytes: a name; a few thousand bytes at most.
///   - characterSet: by the name that iconv knows it by.
/// - Returns: nil where the bytes are no text in that set, or this system does not know it.
func converted(_ bytes: [UInt8], from characterSet: String) -> String? {
  guard let converter = iconv_open("UTF-8", characterSet), converter != iconv_t(bitPattern: -1) else { return nil }
  defer { iconv_close(converter) }
  let mostForOneByte = 8
  var input = bytes.map { CChar(bitPattern: $0) }
  var output = [CChar](repeating: 0, count: bytes.count * mostForOneByte + 1)
  let room = output.count
  let left = input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output -> Int? in
      var (next, rest) = (input.baseAddress, input.count)
      var (place, left) = (output.baseAddress, output.count)
      let failed = -1
      return iconv(converter, &next, &rest, &place, &left) == failed ? nil : left
    }
  }
  guard let left else { return nil }
  return String(validating: output[..<(room - left)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
