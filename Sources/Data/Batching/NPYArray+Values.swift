/// What the elements of an array are as numbers.
extension NPYArray {
  /// Of a floating-point type; float64 is rounded to the nearest float32. Nil for integers.
  public var floats: [Float]? {
    switch elementType {
    case .float16: words(UInt16.self).map { Float(Float16(bitPattern: $0)) }
    case .float32: words(UInt32.self).map { Float(bitPattern: $0) }
    case .float64: words(UInt64.self).map { Float(Double(bitPattern: $0)) }
    case .int32, .int64: nil
    }
  }

  /// The bits of the nearest float16, ties to even; what lies beyond all of them becomes infinite. Nil for integers.
  public var halves: [UInt16]? {
    switch elementType {
    case .float16: words(UInt16.self)
    case .float32: words(UInt32.self).map { Float16(Float(bitPattern: $0)).bitPattern }
    case .float64: words(UInt64.self).map { Float16(Double(bitPattern: $0)).bitPattern }
    case .int32, .int64: nil
    }
  }

  /// Of an integer type. Nil for others.
  public var integers: [Int]? {
    switch elementType {
    case .int32: words(UInt32.self).map { Int(Int32(bitPattern: $0)) }
    case .int64: words(UInt64.self).map { Int(Int64(bitPattern: $0)) }
    case .float16, .float32, .float64: nil
    }
  }

  private func words<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type) -> [Word] {
    bytes.withUnsafeBytes { bytes in
      (0..<count).map {
        Word(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Word>.size, as: Word.self))
      }
    }
  }
}
