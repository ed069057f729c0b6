/// A message of protocol buffers while it is written: fields one behind the other, as its description numbers them
/// (protobuf.dev, "Encoding"). Field numbers are below 16, so that a tag is one byte.
struct WireMessage {
  private(set) var bytes: [UInt8] = []

  /// How a field's content is laid out.
  private enum WireType: UInt8 {
    case variableLength = 0
    case eightBytes = 1
    case lengthAndBytes = 2
    case fourBytes = 5
  }

  mutating func add(_ field: UInt8, _ value: Double) {
    begin(field, .eightBytes)
    append(value.bitPattern)
  }

  mutating func add(_ field: UInt8, _ value: Float) {
    begin(field, .fourBytes)
    append(value.bitPattern)
  }

  /// An integer of any kind; a negative one takes ten bytes.
  mutating func add(_ field: UInt8, _ value: Int) {
    begin(field, .variableLength)
    appendVariable(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: UInt8, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: UInt8, _ message: WireMessage) { add(field, message.bytes) }

  mutating func add(_ field: UInt8, _ content: [UInt8]) {
    begin(field, .lengthAndBytes)
    appendVariable(UInt64(content.count))
    bytes += content
  }

  /// A packed list of doubles.
  mutating func add(_ field: UInt8, packed values: [Double]) {
    var content = WireMessage()
    for value in values { content.append(value.bitPattern) }
    add(field, content.bytes)
  }

  private mutating func begin(_ field: UInt8, _ type: WireType) { bytes.append(field << 3 | type.rawValue) }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  private mutating func appendVariable(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
