internal import Archives

/// The frames of a video behind its first, as a file names them or as they lie in a folder.
struct FrameNames: Sendable {
  /// As it is called, and where it lies in the source; nil where there is no such picture, or where several may be meant.
  typealias Frame = (name: String, file: String?)

  let frames: [Frame]

  /// - Parameters:
  ///   - names: as a list has them, in order.
  ///   - folder: of the file that has the list.
  init(_ names: [String], in directory: PhotoDirectory, near folder: String) {
    frames = names.map { ($0, Self.file($0, in: directory, near: folder)) }
  }

  init(files: some Sequence<String>) { frames = files.map { ($0, $0) } }

  private static func file(_ name: String, in directory: PhotoDirectory, near folder: String) -> String? {
    guard case .file(let file, _) = directory.match(name, near: folder) else { return nil }
    return file
  }
}

/// Pictures by the folders that they lie in: a folder may be named in the place of a photo, and its pictures are the frames of a video.
struct FrameFolders {
  private let pictures: [String: [String]]

  init(_ photos: [String]) { pictures = Dictionary(grouping: photos, by: parentFolder) }

  /// The pictures that lie in a folder itself, in natural order; none where there is no such folder.
  /// - Parameter home: of the file that names it, from which it is seen first.
  func frames(_ name: String, near home: String) -> [String] {
    let parts = components(name)
    guard !parts.isEmpty else { return [] }
    for path in [components(home) + parts, parts] {
      if let found = pictures[path.joined(separator: "/")] { return found.sorted(by: naturalOrder) }
    }
    return []
  }
}

/// Whether one name comes before another when runs of digits count as numbers: `9.jpg` before `10.jpg`. What is equal so far is in the
/// order of bytes.
func naturalOrder(_ a: String, _ b: String) -> Bool {
  for (one, other) in zip(pieces(a), pieces(b)) where one != other {
    guard one.isNumber, other.isNumber else { return one.text.lexicographicallyPrecedes(other.text) }
    if one.digits.count != other.digits.count { return one.digits.count < other.digits.count }
    if !one.digits.elementsEqual(other.digits) { return one.digits.lexicographicallyPrecedes(other.digits) }
  }
  return byteOrder(a, b)
}

/// A run of digits, or what stands between two of these.
private struct NamePiece: Equatable {
  var text: [UInt8]
  var isNumber: Bool

  /// Without zeros in front.
  var digits: ArraySlice<UInt8> { text.drop { $0 == 0x30 } }
}

private func pieces(_ name: String) -> [NamePiece] {
  name.utf8.reduce(into: []) { found, byte in
    let isDigit = (0x30...0x39).contains(byte)
    if found.last?.isNumber == isDigit {
      found[found.count - 1].text.append(byte)
    } else {
      found.append(NamePiece(text: [byte], isNumber: isDigit))
    }
  }
}
