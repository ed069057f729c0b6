/// A record of an event file (TensorFlow's TFRecord): the length, its checksum, the data, theirs; all little-endian.
package func eventRecord(_ data: [UInt8]) -> [UInt8] {
  let length = littleEndian(UInt64(data.count))
  return length + littleEndian(maskedChecksum(length)) + data + littleEndian(maskedChecksum(data))
}

/// A checksum that may be stored within what another one is taken of: turned by 15 bits, plus a constant.
package func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
  let sum = castagnoli(bytes)
  return (sum >> 15 | sum << 17) &+ 0xa282_ead8
}

/// CRC-32C (Castagnoli's polynomial, reflected).
package func castagnoli(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~0 as UInt32) { sum, byte in
    castagnoliTable[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8
  }
}

private let castagnoliTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82f6_3b78 }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
