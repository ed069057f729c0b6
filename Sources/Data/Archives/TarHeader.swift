/// Bytes of a tar block: headers take one, data is padded to a multiple.
let tarBlock = 512

/// Bytes that follow `size` bytes up to the next block.
func tarPadding(_ size: Int) -> Int { (tarBlock - size % tarBlock) % tarBlock }

/// Whether a block is the end mark of an archive.
func isTarEnd(_ block: UnsafeRawBufferPointer) -> Bool { block.allSatisfy { $0 == 0 } }

/// A ustar header (POSIX.1-2017, pax, "ustar Interchange Format"): 512 bytes, numbers as octal text.
struct TarHeader {
  /// What follows the header.
  enum Kind {
    case file, directory
    /// A second name for a file that came earlier.
    case hardLink
    /// A pax header for the next entry, for all that follow, or GNU's long name, or its long name of a link's target.
    case paxNext, paxGlobal, longName, longLink
    /// What concerns the archive and no file: its label, or what GNU's incremental archives say of a folder.
    case remark
    /// Links, devices and what else a tar may hold; the word says which.
    case other(String)
  }

  var name: [UInt8]
  /// What a link names.
  var target: [UInt8] = []
  var size: Int
  var kind: Kind
  /// Permissions; of interest only for what must not be there.
  var mode = 0o644

  /// Whether the header announces something about the next one.
  var isExtension: Bool {
    switch kind {
    case .paxNext, .paxGlobal, .longName, .longLink: true
    case .file, .directory, .hardLink, .remark, .other: false
    }
  }

  var isHardLink: Bool { if case .hardLink = kind { true } else { false } }

  /// Whether it is of a folder. Before POSIX that was a file of no bytes whose name ends in a slash.
  func isDirectory(_ name: [UInt8], size: Int) -> Bool {
    switch kind {
    case .directory: true
    case .file: name.last == slash && size == 0
    default: false
    }
  }

  init(name: [UInt8], size: Int, kind: Kind) {
    (self.name, self.size, self.kind) = (name, size, kind)
  }

  /// Reads a header block; nil where the checksum or a number does not hold.
  init?(_ block: UnsafeRawBufferPointer) {
    guard let sum = octal(block[148..<156]), TarHeader.checksums(block).contains(sum) else { return nil }
    guard let size = octal(block[124..<136]) ?? binary(block[124..<136]) else { return nil }
    let isUstar = block[257..<262].elementsEqual("ustar".utf8) && block[262] == 0
    let prefix = isUstar ? text(block[345..<500]) : []
    self.size = size
    name = prefix.isEmpty ? text(block[0..<100]) : prefix + [0x2F] + text(block[0..<100])
    kind = TarHeader.kind(block[156])
    target = text(block[157..<257])
    mode = octal(block[100..<108]) ?? 0
  }

  /// The block as written: mode 644, owner 0, time 0, so that the same content gives the same bytes.
  ///
  /// - Returns: nil where the name does not fit into the header's fields.
  func encoded() -> [UInt8]? {
    guard let (prefix, rest) = split(name) else { return nil }
    var block = [UInt8](repeating: 0, count: tarBlock)
    func put(_ bytes: some Sequence<UInt8>, _ offset: Int) {
      for (i, byte) in bytes.enumerated() { block[offset + i] = byte }
    }
    put(rest, 0)
    put("0000644\0".utf8, 100)
    put("0000000\0".utf8, 108)
    put("0000000\0".utf8, 116)
    put(octalText(size, digits: 11), 124)
    put(octalText(0, digits: 11), 136)
    put("        ".utf8, 148)
    if case .paxNext = kind { put("x".utf8, 156) } else { put("0".utf8, 156) }
    put("ustar\u{0}00".utf8, 257)
    put(prefix, 345)
    put(octalText(block.reduce(0) { $0 + Int($1) }, digits: 6) + [0, 0x20], 148)
    return block
  }

  /// The sum of all bytes, those of the checksum itself counted as spaces; old programs took bytes for signed numbers.
  private static func checksums(_ block: UnsafeRawBufferPointer) -> [Int] {
    let bytes = block.indices.map { (148..<156).contains($0) ? 0x20 : block[$0] }
    return [bytes.reduce(0) { $0 + Int($1) }, bytes.reduce(0) { $0 + Int(Int8(bitPattern: $1)) }]
  }

  private static func kind(_ flag: UInt8) -> Kind {
    switch flag {
    case 0, 0x30, 0x37: .file
    case 0x31: .hardLink
    case 0x32: .other("a symbolic link")
    case 0x33, 0x34, 0x36: .other("a device or a pipe")
    case 0x35: .directory
    case UInt8(ascii: "x"), UInt8(ascii: "X"): .paxNext
    case UInt8(ascii: "g"): .paxGlobal
    case UInt8(ascii: "L"): .longName
    case UInt8(ascii: "K"): .longLink
    case UInt8(ascii: "V"), UInt8(ascii: "D"): .remark
    case UInt8(ascii: "S"): .other("a file with holes")
    default: .other("an entry of unknown kind \(flag)")
    }
  }
}

/// Name and prefix as ustar splits them, or nil where they do not fit, or are not plain ASCII.
private func split(_ name: [UInt8]) -> (prefix: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
  guard name.allSatisfy({ $0 < 0x80 }) else { return nil }
  if name.count <= 100 { return ([], name[...]) }
  guard name.count <= 256 else { return nil }
  for slash in name.indices.reversed() where name[slash] == 0x2F {
    let (prefix, rest) = (name[..<slash], name[(slash + 1)...])
    if prefix.count <= 155, rest.count <= 100, !rest.isEmpty, !prefix.isEmpty { return (prefix, rest) }
  }
  return nil
}

/// The bytes up to the first NUL.
private func text(_ field: Slice<UnsafeRawBufferPointer>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

/// Octal text between spaces and NULs; nil for anything else.
private func octal(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
  let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
  var value = 0
  for digit in digits {
    guard (0x30...0x37).contains(digit) else { return nil }
    value = value << 3 | Int(digit - 0x30)
  }
  return value
}

/// GNU's binary numbers, which huge files need: the first bit is set, and the rest of the field is the number.
private func binary(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
  guard field.first == 0x80 else { return nil }
  return field.dropFirst().reduce(Int?(0)) { value, byte in
    value.flatMap { $0 >> 48 == 0 ? $0 << 8 | Int(byte) : nil }
  }
}

private func octalText(_ value: Int, digits: Int) -> [UInt8] {
  let text = Array(String(value, radix: 8).utf8)
  return [UInt8](repeating: 0x30, count: max(0, digits - text.count)) + text
}
