/// How much an archive may ask for. What its headers claim decides no allocation beyond these.
public struct ArchiveLimits: Sendable, Equatable {
  /// Entries of all kinds.
  public var maximumEntries = 500_000
  /// Bytes of one entry once expanded.
  public var maximumEntryBytes = 1 << 30
  /// Bytes of all entries once expanded; of a gzipped tar, all that comes out of it.
  public var maximumTotalBytes = 1 << 36
  /// Expanded bytes for each packed byte; entries that expand to less than `ratioFloor` bytes are let through.
  public var maximumRatio = 200
  /// Expanded size from which the ratio counts.
  public var ratioFloor = 1 << 20

  /// The limits that every data set in use keeps by far.
  ///
  /// - Parameter expectedBytes: what the archive expands to, where that is known: more than three times that is refused.
  public init(expectedBytes: Int? = nil) {
    guard let expectedBytes else { return }
    let triple = max(1, expectedBytes).multipliedReportingOverflow(by: 3)
    maximumTotalBytes = triple.overflow ? maximumTotalBytes : min(maximumTotalBytes, triple.partialValue)
  }
}
