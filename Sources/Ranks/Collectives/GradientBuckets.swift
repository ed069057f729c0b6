/// A flat range cut into buckets of about 25 MiB of floats, of equal size but for the rounding, each starting on a cache
/// line as far as the range does. What is done bucket by bucket keeps one bucket's share in the cache, and can begin
/// before the whole range is there.
public struct GradientBuckets: Sequence, Sendable {
  public static let usualBytes = 25 << 20

  private let range: Range<Int>
  /// How many buckets there are; one, empty, for an empty range.
  public let count: Int

  public init(_ range: Range<Int>, bytes: Int = usualBytes) {
    self.range = range
    let floats = Swift.max(16, bytes / MemoryLayout<Float>.stride)
    count = Swift.max(1, (range.count + floats - 1) / floats)
  }

  public subscript(index: Int) -> Range<Int> {
    edge(index)..<edge(index + 1)
  }

  public func makeIterator() -> some IteratorProtocol<Range<Int>> {
    (0..<count).lazy.map { self[$0] }.makeIterator()
  }

  private func edge(_ index: Int) -> Int {
    let lines = (range.count + 15) / 16
    return Swift.min(range.upperBound, range.lowerBound + lines * index / count * 16)
  }
}
