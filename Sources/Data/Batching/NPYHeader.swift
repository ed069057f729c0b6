/// The header of a `.npy` file: a Python dictionary of three entries, in text.
///
/// Read by a scanner for just that, never evaluated.
struct NPYHeader: Equatable {
  /// As NumPy spells the type: byte order, kind, bytes, as in `<f4`.
  var descr: String
  var isColumnMajor: Bool
  var shape: [Int]

  /// NumPy's own writers stay below 200 bytes.
  static let lengthLimit = 1 << 16
  static let rankLimit = 8

  /// - Throws: `NPYFault`.
  init(parsing text: UnsafeRawBufferPointer) throws(NPYFault) {
    var scanner = PythonScanner(text)
    var (descr, order, shape) = (String?.none, Bool?.none, [Int]?.none)
    try scanner.expect("{")
    while !scanner.takes("}") {
      let key = try scanner.string()
      try scanner.expect(":")
      switch key {
      case "descr" where descr == nil: descr = try scanner.takesStructure() ? "a structure" : scanner.string()
      case "fortran_order" where order == nil: order = try scanner.flag()
      case "shape" where shape == nil: shape = try scanner.tuple(limit: Self.rankLimit)
      default: throw .malformed("its header has the key “\(key)” twice, or it is not known")
      }
      if !scanner.takes(",") {
        try scanner.expect("}")
        break
      }
    }
    guard scanner.isAtEnd else { throw .malformed("something stands behind its header's closing brace") }
    guard let descr, let order, let shape else { throw .malformed("its header lacks descr, fortran_order or shape") }
    (self.descr, self.isColumnMajor, self.shape) = (descr, order, shape)
  }

  init(descr: String, shape: [Int]) { (self.descr, isColumnMajor, self.shape) = (descr, false, shape) }

  /// As NumPy writes it: magic, version 1, and a text that ends at a multiple of 64 bytes.
  var encoded: [UInt8] {
    let lengths = shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
    let text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(lengths)), }"
    let padding = 63 - (NPYArray.magic.count + 4 + text.utf8.count) % 64
    let length = text.utf8.count + padding + 1
    return NPYArray.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
      + [UInt8](repeating: 0x20, count: padding) + [0x0A]
  }
}

/// What is wrong with a file, before it is known which.
enum NPYFault: Error {
  case malformed(String)
  case pickle
  case unsupported(String, advice: String)
}

/// Reads the few forms of Python literals that NumPy writes.
private struct PythonScanner {
  private let text: UnsafeRawBufferPointer
  private var offset = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  var isAtEnd: Bool {
    mutating get { next() == nil }
  }

  /// The next byte that is no white space.
  private mutating func next() -> UInt8? {
    while offset < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[offset]) { offset += 1 }
    return offset < text.count ? text[offset] : nil
  }

  mutating func takes(_ sign: Character) -> Bool {
    guard let byte = next(), byte == sign.asciiValue else { return false }
    offset += 1
    return true
  }

  mutating func expect(_ sign: Character) throws(NPYFault) {
    if !takes(sign) { throw .malformed("byte \(offset) of its header: “\(sign)” is missing") }
  }

  /// Whether a list follows: the fields of a structure, which nobody here needs to know.
  mutating func takesStructure() -> Bool { next() == UInt8(ascii: "[") && skipList() }

  private mutating func skipList() -> Bool {
    var depth = 0
    while offset < text.count {
      let byte = text[offset]
      offset += 1
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") { depth -= 1 }
      if depth == 0 { return true }
    }
    return false
  }

  /// Printable ASCII in single or double quotes.
  mutating func string() throws(NPYFault) -> String {
    guard let quote = next(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw .malformed("byte \(offset) of its header: a text in quotes is missing")
    }
    let start = offset + 1
    guard let end = text[start...].firstIndex(of: quote), end - start <= 64,
      text[start..<end].allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") })
    else { throw .malformed("byte \(offset) of its header: a text is not closed, or is too long") }
    offset = end + 1
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  mutating func flag() throws(NPYFault) -> Bool {
    _ = next()
    for (word, value) in [("True", true), ("False", false)] where text[offset...].starts(with: word.utf8) {
      offset += word.utf8.count
      return value
    }
    throw .malformed("byte \(offset) of its header: neither True nor False")
  }

  /// Whole numbers of 0 or more; Python 2 wrote an L behind some.
  mutating func tuple(limit: Int) throws(NPYFault) -> [Int] {
    var numbers: [Int] = []
    try expect("(")
    while !takes(")") {
      guard numbers.count < limit else { throw .malformed("it has more than \(limit) dimensions") }
      numbers.append(try number())
      _ = takes("L")
      if !takes(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func number() throws(NPYFault) -> Int {
    _ = next()
    let digits = text[offset...].prefix(19).prefix { (0x30...0x39).contains($0) }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw .malformed("byte \(offset) of its header: no length from 0 to \(Int.max)")
    }
    offset += digits.count
    return number
  }
}
