internal import Batching
internal import FoundationEssentials

/// A field of a table of regions: numbers in decimal, arrays as base64 of little-endian bytes.
struct RegionField {
  private let bytes: Slice<UnsafeRawBufferPointer>

  /// What Python 3 writes for bytes, `b'…'`, is taken off.
  init(_ bytes: Slice<UnsafeRawBufferPointer>) {
    let quote = bytes.last ?? 0
    let isWrapped =
      bytes.count >= 3 && bytes.first == UInt8(ascii: "b") && "'\"".utf8.contains(quote)
      && bytes[bytes.startIndex + 1] == quote
    self.bytes = isWrapped ? bytes[(bytes.startIndex + 2)..<(bytes.endIndex - 1)] : bytes
  }

  /// The bytes as text, cut where they are too long for a name.
  var text: String { String(decoding: bytes.prefix(1024), as: UTF8.self) }

  /// A whole number of at most 15 digits.
  var number: Int? {
    guard (1...15).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }

  /// A number of regions.
  ///
  /// - Throws: `RegionFault`.
  func count() throws(RegionFault) -> Int {
    guard let number else { throw RegionFault("“\(text.prefix(40))” is no number of regions") }
    return try regionCount(number)
  }

  /// An array of `rows` rows, as long as the bytes say.
  ///
  /// - Parameters:
  ///   - name: what it is, for messages.
  ///   - columns: how many numbers a row has, where that is known.
  func array(
    _ name: String, _ type: NPYArray.ElementType, rows: Int, columns: Int? = nil
  ) throws(RegionFault) -> NPYArray {
    let data = try decoded(name)
    let rowBytes = rows * type.size
    let found = data.count / rowBytes
    guard data.count % rowBytes == 0, found > 0, columns ?? found == found else {
      let wanted = columns.map { "\(rows)×\($0)" } ?? "\(rows) equal rows"
      throw RegionFault("its \(name) are \(data.count) bytes, which are no \(wanted) of \(type)")
    }
    return NPYArray(type, shape: [rows, found], bytes: data)
  }

  private func decoded(_ name: String) throws(RegionFault) -> [UInt8] {
    if let data = Data(base64Encoded: Data(bytes)) { return Array(data) }
    if let place = bytes.firstIndex(where: { !isBase64($0) }) {
      throw RegionFault("its \(name) are no base64: byte \(place - bytes.startIndex + 1) has the value \(bytes[place])")
    }
    throw RegionFault("its \(name) are base64 that was cut off: \(bytes.count) characters")
  }

  private func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
    default: false
    }
  }

  /// For a field of JSON.
  var json: [UInt8] { Array(bytes) }
}

/// A number of regions that can be.
func regionCount(_ count: Int) throws(RegionFault) -> Int {
  guard (1...RegionFeatures.maximumCount).contains(count) else {
    throw RegionFault("it has \(count) regions, and 1 to \(RegionFeatures.maximumCount) are read")
  }
  return count
}
