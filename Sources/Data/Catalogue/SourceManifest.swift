/// What is known about a data set that others publish: where its files are, what they must be, under which terms they may
/// be used, and what to expect of them. Written as YAML (docs/downloads.md).
public struct SourceManifest: Equatable, Sendable {
  /// By which it is asked for, and which its folder of downloads bears.
  public var name: String
  public var title: String?
  public var homepage: String?
  public var licence: String?
  public var citation: String?
  /// How to get what nobody may fetch without asking.
  public var obtain: String?
  /// Names of the layouts in which its captions are around.
  public var layouts: [String] = []
  public var files: [SourceFile] = []
  public var expected = SourceExpectations()
  public var knownFaults: [String] = []

  /// A manifest of which nothing but the name is known.
  public init(name: String) { self.name = name }

  /// Whether all that a preparation needs can be fetched.
  public var isFetchable: Bool { files.contains { $0.role == .photos } }

  /// Bytes of all files together; nil where the size of one is not known.
  public var size: Int? {
    files.reduce(0 as Int?) { sum, file in
      guard let sum, let size = file.size else { return nil }
      return sum + size
    }
  }
}

/// A file of a data set.
public struct SourceFile: Equatable, Sendable {
  /// What the file is for.
  public enum Role: String, CaseIterable, Sendable {
    /// Photos, and captions where the archive holds them too.
    case photos
    /// Captions, and splits where the file holds them too.
    case captions
    /// Which photo is in which split.
    case splits
  }

  /// A base name, never a path.
  public var name: String
  public var role: Role
  /// Mirrors, in the order in which they are tried.
  public var urls: [String]
  /// 64 hexadecimal digits in lower case; nil where nobody has published them.
  public var sha256: String?
  /// 32 hexadecimal digits, for old files of which nothing better is published: it tells damage.
  public var md5: String?
  /// Bytes; nil where nobody has published them.
  public var size: Int?
  /// Of an archive of captions or splits: base names of the files to take out, the first being the one that is read; the
  /// others lie beside it. Empty takes the archive as it is.
  public var members: [String] = []

  /// A file of which nothing but its address is known.
  public init(name: String, role: Role, urls: [String]) { (self.name, self.role, self.urls) = (name, role, urls) }
}

/// What a manifest says that preparing will find.
public struct SourceExpectations: Equatable, Sendable {
  public var photos: Int?
  public var captions: Int?
  public var captionsPerPhoto: Int?
  /// In the order of the file.
  public var splits: [(name: String, photos: Int)] = []

  /// Nothing is expected.
  public init() {}

  public static func == (a: Self, b: Self) -> Bool {
    a.photos == b.photos && a.captions == b.captions && a.captionsPerPhoto == b.captionsPerPhoto
      && a.splits.elementsEqual(b.splits) { $0 == $1 }
  }
}
