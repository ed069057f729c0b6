internal import Archives
internal import Audio
internal import Files
internal import Images

/// The shards of one split while they are written, one open at a time.
final class SplitWriter {
  /// A photo's file, and its size as it is shown.
  struct Photo {
    let bytes: [UInt8]
    let format: PictureFormat
    let width: Int
    let height: Int
    /// Frames of a video that it is the first of.
    var further: [Photo] = []

    /// The first 64 bits of the hash of its bytes, or of those of all frames.
    var identity: UInt64 {
      further.isEmpty
        ? bytes.withUnsafeBytes { imageIdentity(of: $0) } : framesIdentity(([self] + further).map { sha256($0.bytes) })
    }
  }

  let name: String
  private(set) var samples: [SampleReference] = []  // shards numbered within the split
  private(set) var captions = 0
  private(set) var tally = ColumnTally()
  private(set) var shards: [DataSetManifest.Shard] = []
  private let directory: String
  private let shardBytes: Int
  private var tar: TarWriter?
  private var samplesBefore = 0
  private var previousName: String?

  init(name: String, directory: String, shardBytes: Int) {
    self.name = name
    self.directory = directory
    self.shardBytes = shardBytes
  }

  /// Appends the photo as `KEY.jpg`, `KEY.png` or `KEY.webp`, further frames as `KEY.frame1.jpg` and so on, the clip as `KEY.wav` or what it is, the members of the photo's
  /// regions, then `KEY.json`, which says where these lie, and, for other readers, the first caption as `KEY.txt`.
  func add(_ photo: Photo?, clip: PreparedClip?, record: SampleRecord, regions: RegionFeatures?) throws {
    if let previous = previousName, !previous.utf8.lexicographicallyPrecedes(record.fileName.utf8) {
      throw BatchingError.fileOrder(split: name, name: record.fileName, previous: previous)
    }
    previousName = record.fileName
    let tar = try openShard()
    let imageOffset = try photo.map { try tar.add(name: record.key + "." + $0.format.fileExtension, bytes: $0.bytes) }
    var record = record
    record.frames = try (photo?.further ?? []).enumerated().map {
      try add($1, number: $0 + 1, key: record.key, to: tar)
    }
    record.clip = try clip.map { clip in
      let offset = try tar.add(name: record.key + "." + clip.format.fileExtension, bytes: clip.file)
      return ClipPlace(clip, place: MemberPlace(offset: offset, bytes: clip.file.count))
    }
    record.regions = try regions.map { try add($0, key: record.key, to: tar) } ?? [:]
    let json = try record.encoded()
    let recordOffset = try tar.add(name: record.key + ".json", bytes: json)
    if let caption = record.captions.first { try tar.add(name: record.key + ".txt", bytes: Array(caption.utf8)) }
    samples.append(
      SampleReference(
        key: record.key, shard: shards.count, imageOffset: imageOffset ?? 0,
        imageBytes: photo?.bytes.count ?? 0, recordOffset: recordOffset, recordBytes: json.count,
        width: photo?.width ?? 0,
        height: photo?.height ?? 0,
        imageIdentity: photo?.identity
          ?? (clip?.file ?? Array(record.key.utf8)).withUnsafeBytes { imageIdentity(of: $0) }
      ))
    captions += record.captions.count
    tally.add(frames: photo.map { $0.further.count + 1 } ?? 0, captions: record.captions.count, record.columns)
    tally.add(.audio, clip == nil ? 0 : 1)
    tally.add(.regions, regions?.count ?? 0)
    if tar.byteCount >= shardBytes { try close() }
  }

  /// Appends a frame of a video, the first being number 0. - Returns: where it lies.
  private func add(_ frame: Photo, number: Int, key: String, to tar: TarWriter) throws -> FramePlace {
    let offset = try tar.add(name: "\(key).frame\(number).\(frame.format.fileExtension)", bytes: frame.bytes)
    return FramePlace(offset: offset, bytes: frame.bytes.count, width: frame.width, height: frame.height)
  }

  /// - Returns: where each member lies.
  private func add(
    _ regions: RegionFeatures, key: String, to tar: TarWriter
  ) throws -> [RegionMember: MemberPlace] {
    var places: [RegionMember: MemberPlace] = [:]
    for (member, bytes) in regions.members {
      let offset = try tar.add(name: key + "." + member.rawValue, bytes: bytes)
      places[member] = MemberPlace(offset: offset, bytes: bytes.count)
    }
    return places
  }

  /// Completes the open shard, if there is one.
  func close() throws {
    guard let tar else { return }
    self.tar = nil
    let (bytes, sha256) = try tar.finish()
    shards.append(
      DataSetManifest.Shard(
        file: currentName, split: name, samples: samples.count - samplesBefore, bytes: bytes, sha256: sha256))
    samplesBefore = samples.count
  }

  private var currentName: String {
    let digits = String(shards.count)
    return "shards/\(name)-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".tar"
  }

  private func openShard() throws -> TarWriter {
    if let tar { return tar }
    let opened = try TarWriter(path: directory + "/" + currentName)
    tar = opened
    return opened
  }
}
