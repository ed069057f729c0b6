/// The region features of many photos, in tables (.tsv) or in an `.npz` for each photo: which of them belongs to which photo,
/// and the regions of a photo when they are asked for.
///
/// Any thread may read.
public final class RegionFiles: Sendable {
  /// How rows and photos came together. An `.npz` counts as a row.
  public struct Counts: Equatable, Sendable {
    public var rows = 0
    public var photos = 0
    public var photosWithoutRow = 0
    public var rowsWithoutPhoto = 0
    /// Rows whose name fits several photos, so that they belong to none.
    public var ambiguousRows = 0
    /// Rows of a photo that had one before, which counts.
    public var repeatedRows = 0
    /// Rows that lead to their photo by a number, as COCO's do.
    public var rowsByNumber = 0
  }

  public let counts: Counts
  /// What was decided, in words: one line for each thing that happened.
  public let notes: [String]
  private let places: [String: Place]

  private enum Place: Sendable {
    case row(RegionTable, RegionTable.Row)
    case file(String)
  }

  /// Walks the tables and folders; no regions are decoded.
  ///
  /// - Parameters:
  ///   - paths: tables, folders with `.npz` files, single `.npz` files.
  ///   - photos: the names of the photos that regions are wanted for.
  /// - Throws: `RegionError` and `NPYError` for what is no such file, `FileError` where there is none.
  public init(_ paths: [String], photos: [String]) throws {
    let sources = try RegionSources(paths)
    var match = Matching(photos)
    for table in sources.tables {
      for row in table.rows { match.add(row.key, .row(table, row)) }
    }
    for array in sources.arrays { match.add(array.key, .file(array.path)) }
    match.finish(photos)
    (counts, places, notes) = (match.counts, match.places, sources.notes + match.notes)
  }

  /// Whether there are regions of a photo, sound or not.
  func hasRegions(of photo: String) -> Bool { places[photo] != nil }

  /// The regions of a photo.
  ///
  /// - Parameters:
  ///   - photo: one of the names that were given.
  ///   - width: of the photo as it is shown, in pixels; so is the height.
  /// - Returns: nil where no file has regions of it.
  /// - Throws: `RegionError`, `NPYError` or `ArchiveError` for a row or a file that is not sound.
  public func reading(of photo: String, width: Int, height: Int) throws -> RegionReading? {
    guard let place = places[photo] else { return nil }
    guard let size = PictureSize(width: width, height: height) else {
      preconditionFailure("\(photo) is not \(width)×\(height)")
    }
    switch place {
    case .row(let table, let row): return try table.reading(row, size: size)
    case .file(let path): return try RegionReading(npz: path, size: size)
    }
  }

  /// Leads rows to photos, and counts.
  private struct Matching {
    private(set) var counts = Counts()
    private(set) var places: [String: Place] = [:]
    private let photos: RegionPhotos
    private var first: [WritableKeyPath<Counts, Int>: String] = [:]

    init(_ photos: [String]) { self.photos = RegionPhotos(photos) }

    mutating func add(_ key: String, _ place: Place) {
      counts.rows += 1
      switch photos.match(key) {
      case .missing: count(\.rowsWithoutPhoto, key)
      case .ambiguous: count(\.ambiguousRows, key)
      case .photo(let photo, _) where places[photo] != nil: count(\.repeatedRows, key)
      case .photo(let photo, let byNumber):
        if byNumber { count(\.rowsByNumber, "\(key) is \(photo)") }
        places[photo] = place
      }
    }

    mutating func finish(_ names: [String]) {
      counts.photos = names.count
      for name in names where places[name] == nil { count(\.photosWithoutRow, name) }
    }

    private mutating func count(_ what: WritableKeyPath<Counts, Int>, _ example: String) {
      counts[keyPath: what] += 1
      if first[what] == nil { first[what] = example }
    }

    var notes: [String] {
      let words: [(WritableKeyPath<Counts, Int>, String)] = [
        (\.rowsByNumber, "rows of regions that lead to their photo by its number"),
        (\.repeatedRows, "rows of regions of a photo that had one before, which counts"),
        (\.ambiguousRows, "rows of regions that fit several photos, and belong to none"),
        (\.rowsWithoutPhoto, "rows of regions of no photo of the set"),
        (\.photosWithoutRow, "photos without regions"),
      ]
      return words.compactMap { what, words in first[what].map { "\(words): \(counts[keyPath: what]) (first: \($0))" } }
    }
  }
}
