/// What sums between nodes travel as. Within a node, and in every addition, they are fp32.
public enum WireFormat: String, CaseIterable, Codable, Sendable {
  case fp32
  /// The nearest bfloat16 (ties to even): half the bytes, 8 significant bits.
  case bf16

  public var bytesPerFloat: Int { self == .fp32 ? 4 : 2 }
}
