internal import Files

/// Several sources as one: photos in one archive, captions in another.
///
/// Names stay as they are in the parts. A file that several parts hold with the same bytes counts once; files of one
/// name that differ are refused, since nothing says which of them is meant.
public struct JoinedSource: FileSource {
  public let names: [String]
  /// Of all parts, each with its part's base name before it.
  public let notes: [String]
  public let leftOut: [LeftOutFile]
  /// Which part holds each name, in the same order.
  private let owners: [Int]
  private let parts: [any FileSource]

  /// - Parameter parts: the sources, each with the path that messages call it by.
  /// - Throws: `ArchiveError.nameInTwoSources`, and what reading the parts throws.
  public init(_ parts: [(path: String, source: any FileSource)]) throws {
    self.parts = parts.map(\.source)
    notes = parts.flatMap { part in part.source.notes.map { "\(lastComponent(of: part.path)): \($0)" } }
    leftOut = parts.flatMap(\.source.leftOut)
    var all: [(name: String, owner: Int)] = []
    for (owner, part) in parts.enumerated() { all += part.source.names.map { ($0, owner) } }
    all.sort { byteOrder($0.name, $1.name) || (!byteOrder($1.name, $0.name) && $0.owner < $1.owner) }
    var kept: [(name: String, owner: Int)] = []
    for next in all {
      guard let last = kept.last, last.name.utf8.elementsEqual(next.name.utf8) else {
        kept.append(next)
        continue
      }
      let (first, second) = (parts[last.owner], parts[next.owner])
      guard first.source.size(next.name) == second.source.size(next.name),
        try first.source.read(next.name) == second.source.read(next.name)
      else { throw ArchiveError.nameInTwoSources(entry: next.name, first: first.path, second: second.path) }
    }
    names = kept.map(\.name)
    owners = kept.map(\.owner)
  }

  public func read(_ name: String) throws -> [UInt8] {
    guard let place = names.place(of: name) else {
      throw ArchiveError.missingEntry(path: "the joined sources", entry: name)
    }
    return try parts[owners[place]].read(name)
  }

  public func size(_ name: String) -> Int { names.place(of: name).map { parts[owners[$0]].size(name) } ?? 0 }
}

extension [String] {
  /// Where a name stands in an array sorted by `byteOrder`. Names that differ in their bytes are different names, also
  /// where Swift holds them equal because they are the same letters.
  func place(of name: String) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if byteOrder(self[middle], name) { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low].utf8.elementsEqual(name.utf8) ? low : nil
  }
}
