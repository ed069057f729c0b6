/// Where a member of a sample lies in its shard.
public struct MemberPlace: Codable, Equatable, Sendable {
  /// Of its first byte.
  public let offset: Int
  public let bytes: Int

  public init(offset: Int, bytes: Int) { (self.offset, self.bytes) = (offset, bytes) }

  /// The range in a shard of `count` bytes; nil where it does not lie in there, or is longer than `limit`.
  func range(in count: Int, limit: Int) -> Range<Int>? {
    let (end, overflow) = offset.addingReportingOverflow(bytes)
    guard offset >= 0, (1...limit).contains(bytes), !overflow, end <= count else { return nil }
    return offset..<end
  }
}
