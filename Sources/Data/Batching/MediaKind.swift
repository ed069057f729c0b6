internal import Archives
public import Audio
public import Images

/// What the files of a collection are.
public enum MediaKind: Sendable {
  case photos, clips

  /// Whether a file of this name is one.
  public func claims(_ name: String) -> Bool {
    switch self {
    case .photos: isPictureName(name)
    case .clips: isSoundName(name)
    }
  }

  /// What there is among some names: photos, unless there are clips and no photo.
  init(of names: [String]) {
    self = !names.contains(where: isPictureName) && names.contains(where: isSoundName) ? .clips : .photos
  }

  /// One of them, for people.
  public var word: String { self == .photos ? "photo" : "audio clip" }
}

/// How files become what a model sees of them.
public enum MediaPreparation: Sendable {
  case photos(any PixelPreparation)
  /// So many frames of a video at most, each a square.
  case frames(Preprocessing, limit: Int)
  case clips(ClipReader)

  public var kind: MediaKind {
    switch self {
    case .photos, .frames: .photos
    case .clips: .clips
    }
  }
}
