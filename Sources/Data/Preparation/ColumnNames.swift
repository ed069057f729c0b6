/// What headings of tables and keys of JSON call the photo and its captions.
enum ColumnNames {
  /// The photo, the most telling names first.
  static let photo = [
    "image", "image_name", "filename", "file_name", "filepath", "file", "image_path", "image_file", "img", "photo",
    "path", "image_id", "img_id", "id", "key", "name",
  ]
  /// Sound, the most telling names first.
  static let sound = ["audio", "audio_path", "audio_file", "sound", "wav"]
  /// A caption or a list of captions, the most telling names first.
  static let caption = [
    "caption", "comment", "raw", "sentence", "text", "captions", "sentences", "description", "title",
  ]
  /// The caption's number among those of its photo.
  static let number = ["comment_number", "caption_number", "number"]

  /// A name as it is compared: lower case, and underscores for what else stands between words.
  static func plain(_ name: String) -> String {
    String(trimmed(name).lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
  }

  /// The columns of one kind of captions: `caption`, or `caption_1` to `caption_5`, or both.
  ///
  /// - Parameter names: plain ones.
  static func numbered(_ base: String, in names: [String]) -> [Int] {
    names.indices.filter { place in
      guard names[place].hasPrefix(base) else { return false }
      let rest = names[place].dropFirst(base.count)
      let digits = rest.first == "_" ? rest.dropFirst() : rest
      return rest.isEmpty || captionNumber(digits) != nil
    }
  }

  /// The columns that are called captions of one kind each, in several languages perhaps: `caption_de`, `caption_en`.
  static func varied(in names: [String]) -> [Int] {
    names.indices.filter { place in
      ["caption", "text", "sentence", "description"].contains { names[place].hasPrefix($0 + "_") }
    }
  }

  /// How telling the name of a caption column is: 0 for `caption`; nil for other names.
  static func rank(_ name: String) -> Int? {
    caption.firstIndex { !numbered($0, in: [plain(name)]).isEmpty }
  }
}
