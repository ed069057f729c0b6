internal import Files
internal import Glibc
internal import Images

/// Writes a prepared data set so that it is there whole or not at all: everything goes to a directory beside the wanted
/// one, which takes the name only when the last byte is on the disk.
///
/// Samples of a split are added in the order of their file names' bytes; splits may alternate. Not for use from several
/// threads.
public final class PreparedDataSetWriter {
  private let directory: String
  private let staging: String
  private let description: DataSetDescription
  private let shardBytes: Int
  private var splits: [SplitWriter] = []
  private var keys = Set<String>()
  private var regionForm = RegionForm()
  private var pairs: [(split: String, pair: LabelledPair)] = []
  private var files: [DataSetManifest.SideFile] = []
  private var isOpen = true

  /// - Parameters:
  ///   - directory: the data set to make; it must not exist.
  ///   - shardBytes: a shard that has reached this size is closed.
  public init(directory: String, description: DataSetDescription, shardBytes: Int = 256 << 20) throws {
    guard !fileExists(directory) else { throw BatchingError.alreadyExists(path: directory) }
    self.directory = directory
    self.description = description
    self.shardBytes = shardBytes
    let prefix = lastComponent(of: directory) + ".partial-"
    let parent = parentDirectory(of: directory)
    try makeDirectory(parent)
    try removeAbandoned(prefix: prefix, in: parent)
    staging = parent + "/" + prefix + String(getpid())
    try makeDirectory(staging + "/shards")
  }

  deinit { abandon() }

  /// Adds a photo and what is known about it.
  ///
  /// - Parameters:
  ///   - image: the file's bytes, of a format that is read here; they are stored as they are.
  ///   - width, height: the photo's size as it is shown (EXIF orientation applied).
  ///   - record: its key and split name the sample.
  ///   - regions: with as many numbers each, and as many classes where there are any, as those of all other samples.
  ///   - clip: its sound, where it has any.
  ///   - frames: those of a video behind the photo, which is its first.
  public func add(
    image: [UInt8], width: Int, height: Int, record: SampleRecord, regions: RegionFeatures? = nil,
    clip: PreparedClip? = nil, frames: [PreparedFrame] = []
  ) throws {
    guard frames.count < FramePlace.maximumCount else {
      throw BatchingError.badSample(key: record.key, reason: "\(frames.count + 1) frames")
    }
    var first = try photo(PreparedFrame(file: image, width: width, height: height), key: record.key)
    first.further = try frames.map { try photo($0, key: record.key) }
    try add(first, clip: clip, record: record, regions: regions)
  }

  private func photo(_ frame: PreparedFrame, key: String) throws(BatchingError) -> SplitWriter.Photo {
    let (file, sides) = (frame.file, 1...IndexFile.maximumSide)
    guard !file.isEmpty, sides.contains(frame.width), sides.contains(frame.height) else {
      throw .badSample(key: key, reason: "\(file.count) bytes for \(frame.width)×\(frame.height) pixels")
    }
    do throws(PictureError) {
      let format = try file.span.bytes.withUnsafeBytes { raw throws(PictureError) in try PictureFormat(of: raw) }
      return SplitWriter.Photo(bytes: file, format: format, width: frame.width, height: frame.height)
    } catch {
      throw .badSample(key: key, reason: error.description)
    }
  }

  /// Adds what is known of something without a photo.
  /// - Parameter clip: its sound, where it has any.
  public func add(clip: PreparedClip?, record: SampleRecord) throws {
    try add(nil, clip: clip, record: record, regions: nil)
  }

  private func add(
    _ photo: SplitWriter.Photo?, clip: PreparedClip?, record: SampleRecord, regions: RegionFeatures?
  ) throws {
    guard SampleKey.isValid(record.key) else { throw BatchingError.badKey(record.key) }
    if let clip, clip.file.isEmpty || clip.frames < 1 {
      throw BatchingError.badSample(
        key: record.key, reason: "\(clip.file.count) bytes for \(clip.frames) frames of sound")
    }
    let json = try record.encoded()
    guard json.count <= IndexFile.maximumRecordBytes - RegionMember.maximumPlacesBytes else {
      throw BatchingError.badSample(key: record.key, reason: "its record has \(json.count) bytes")
    }
    if let regions { try agree(regions, key: record.key) }
    guard keys.insert(record.key).inserted else { throw BatchingError.duplicateKey(record.key) }
    try splitWriter(record.split).add(photo, clip: clip, record: record, regions: regions)
  }

