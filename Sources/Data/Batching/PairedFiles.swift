internal import Files
public import Reporting

/// Photos and clips of the same samples, all of them files of their own, of which a sample may lack the photo or the clip.
public struct PairedFiles: PhotoCollection {
  private typealias Sample = (photo: String?, clip: String?)

  private let photos: FilesOfSamples
  private let sounds: FilesOfSamples
  /// Samples that lack one of both.
  public let (withoutClip, withoutPhoto): (Int, Int)

  /// Files belong together in the order in which they are named, those in and below folders by their paths there but for their ends:
  /// `photos/a/1.jpg` and `clips/a/1.wav` are of one sample.
  /// - Throws: as `PhotoFiles`, and `PairingError`.
  public init(photos photoPlaces: [String], clips clipPlaces: [String]) throws {
    let files = (try PhotoFiles(at: photoPlaces), try PhotoFiles(at: clipPlaces, .clips))
    let folders = (photoPlaces + clipPlaces).count(where: isDirectory)
    let samples: [Sample]
    if folders == 0 {
      guard files.0.count == files.1.count else {
        throw PairingError.otherCount(photos: files.0.count, clips: files.1.count)
      }
      samples = zip(files.0.paths, files.1.paths).map { ($0, $1) }
    } else {
      guard folders == photoPlaces.count + clipPlaces.count else { throw PairingError.filesAndFolders }
      samples = try Self.byName(photoPlaces, clipPlaces)
    }
    withoutClip = samples.count { $0.clip == nil }
    withoutPhoto = samples.count { $0.photo == nil }
    let names = samples.map { $0.photo ?? $0.clip ?? "" }
    photos = FilesOfSamples(paths: samples.map(\.photo), names: names, kind: .photos)
    sounds = FilesOfSamples(paths: samples.map(\.clip), names: samples.map { $0.clip ?? $0.photo ?? "" }, kind: .clips)
  }

  /// Photos in their order, then the clips that belong to none.
  private static func byName(_ photoFolders: [String], _ clipFolders: [String]) throws -> [Sample] {
    let photos = try named(photoFolders, .photos)
    let clips = try named(clipFolders, .clips)
    let samples = photos.order.map { (photo: photos.paths[$0], clip: clips.paths[$0]) }
    guard samples.contains(where: { $0.clip != nil }) else {
      throw PairingError.nothingInCommon(photo: photos.order[0], clip: clips.order[0])
    }
    return samples + clips.order.filter { photos.paths[$0] == nil }.map { (nil, clips.paths[$0]) }
  }

  /// Files by their names in their folders.
  private static func named(
    _ folders: [String], _ kind: MediaKind
  ) throws -> (order: [String], paths: [String: String]) {
    var (order, paths): ([String], [String: String]) = ([], [:])
    for folder in folders {
      let start = folder.utf8.count + (folder.hasSuffix("/") ? 0 : 1)
      for path in try PhotoFiles(at: [folder], kind).paths {
        let name = withoutEnd(String(decoding: path.utf8.dropFirst(start), as: UTF8.self))
        if let other = paths.updateValue(path, forKey: name) { throw PairingError.twoOfOneName(other, path, kind) }
        order.append(name)
      }
    }
    return (order, paths)
  }

  private static func withoutEnd(_ name: String) -> String {
    guard let point = name.lastIndex(of: "."), !name[point...].contains("/") else { return name }
    return String(name[..<point])
  }

  /// How many samples lack one of both, for people; nil where none does.
  public var wordsOfAbsence: String? {
    guard withoutClip + withoutPhoto > 0 else { return nil }
    return
      "\(withoutClip) photo(s) have no clip of their name, and \(withoutPhoto) clip(s) no photo: each is looked at by itself"
  }

  public var kind: MediaKind { .photos }
  public var clips: (any PhotoCollection)? { sounds }
  public var count: Int { photos.count }
  public func isAbsent(at index: Int) -> Bool { photos.isAbsent(at: index) }
  /// The photo's path, or that of the clip where there is none.
  public func name(at index: Int) -> String { photos.name(at: index) }

  public func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try photos.withBytes(at: index, body)
  }
}

/// A file of each of some samples, or none.
private struct FilesOfSamples: PhotoCollection {
  let paths: [String?]
  let names: [String]
  let kind: MediaKind

  var count: Int { paths.count }
  func isAbsent(at index: Int) -> Bool { paths[index] == nil }
  func name(at index: Int) -> String { names[index] }

  func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let path = paths[index] else { throw PairingError.absent(name: names[index], kind) }
    let file = try MappedFile(path)
    try withExtendedLifetime(file) { try body(file.bytes) }
  }
}

/// Why nobody can say which photo and which clip are of one sample.
public enum PairingError: ReportableError {
  case otherCount(photos: Int, clips: Int)
  case filesAndFolders
  /// Two photos, or two clips, that another file could belong to.
  case twoOfOneName(String, String, MediaKind)
  /// No photo is called as a clip is; the first of each.
  case nothingInCommon(photo: String, clip: String)
  case absent(name: String, MediaKind)

  public var description: String {
    switch self {
    case .otherCount(let photos, let clips):
      "\(photos) photo(s) and \(clips) clip(s): files belong together in the order in which they are named; name a clip for each photo, "
        + "or folders, whose files belong together by their names"
    case .filesAndFolders:
      "some photos and clips are named as files and others as folders; name files alone, which belong together in their order, or folders "
        + "alone, whose files belong together by their names"
    case .twoOfOneName(let first, let second, let kind):
      "\(printable(first)) and \(printable(second)) have one name but for their ends and folders, so that nobody knows which "
        + "\(kind.partner) belongs to which; rename one, or name files in their order"
    case .nothingInCommon(let photo, let clip):
      "no photo is called as a clip is (the first are \(printable(photo)) and \(printable(clip)), each within its folder and without its "
        + "end); give what belongs together the same name, or name files in their order"
    case .absent(let name, let kind): "\(printable(name)): its sample has no \(kind.word)"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .otherCount, .filesAndFolders: .usage
    case .twoOfOneName, .nothingInCommon: .badData
    case .absent: .missingInput
    }
  }
}

extension MediaKind {
  /// What belongs to one of them, for people.
  fileprivate var partner: String { (self == .photos ? MediaKind.clips : .photos).word }
}
