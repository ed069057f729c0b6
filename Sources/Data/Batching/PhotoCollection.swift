public import Archives
internal import Files
public import Images

/// Photos in a fixed order, wherever they lie. Any thread may read.
public protocol PhotoCollection: Sendable {
  var count: Int { get }
  /// What a person calls the photo.
  func name(at index: Int) -> String
  /// What decoding the photo may cost.
  func limits(at index: Int) -> PictureLimits
  /// Lends the bytes of the photo's file.
  func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
}

extension PhotoCollection {
  /// In order.
  public var names: [String] { (0..<count).map { name(at: $0) } }
  /// The usual.
  public func limits(at index: Int) -> PictureLimits { PictureLimits() }
}

/// Photos that are files of their own.
public struct PhotoFiles: PhotoCollection {
  public let paths: [String]

  /// Files as they are named, and all pictures in and below folders, in the order of their names' bytes.
  /// - Throws: `FileError.missing`; `BatchingError.noPhotos` for a folder without pictures.
  public init(at places: [String]) throws {
    paths = try places.flatMap { place in
      guard isDirectory(place) else {
        guard fileExists(place) else { throw FileError.missing(path: place) }
        return [place]
      }
      let found = try FolderSource(path: place).names.filter(isPictureName)
      guard !found.isEmpty else { throw BatchingError.noPhotos(path: place) }
      let folder = place.hasSuffix("/") ? place : place + "/"
      return found.map { folder + $0 }
    }
  }

  public var count: Int { paths.count }
  public func name(at index: Int) -> String { paths[index] }

  public func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let file = try MappedFile(paths[index])
    try withExtendedLifetime(file) { try body(file.bytes) }
  }
}

/// The photos of a folder or an archive.
public struct SourcePhotos: PhotoCollection {
  private let source: any FileSource
  public let names: [String]

  /// - Parameter names: of the source.
  public init(_ source: any FileSource, names: [String]) { (self.source, self.names) = (source, names) }

  public var count: Int { names.count }
  public func name(at index: Int) -> String { names[index] }

  public func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try source.read(names[index]).withUnsafeBytes(body)
  }
}

/// The photos of a split of a prepared data set, in the order of its index; their names are the samples' keys.
public struct SplitPhotos: PhotoCollection {
  public let dataSet: PreparedDataSet
  public let samples: [SampleReference]

  /// - Parameter split: nil takes all splits, one after the other.
  /// - Throws: `BatchingError` where there is no such split, or nothing in it.
  public init(_ dataSet: PreparedDataSet, split: String?) throws(BatchingError) {
    self.dataSet = dataSet
    var samples: [SampleReference] = []
    for name in split.map({ [$0] }) ?? dataSet.manifest.splits.map(\.name) {
      samples += try dataSet.samples(split: name)
    }
    guard !samples.isEmpty else { throw .emptySplit(path: dataSet.path, split: split ?? "") }
    self.samples = samples
  }

  public var count: Int { samples.count }
  public func name(at index: Int) -> String { samples[index].key }
  public func limits(at index: Int) -> PictureLimits { samples[index].limits }

  public func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try dataSet.withImageBytes(samples[index], body)
  }
}

/// All photos of a folder or an archive (zip or tar), named by their paths in it, or of a prepared data set, named by their keys.
/// - Parameter split: of a prepared set; nil takes all.
/// - Throws: `FileError`, `ArchiveError`, `BatchingError`.
public func photoCollection(at path: String, split: String? = nil) throws -> any PhotoCollection {
  guard fileExists(path) else { throw FileError.missing(path: path) }
  if fileExists(path + "/manifest.json") { return try SplitPhotos(PreparedDataSet(path: path), split: split) }
  let source = try openSource(path)
  let names = source.names.filter(isPictureName)
  guard !names.isEmpty else { throw BatchingError.noPhotos(path: path) }
  return SourcePhotos(source, names: names)
}
