internal import FoundationEssentials

extension CaptionFile {
  /// `image,caption` and its like: Kaggle's `captions.txt`, tables with other columns too, or bare rows of a photo's name
  /// and a caption. Columns that do not matter are passed over. A caption field that is a JSON list holds all captions
  /// of its photo, as in the Flickr30k table on Hugging Face.
  static func separated(_ bytes: [UInt8], form: TableForm, path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .separated)
    file.form = form
    var rows = SeparatedValues(
      bytes, separator: form.delimiter.byte, isQuoted: form.isQuoted, fieldLimit: form.isQuoted ? nil : form.width)
    if !form.heading.isEmpty { _ = rows.next() }
    while let row = rows.next() {
      switch row.fields {
      case .failure(let fault): file.reject(.damagedRow, at: .line(row.line), fault.reason)
      case .success(let fields) where fields.count != form.width:
        file.reject(
          .damagedRow, at: .line(row.line), form.mismatch(fields.count),
          subject: String(decoding: fields.first?.prefix(80) ?? [], as: UTF8.self))
      case .success(let fields): file.take(fields, form, line: row.line)
      }
    }
    return file
  }

  private mutating func take(_ fields: [[UInt8]], _ form: TableForm, line: Int) {
    let place = RowPlace.line(line)
    switch (text(of: fields[form.photo][...]), text(of: fields[form.caption][...])) {
    case (.failure(let fault), _), (_, .failure(let fault)): reject(.badText, at: place, fault.reason)
    case (.success(let field), .success(let caption)):
      let name = trimmed(field)
      guard !name.isEmpty else { return reject(.damagedRow, at: place, "the photo's name is empty") }
      mention(name, split: form.split.flatMap { String(validating: fields[$0], as: UTF8.self) })
      let number = form.number.flatMap { captionNumber(String(decoding: fields[$0], as: UTF8.self)) }
      guard caption.first == "[", let list = try? JSONDecoder().decode([String].self, from: Data(caption.utf8)) else {
        return add(caption, to: name, number: number, at: place)
      }
      for caption in list { add(caption, to: name, at: place) }
    }
  }
}

extension TableForm {
  /// Why a row of `count` fields is none.
  fileprivate func mismatch(_ count: Int) -> String {
    let wanted = heading.isEmpty ? "the first row has \(width)" : "the heading has \(width)"
    let advice =
      !isQuoted || count < width ? "" : "; a field that holds a \(delimiter.rawValue) must stand in double quotes"
    return "\(count) fields between \(delimiter.rawValue)s, \(wanted)\(advice)"
  }
}
