/// What the elements of a stored tensor are, by their safetensors names.
///
/// The cases stand in the order of the reference implementation: a writer puts later ones first, so that every tensor
/// starts at a multiple of its element size. Elements smaller than a byte are not supported.
public enum ElementType: String, CaseIterable, Codable, Sendable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case float8e5m2 = "F8_E5M2"
  case float8e4m3 = "F8_E4M3"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .bool, .uint8, .int8, .float8e5m2, .float8e4m3: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .complex64, .float64, .int64, .uint64: 8
    }
  }

  /// Position in the reference's order.
  var order: Int { ElementType.allCases.firstIndex(of: self) ?? 0 }
}