  private func agree(_ regions: RegionFeatures, key: String) throws(BatchingError) {
    do throws(RegionFault) {
      try regionForm.agree(regions)
    } catch {
      throw .badSample(key: key, reason: error.reason)
    }
  }

  /// Adds a labelled pair; its key must be that of a sample of `split` that has been added.
  public func addPair(_ pair: LabelledPair, split: String) throws {
    guard keys.contains(pair.key) else {
      throw BatchingError.badSample(key: pair.key, reason: "a labelled pair names it, but it was not added")
    }
    pairs.append((split, pair))
  }

  /// Adds a file beside the shards, such as `tokenizer.json` or `report.json`.
  public func addFile(_ name: String, bytes: [UInt8]) throws {
    let isReserved = name == IndexFile.name || name == PairsFile.name
    guard DataSetManifest.isSideFileName(name), !isReserved else { throw BatchingError.badFileName(name) }
    try writeSideFile(name, bytes)
  }

  /// Completes the data set and gives it its name.
  @discardableResult
  public func finish() throws -> DataSetManifest {
    do {
      let manifest = try complete()
      try writeAtomically(try manifest.encoded(), to: staging + "/" + PreparedDataSet.manifestName)
      try synchronizeDirectory(staging + "/shards")
      guard !fileExists(directory) else { throw BatchingError.alreadyExists(path: directory) }
      try moveFile(staging, to: directory)
      isOpen = false
      return manifest
    } catch {
      abandon()
      throw error
    }
  }

  /// Removes what has been written so far.
  public func abandon() {
    guard isOpen else { return }
    isOpen = false
    splits = []  // closes the open shards
    try? removeTree(staging)  // best effort: the next writer for the same directory removes it too
  }

  private func complete() throws -> DataSetManifest {
    var index = IndexFile.heading + "\n"
    var shards: [DataSetManifest.Shard] = []
    for split in splits {
      try split.close()
      for var sample in split.samples {
        sample.shard += shards.count
        index += IndexFile.line(sample, split: split.name)
      }
      shards += split.shards
    }
    try writeSideFile(IndexFile.name, Array(index.utf8))
    if !pairs.isEmpty {
      let lines = pairs.map { PairsFile.line($0.pair, split: $0.split) }
      try writeSideFile(PairsFile.name, Array((PairsFile.heading + "\n" + lines.joined()).utf8))
    }
    let hasClips = splits.contains { $0.tally.list.contains { $0.column == .audio } }
    let lacksPhotos = splits.contains { $0.samples.contains { !$0.hasPhoto } }
    let hasFrames = splits.contains { $0.tally.list.contains { $0.column == .image && $0.values > $0.samples } }
    let version =
      hasFrames ? DataSetManifest.framesVersion : hasClips || lacksPhotos ? DataSetManifest.clipsVersion : 2
    return DataSetManifest(
      format: DataSetManifest.formatName, version: version, description: description,
      splits: splits.map {
        .init(name: $0.name, samples: $0.samples.count, captions: $0.captions, columns: $0.tally.list)
      },
      shards: shards, files: files)
  }

  private func splitWriter(_ name: String) throws -> SplitWriter {
    if let split = splits.first(where: { $0.name == name }) { return split }
    guard isValidSplitName(name) else { throw BatchingError.badSplitName(name) }
    let split = SplitWriter(name: name, directory: staging, shardBytes: shardBytes)
    splits.append(split)
    return split
  }

  private func writeSideFile(_ name: String, _ bytes: [UInt8]) throws {
    guard !files.contains(where: { $0.file == name }) else { throw BatchingError.badFileName(name) }
    try writeAtomically(bytes, to: staging + "/" + name)
    files.append(.init(file: name, bytes: bytes.count, sha256: sha256(bytes)))
  }
}

/// Removes staging directories whose writer, a process of this machine, is dead.
private func removeAbandoned(prefix: String, in parent: String) throws {
  for name in try directoryEntries(parent) where name.hasPrefix(prefix) {
    guard let process = decimal(name.utf8.dropFirst(prefix.utf8.count)), process <= Int32.max else { continue }
    let isDead = kill(Int32(process), 0) != 0 && errno == ESRCH
    if isDead || Int32(process) == getpid() { try removeTree(parent + "/" + name) }
  }
}
