public import Archives
internal import Files
public import Images

/// Photos, or clips, in a fixed order, wherever they lie. Any thread may read.
public protocol PhotoCollection: Sendable {
  var kind: MediaKind { get }
  var count: Int { get }
  /// What a person calls the photo.
  func name(at index: Int) -> String
  /// Whether the sample in this place has none, but is there for what else it has.
  func isAbsent(at index: Int) -> Bool
  /// The clips of the same samples in the same order, where photos and clips are looked at together.
  var clips: (any PhotoCollection)? { get }
  /// What decoding the photo may cost.
  func limits(at index: Int) -> PictureLimits
  /// Lends the bytes of the photo's file.
  func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
  /// Whether what has several frames comes as one, for a model that looks at these.
  var holdsVideos: Bool { get }
  /// Refuses videos, for a model that looks at photos.
  /// - Throws: `BatchingError.severalFrames`.
  func requirePhotos() throws
  /// Lends the bytes of each frame that is looked at, with its place among them and what decoding it may cost.
  /// - Returns: how many these are, at most `limit`.
  func withFrames(
    at index: Int, limit: Int, _ body: (Int, UnsafeRawBufferPointer, PictureLimits) throws -> Void
  ) throws -> Int
}

extension PhotoCollection {
  /// In order.
  public var names: [String] { (0..<count).map { name(at: $0) } }
  public func isAbsent(at index: Int) -> Bool { false }
  public var clips: (any PhotoCollection)? { nil }
  /// The usual.
  public func limits(at index: Int) -> PictureLimits { PictureLimits() }
  public var holdsVideos: Bool { false }
  /// A picture is a video of one frame.
  public func requirePhotos() throws {}
  public func withFrames(
    at index: Int, limit: Int, _ body: (Int, UnsafeRawBufferPointer, PictureLimits) throws -> Void
  ) throws -> Int {
    try withBytes(at: index) { try body(0, $0, limits(at: index)) }
    return 1
  }
}

/// Photos, or clips, that are files of their own.
public struct PhotoFiles: PhotoCollection {
  public let paths: [String]
  public let kind: MediaKind

  /// Files as they are named, and all of the kind in and below folders, in the order of their names' bytes.
  /// - Throws: `FileError.missing`; `BatchingError.noPhotos`, `.noClips` for a folder without any.
  public init(at places: [String], _ kind: MediaKind = .photos) throws {
    self.kind = kind
    paths = try places.flatMap { place in
      guard isDirectory(place) else {
        guard fileExists(place) else { throw FileError.missing(path: place) }
        return [place]
      }
      let found = try FolderSource(path: place).names.filter(kind.claims)
      guard !found.isEmpty else { throw kind.nothing(in: place) }
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

/// The photos, or the clips, of a folder or an archive.
public struct SourcePhotos: PhotoCollection {
  private let source: any FileSource
  public let names: [String]
  public let kind: MediaKind

  /// - Parameter names: of the source.
  public init(_ source: any FileSource, names: [String], _ kind: MediaKind = .photos) {
    (self.source, self.names, self.kind) = (source, names, kind)
  }

  public var count: Int { names.count }
  public func name(at index: Int) -> String { names[index] }

  public func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try source.read(names[index]).withUnsafeBytes(body)
  }
}

/// The photos, or the clips, of a split of a prepared data set, in the order of its index; their names are the samples' keys.
public struct SplitPhotos: PhotoCollection {
  public let dataSet: PreparedDataSet
  public private(set) var samples: [SampleReference]
  public private(set) var kind: MediaKind
  private let splits: [String]

  /// - Parameters:
  ///   - split: nil takes all splits, one after the other.
  ///   - kind: nil takes photos, unless no sample has one.
  /// - Throws: `BatchingError` where there is no such split, or nothing in it.
  public init(_ dataSet: PreparedDataSet, split: String?, _ kind: MediaKind? = nil) throws(BatchingError) {
    self.dataSet = dataSet
    var samples: [SampleReference] = []
    splits = split.map { [$0] } ?? dataSet.manifest.splits.map(\.name)
    for name in splits {
      samples += try dataSet.samples(split: name)
    }
    guard !samples.isEmpty else { throw .emptySplit(path: dataSet.path, split: split ?? "") }
    self.kind = kind ?? (samples.contains(where: \.hasPhoto) ? .photos : .clips)
    self.samples = samples
  }

  /// The same samples, by their photos or by their clips.
  public func of(_ kind: MediaKind) -> SplitPhotos {
    var photos = self
    photos.kind = kind
    return photos
  }

  /// Those that have what is looked at, or listened to, with their places among all; nil where none has.
  public func present() throws -> (photos: SplitPhotos, places: [Int])? {
    let places = try samples.indices.filter { place in
      let sample = samples[place]
      return kind == .photos ? sample.hasPhoto : try dataSet.withClip(sample) { _, _ in true } ?? false
    }
    var photos = self
    photos.samples = places.map { samples[$0] }
    return places.isEmpty ? nil : (photos, places)
  }

  public var count: Int { samples.count }
  public func name(at index: Int) -> String { samples[index].key }
  public func limits(at index: Int) -> PictureLimits { samples[index].limits }
  public var holdsVideos: Bool { kind == .photos }

  public func requirePhotos() throws {
    guard kind == .photos else { return }
    for split in splits { try dataSet.require(frames: nil, of: [.image], split: split) }
  }

  public func withFrames(
    at index: Int, limit: Int, _ body: (Int, UnsafeRawBufferPointer, PictureLimits) throws -> Void
  ) throws -> Int {
    guard samples[index].hasPhoto else { throw dataSet.lack(of: .image, samples[index]) }
    return try dataSet.withFrames(of: samples[index], limit: limit, body)
  }

  public func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let sample = samples[index]
    switch kind {
    case .photos:
      guard sample.hasPhoto else { throw dataSet.lack(of: .image, sample) }
      try dataSet.withImageBytes(sample, body)
    case .clips:
      guard try dataSet.withClip(sample, { bytes, _ in try body(bytes) }) != nil else {
        throw dataSet.lack(of: .audio, sample)
      }
    }
  }
}

/// All photos of a folder or an archive (zip or tar), named by their paths in it, or of a prepared data set, named by their keys; or
/// all clips.
/// - Parameters:
///   - split: of a prepared set; nil takes all.
///   - kind: nil takes photos, unless there are clips and no photo.
/// - Throws: `FileError`, `ArchiveError`, `BatchingError`.
public func photoCollection(
  at path: String, split: String? = nil, _ kind: MediaKind? = nil
) throws -> any PhotoCollection {
  guard fileExists(path) else { throw FileError.missing(path: path) }
  if fileExists(path + "/manifest.json") { return try SplitPhotos(PreparedDataSet(path: path), split: split, kind) }
  let source = try openSource(path)
  let kind = kind ?? MediaKind(of: source.names)
  let names = source.names.filter(kind.claims)
  guard !names.isEmpty else { throw kind.nothing(in: path) }
  return SourcePhotos(source, names: names, kind)
}

extension MediaKind {
  fileprivate func nothing(in path: String) -> BatchingError {
    self == .photos ? .noPhotos(path: path) : .noClips(path: path)
  }
}
