internal import Batching
internal import Images
internal import Tasks

/// The photos that captions are of, in the order of these, out of a folder that may hold more.
struct CaptionedPhotos: PhotoCollection {
  private let all: any PhotoCollection
  private let places: [Int]

  /// - Parameters:
  ///   - images: as the captions name them.
  ///   - fileNames: of images, where a file says them.
  /// - Throws: `CaptionFileError` for images without a photo, or with several.
  init(at path: String, of images: [String], fileNames: [String: String]) throws {
    all = try photoCollection(at: path)
    // By its whole name first, then by less and less of it: what says more wins.
    let names = all.names
    let ways = [names, names.map(base), names.map(fileStem), names.map(numberAtEnd)].map { keys in
      Dictionary(grouping: names.indices) { keys[$0] }
    }
    var (places, lacking): ([Int], [String]) = ([], [])
    for image in images {
      let wanted = [fileNames[image], image].compactMap(\.self)
      let found = wanted.lazy.flatMap { name in ways.lazy.compactMap { $0[name] } }.first ?? []
      guard found.count < 2 else {
        throw CaptionFileError.severalPhotos(path: path, image: image, names: found.map { names[$0] })
      }
      if let place = found.first { places.append(place) } else { lacking.append(image) }
    }
    guard lacking.isEmpty else { throw CaptionFileError.noPhotos(path: path, images: lacking) }
    self.places = places
  }

  var kind: MediaKind { all.kind }
  var count: Int { places.count }
  func name(at index: Int) -> String { all.name(at: places[index]) }
  func limits(at index: Int) -> PictureLimits { all.limits(at: places[index]) }
  func requirePhotos() throws { try all.requirePhotos() }

  func withFrames(
    at index: Int, limit: Int, _ body: (Int, UnsafeRawBufferPointer, PictureLimits) throws -> Void
  ) throws -> Int {
    try all.withFrames(at: places[index], limit: limit, body)
  }

  func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try all.withBytes(at: places[index], body)
  }
}

private func base(_ name: String) -> String { name.split(separator: "/").last.map(String.init) ?? name }

/// `COCO_val2014_000000000042` → `42`; what ends in no number has none, and its whole name stands for it.
private func numberAtEnd(_ name: String) -> String {
  let digits = fileStem(name).reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
  return Int(String(digits)).map(String.init) ?? name
}
