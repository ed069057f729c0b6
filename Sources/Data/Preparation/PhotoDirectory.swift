internal import Archives
internal import Files

/// Finds the file that a caption file or a list means by a photo's name.
///
/// A name is looked for as it is written, seen from the folder of the file that has it and from the source's root; then by
/// its longest end that fits a file, folders and all, as it is, without its extension, or without regard to case; and where
/// folders fit nowhere, by what is left of it.
final class PhotoDirectory {
  /// How well a name fits a file, the best first.
  enum Fit: Int, Comparable, CaseIterable {
    /// The name is the file's whole path.
    case whole
    /// One of the two is the end of the other: the name leaves folders out, or begins above the source.
    case part
    /// Both end alike, and have other folders before that.
    case otherFolders
    /// All but the extension fits.
    case otherExtension
    /// All but upper and lower case fits.
    case otherCase
    /// The name is a number, and the file's name ends in it.
    case number

    static func < (a: Fit, b: Fit) -> Bool { a.rawValue < b.rawValue }
  }

  /// What a name leads to.
  enum Match: Equatable {
    case file(String, Fit)
    case missing
    /// Several files fit equally well; all of them have the same size. Whether they are copies is seen in their bytes.
    case copies([String], Fit)
    /// Several files of different sizes fit equally well.
    case ambiguous([String])
  }

  private let photos: [String]
  private let parts: [[String]]
  private let size: (String) -> Int
  private lazy var folders = FrameFolders(photos)
  private lazy var byPath = Dictionary(zip(parts.map { $0.joined(separator: "/") }, photos)) { first, _ in first }
  /// What of a name counts at each way of comparing, the strictest first.
  private let ways: [Way]
  /// The places of photos by the number in which their names end.
  private lazy var byNumber = Dictionary(grouping: parts.indices) { endingNumber(of: parts[$0].last ?? "") }

  init(photos: [String], size: @escaping (String) -> Int) {
    self.photos = photos
    self.size = size
    parts = photos.map(components)
    ways = [
      Way(parts, nil) { $0 }, Way(parts, .otherExtension) { withoutPictureExtension($0) },
      Way(parts, .otherCase) { $0.lowercased() }, Way(parts, .otherCase) { withoutPictureExtension($0).lowercased() },
    ]
  }

  /// - Parameters:
  ///   - folder: of the file that has the name; of several files that fit, those nearest to it are meant.
  ///   - split: of that file; of several files that fit, those in a folder of that split are meant.
  func match(_ name: String, near folder: String = "", split: String? = nil) -> Match {
    let wanted = components(name)
    guard !wanted.isEmpty else { return .missing }
    let home = components(folder)
    for whole in [home + wanted, wanted] {
      if let file = byPath[whole.joined(separator: "/")] { return .file(file, .whole) }
    }
    var looser: Match?
    for way in ways {
      let found = way.nearest(wanted, home, split, parts)
      if found.places.isEmpty { continue }
      let fit = way.fit ?? (found.isPart ? .part : .otherFolders)
      if found.isPart { return match(found.places, fit) }
      looser = looser ?? match(found.places, fit)
    }
    if let looser { return looser }
    // `a.jpg` may be what `a.jpg.jpg` is called without its extension.
    let longer = name + ".jpg"
    return isPictureName(name) && !name.hasSuffix(".jpg.jpg") ? match(longer, near: folder, split: split) : .missing
  }

  /// The pictures of a folder that is named where no photo is called so: the frames of a video, in natural order.
  func frames(inFolder name: String, near home: String) -> [String] {
    let found = folders.frames(name, near: home)
    return found.isEmpty || match(name, near: home) != .missing ? [] : found
  }

  /// The photo whose name ends in a number, as those of COCO (`COCO_train2014_000000000009.jpg` is 9) and of many others
  /// (`image9.jpg`) do.
  ///
  /// - Parameter subset: a word as `train2014`; where several names end in the number, those with it are meant.
  func match(number: String, subset: String?) -> Match {
    guard let wanted = endingNumber(of: number), number.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let places = byNumber[wanted]
    else { return .missing }
    let named = subset.map { word in places.filter { photos[$0].contains(word) } } ?? []
    return match(named.isEmpty ? places : named, .number)
  }

