/// An array of numbers, as NumPy's `.npy` files hold one: what `numpy.save` writes and `numpy.load` reads.
public struct NPYArray: Equatable, Sendable {
  /// What its bytes consist of, as NumPy names it without the byte order.
  public enum ElementType: String, CaseIterable, Sendable {
    case float16 = "f2"
    case float32 = "f4"
    case float64 = "f8"
    case int32 = "i4"
    case int64 = "i8"

    /// Bytes of an element.
    public var size: Int {
      switch self {
      case .float16: 2
      case .float32, .int32: 4
      case .float64, .int64: 8
      }
    }
  }

  public let elementType: ElementType
  /// Outermost dimension first; empty for a single number.
  public let shape: [Int]
  /// Row-major, little-endian.
  public let bytes: [UInt8]

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// - Parameter bytes: as many as the shape takes.
  public init(_ elementType: ElementType, shape: [Int], bytes: [UInt8]) {
    precondition(
      byteCount(shape, elementType) == bytes.count, "\(shape) of \(elementType) are not \(bytes.count) bytes")
    (self.elementType, self.shape, self.bytes) = (elementType, shape, bytes)
  }

  public init(_ elementType: ElementType, shape: [Int], _ values: [some FixedWidthInteger & BitwiseCopyable]) {
    self.init(elementType, shape: shape, bytes: values.map(\.littleEndian).withUnsafeBytes { Array($0) })
  }

  /// Reads a file of version 1, 2 or 3, whose every byte has to be accounted for.
  ///
  /// - Parameter place: the file, for messages.
  /// - Throws: `NPYError`.
  public init(reading file: UnsafeRawBufferPointer, place: String) throws(NPYError) {
    do throws(NPYFault) {
      let (header, start) = try Self.header(file)
      let (type, isBigEndian) = try Self.elementType(header.descr)
      // One row or column lies the same in both orders.
      guard !header.isColumnMajor || header.shape.count(where: { $0 != 1 }) <= 1 else {
        throw .unsupported("its numbers lie column by column", advice: "save numpy.ascontiguousarray(array)")
      }
      let found = file.count - start
      guard byteCount(header.shape, type) == found else {
        throw .malformed("an array \(header.shape) of \(header.descr) is not what \(found) bytes hold")
      }
      let bytes = UnsafeRawBufferPointer(rebasing: file[start...])
      (elementType, shape) = (type, header.shape)
      self.bytes = isBigEndian ? swapped(bytes, size: type.size) : Array(bytes)
    } catch {
      throw NPYError(error, place: place)
    }
  }

  public init(reading file: [UInt8], place: String) throws {
    self = try file.withUnsafeBytes { try Self(reading: $0, place: place) }
  }

  /// The whole file.
  public var encoded: [UInt8] { NPYHeader(descr: "<" + elementType.rawValue, shape: shape).encoded + bytes }

  /// How many elements it has.
  public var count: Int { bytes.count / elementType.size }

  /// The header, and where the numbers begin.
  private static func header(_ file: UnsafeRawBufferPointer) throws(NPYFault) -> (NPYHeader, start: Int) {
    guard file.starts(with: magic), file.count >= 12 else {
      if file.count >= 2, file[0] == 0x80, (2...5).contains(file[1]) { throw .pickle }
      throw .malformed("it is no .npy file")
    }
    let version = (file[6], file[7])
    guard (1...3).contains(version.0), version.1 == 0 else {
      throw .unsupported("a .npy file of version \(version.0).\(version.1)", advice: "versions 1 to 3 are read")
    }
    let isShort = version.0 == 1
    let length =
      isShort
      ? Int(file[8]) | Int(file[9]) << 8
      : Int(UInt32(littleEndian: file.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
    let start = isShort ? 10 : 12
    guard length <= NPYHeader.lengthLimit, length <= file.count - start else {
      throw .malformed("it says that its header has \(length) bytes, of \(file.count - start) that there are")
    }
    let text = UnsafeRawBufferPointer(rebasing: file[start..<(start + length)])
    return (try NPYHeader(parsing: text), start + length)
  }

  private static func elementType(_ descr: String) throws(NPYFault) -> (ElementType, isBigEndian: Bool) {
    if descr.hasSuffix("O") || descr.hasPrefix("|O") { throw .pickle }
    guard let type = ElementType(rawValue: String(descr.dropFirst())), descr.hasPrefix("<") || descr.hasPrefix(">")
    else {
      throw .unsupported(
        "its numbers are “\(descr)”", advice: "float16, float32, float64, int32 and int64 are read: use array.astype")
    }
    return (type, descr.hasPrefix(">"))
  }
}

/// How many bytes an array takes; nil where that is more than can be counted.
private func byteCount(_ shape: [Int], _ type: NPYArray.ElementType) -> Int? {
  var count = type.size
  for length in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    guard !overflow, length >= 0 else { return nil }
    count = product
  }
  return count
}

private func swapped(_ bytes: UnsafeRawBufferPointer, size: Int) -> [UInt8] {
  stride(from: 0, to: bytes.count, by: size).flatMap { bytes[$0..<($0 + size)].reversed() }
}

extension NPYError {
  fileprivate init(_ fault: NPYFault, place: String) {
    switch fault {
    case .malformed(let reason): self = .malformed(place: place, reason: reason)
    case .pickle: self = .pickle(place: place)
    case .unsupported(let kind, let advice): self = .unsupported(place: place, kind: kind, advice: advice)
    }
  }
}
