internal import Archives
internal import Files

/// Finds the photo that a table or file of regions is about: by its name, with or without folders and extension, or by the
/// number that COCO and others have in place of names.
struct RegionPhotos {
  enum Match: Equatable {
    case photo(String, byNumber: Bool)
    case missing
    case ambiguous
  }

  private let directory: PhotoDirectory
  /// Of each number the photos that have it.
  private let numbered: [Int: [(photo: String, isBare: Bool)]]

  init(_ photos: [String]) {
    // Regions belong to one photo: files of one name and size are not taken for copies here.
    directory = PhotoDirectory(photos: photos) { _ in 0 }
    var numbered: [Int: [(photo: String, isBare: Bool)]] = [:]
    for photo in photos {
      if let (number, isBare) = Self.number(photo) { numbered[number, default: []].append((photo, isBare)) }
    }
    self.numbered = numbered
  }

  func match(_ key: String) -> Match {
    switch directory.match(key) {
    case .file(let photo, _): return .photo(photo, byNumber: false)
    case .copies, .ambiguous: return .ambiguous
    case .missing: break
    }
    guard let (number, isBare) = Self.number(key) else { return .missing }
    let found = (numbered[number] ?? []).filter { $0.isBare || isBare }
    return found.count == 1 ? .photo(found[0].photo, byNumber: true) : found.isEmpty ? .missing : .ambiguous
  }

  /// The number of `9`, `000000000009.jpg`, `COCO_train2014_000000000009` and `flickr30k_000000001000092795`; whether nothing
  /// else is in the name. Behind other words a number counts from 12 digits on, so that `dog_12` is not the photo `12`.
  static func number(_ name: String) -> (number: Int, isBare: Bool)? {
    let stem = withoutPictureExtension(lastComponent(of: name))
    let parts = stem.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    guard let digits = parts.last, (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      parts.count == 1 || digits.count >= 12, let number = Int(String(decoding: digits, as: UTF8.self))
    else { return nil }
    return (number, parts.count == 1)
  }
}
