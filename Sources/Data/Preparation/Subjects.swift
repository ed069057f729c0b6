internal import Archives

/// What samples are made of, each of one file: photos, or clips where there are no photos, or where the caller names clips alone.
enum Subjects {
  case photos, clips

  init(of names: [String], _ roles: ColumnRoles?) {
    let isOfClips = roles?.has(.audio) == true && roles?.has(.image) == false
    self = isOfClips || !names.contains(where: isPictureName) && names.contains(where: isSoundName) ? .clips : .photos
  }

  /// Whether a file is one by its name.
  var isName: (String) -> Bool {
    switch self {
    case .photos: isPictureName
    case .clips: isSoundName
    }
  }

  /// One of them, for a reader.
  var word: String {
    switch self {
    case .photos: "photo"
    case .clips: "audio clip"
    }
  }
}
