internal import FoundationEssentials

/// The columns of a separated-values file that matter, by what its heading calls them.
struct CaptionColumns {
  let separator: UInt8
  let image: Int
  let caption: Int
  let number: Int?
  let split: Int?

  /// Nil where the heading names no photo and no caption under any separator.
  init?(heading: String) {
    for separator in [",", "\t", ";"] as [Character] {
      let columns = heading.split(separator: separator, omittingEmptySubsequences: false).map {
        trimmed($0).lowercased().filter { $0 != "\"" }
      }
      func column(_ names: [String]) -> Int? { names.lazy.compactMap { columns.firstIndex(of: $0) }.first }
      guard let image = column(["image", "image_name", "filename", "file_name", "filepath", "file"]),
        let caption = column(["caption", "comment", "raw", "sentence", "text", "captions"])
      else { continue }
      (self.image, self.caption) = (image, caption)
      self.separator = separator.asciiValue ?? 0x2C
      number = column(["comment_number", "caption_number", "number"])
      split = column(["split"])
      return
    }
    return nil
  }
}

extension CaptionFile {
  /// `image,caption` and its like, with a heading: Kaggle's `captions.txt`. Other columns are passed over, except one
  /// that is called `split`. A caption field that is a JSON list holds all captions of its photo, as in the Flickr30k
  /// table on Hugging Face.
  static func separated(_ bytes: [UInt8], columns: CaptionColumns, path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .separated)
    var rows = SeparatedValues(bytes, separator: columns.separator)
    let width = rows.next().flatMap { try? $0.fields.get().count } ?? 0
    while let row = rows.next() {
      switch row.fields {
      case .failure(let fault): file.reject(.damagedRow, line: row.line, fault.reason)
      case .success(let fields) where fields.count != width:
        file.reject(
          .damagedRow, line: row.line, "\(fields.count) fields, the heading has \(width)",
          subject: String(decoding: fields.first?.prefix(80) ?? [], as: UTF8.self))
      case .success(let fields): file.take(fields, columns, line: row.line)
      }
    }
    return file
  }

  private mutating func take(_ fields: [[UInt8]], _ columns: CaptionColumns, line: Int) {
    switch (text(of: fields[columns.image][...]), text(of: fields[columns.caption][...])) {
    case (.failure(let fault), _), (_, .failure(let fault)): reject(.badText, line: line, fault.reason)
    case (.success(let field), .success(let caption)):
      let name = trimmed(field)
      guard !name.isEmpty else { return reject(.damagedRow, line: line, "the photo's name is empty") }
      mention(name, split: columns.split.flatMap { String(validating: fields[$0], as: UTF8.self) })
      let number = columns.number.flatMap { Int(trimmed(String(decoding: fields[$0], as: UTF8.self))) }
      guard caption.first == "[", let list = try? JSONDecoder().decode([String].self, from: Data(caption.utf8)) else {
        return add(caption, to: name, number: number, line: line)
      }
      for caption in list { add(caption, to: name, line: line) }
    }
  }
}