  private func match(_ places: [Int], _ fit: Fit) -> Match {
    if places.count == 1 { return .file(photos[places[0]], fit) }
    let files = places.sorted { (parts[$0].count, photos[$0]) < (parts[$1].count, photos[$1]) }.map { photos[$0] }
    return Set(files.map(size)).count == 1 ? .copies(files, fit) : .ambiguous(files)
  }
}

/// One way of comparing paths, component by component, with indexes by base names and by those with the folder above.
private final class Way {
  /// Nil where it depends on the folders.
  let fit: PhotoDirectory.Fit?
  private let key: (String) -> String
  private let parts: [[String]]
  private lazy var byName = index { $0.last.map(self.key) ?? "" }
  private lazy var byTail = index { $0.suffix(2).map(self.key).joined(separator: "/") }
  init(_ parts: [[String]], _ fit: PhotoDirectory.Fit?, key: @escaping (String) -> String) {
    (self.parts, self.fit, self.key) = (parts, fit, key)
  }

  private func index(_ key: ([String]) -> String) -> [String: [Int]] {
    Dictionary(grouping: parts.indices) { key(parts[$0]) }
  }

  /// The files of a base name. Where there are hundreds (`1/image.jpg`, `2/image.jpg`, …), the name alone leads to one only if
  /// that lies at the root; some of the others show what it is ambiguous between.
  private func namesakes(_ base: String) -> [Int] {
    let all = byName[base] ?? []
    if all.count <= 256 { return all }
    let atRoot = all.filter { parts[$0].count == 1 }
    return atRoot.isEmpty ? Array(all.prefix(256)) : atRoot
  }

  private func areOtherSplits(_ one: String, _ other: String) -> Bool {
    guard let one = SplitFolders.split(one)?.split, let other = SplitFolders.split(other)?.split else { return false }
    return one != other
  }

  /// The files that share the longest end with what is wanted, and whether that is all of the name or of the file's path. A
  /// file in another split's folder is another one.
  func nearest(
    _ wanted: [String], _ home: [String], _ split: String?, _ parts: [[String]]
  ) -> (places: [Int], isPart: Bool) {
    let wantedKeys = wanted.map(key)
    let tail = wantedKeys.suffix(2).joined(separator: "/")
    let found = (wanted.count > 1 ? byTail[tail] : nil) ?? namesakes(wantedKeys[wantedKeys.count - 1])
    let ranked = found.compactMap { place -> (place: Int, rank: [Int], isPart: Bool)? in
      let own = parts[place]
      let shared = zip(own.reversed(), wantedKeys.reversed()).prefix { self.key($0) == $1 }.count
      let isPart = shared == min(own.count, wanted.count)
      if !isPart, areOtherSplits(own[own.count - shared - 1], wanted[wanted.count - shared - 1]) { return nil }
      let near = zip(own, home).prefix { $0 == $1 }.count
      let isInSplit = split != nil && own.dropLast().contains { SplitFolders.split($0)?.split == split }
      return (place, [shared, isPart ? 1 : 0, near, isInSplit ? 1 : 0], isPart)
    }
    if ranked.count == 1 { return ([ranked[0].place], ranked[0].isPart) }
    guard let best = ranked.max(by: { $0.rank.lexicographicallyPrecedes($1.rank) }) else { return ([], false) }
    return (ranked.filter { $0.rank == best.rank }.map(\.place), best.isPart)
  }
}

/// The number in which a photo's name ends, without its extension; nil where it ends in none, or in one of more than 15
/// digits.
private func endingNumber(of name: String) -> Int? {
  let digits = withoutPictureExtension(name).utf8.reversed().prefix { (0x30...0x39).contains($0) }.reversed()
  guard (1...15).contains(digits.count) else { return nil }
  return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
}

/// The parts of a path; those that lead nowhere or upwards do not count, and backslashes separate as slashes do.
func components(_ path: String) -> [String] {
  path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.map { String(Substring($0)) }
    .filter { $0 != "." && $0 != ".." }
}

/// A name without the extension of a picture or of sound; names without one may have dots of their own.
func withoutPictureExtension(_ name: String) -> String {
  isMediaName(name) ? String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]) : name
}
