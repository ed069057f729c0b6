internal import Archives
internal import Files

/// Finds the file that a caption file or a list means by a photo's name.
///
/// A name is looked for as it is written, seen from the folder of the file that has it and from the source's root; then by
/// its longest end that fits a file, folders and all; then without its extension; then without regard to case.
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
  private let size: (String) -> Int
  private lazy var byName = index { $0 }
  private lazy var byStem = index { withoutPictureExtension($0) }
  private lazy var byFoldedName = index { $0.lowercased() }
  private lazy var byFoldedStem = index { withoutPictureExtension($0).lowercased() }

  init(photos: [String], size: @escaping (String) -> Int) {
    self.photos = photos
    self.size = size
  }

  /// The photos by what a key makes of their base names.
  private func index(_ key: (String) -> String) -> [String: [String]] {
    Dictionary(grouping: photos) { key(lastComponent(of: $0)) }
  }

  /// - Parameter folder: of the file that has the name; of several files that fit, those nearest to it are meant.
  func match(_ name: String, near folder: String = "") -> Match {
    let wanted = components(name)
    guard let base = wanted.last else { return .missing }
    let here = components(folder) + wanted
    if let sameNames = byName[base] {
      for whole in [here, wanted] {
        if let file = sameNames.first(where: { components($0) == whole }) { return .file(file, .whole) }
      }
      return nearest(sameNames, wanted, folder) { $0 }
    }
    if let sameStems = byStem[withoutPictureExtension(base)] {
      return nearest(sameStems, wanted, folder, .otherExtension) { withoutPictureExtension($0) }
    }
    let folded = base.lowercased()
    let found = byFoldedName[folded] ?? byFoldedStem[withoutPictureExtension(folded)] ?? []
    return nearest(found, wanted, folder, .otherCase) { withoutPictureExtension($0.lowercased()) }
  }

  /// The files that share the longest end with what is wanted.
  ///
  /// - Parameters:
  ///   - fit: nil where it depends on the folders.
  ///   - key: what counts of a component.
  private func nearest(
    _ files: [String], _ wanted: [String], _ folder: String, _ fit: Fit? = nil, key: (String) -> String
  ) -> Match {
    let wantedKeys = wanted.map(key).reversed()
    let home = components(folder)
    let ranked = files.map { file in
      let own = components(file)
      let shared = zip(own.map(key).reversed(), wantedKeys).prefix { $0 == $1 }.count
      let isPart = shared == min(own.count, wanted.count)
      let near = zip(own, home).prefix { $0 == $1 }.count
      return (file: file, rank: [shared, isPart ? 1 : 0, near], fit: fit ?? (isPart ? .part : .otherFolders))
    }
    guard let best = ranked.max(by: { $0.rank.lexicographicallyPrecedes($1.rank) }) else { return .missing }
    let found = ranked.filter { $0.rank == best.rank }.map(\.file)
    if found.count == 1 { return .file(best.file, best.fit) }
    let shallowFirst = found.sorted { (components($0).count, $0) < (components($1).count, $1) }
    return Set(found.map(size)).count == 1 ? .copies(shallowFirst, best.fit) : .ambiguous(shallowFirst)
  }
}

/// The parts of a path; those that lead nowhere or upwards do not count, and backslashes separate as slashes do.
func components(_ path: String) -> [String] {
  path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.map { String(Substring($0)) }
    .filter { $0 != "." && $0 != ".." }
}

/// A name without the extension of a picture; names without one may have dots of their own.
func withoutPictureExtension(_ name: String) -> String {
  isPictureName(name) ? String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]) : name
}
