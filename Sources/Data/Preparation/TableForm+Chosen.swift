/// A table's form as the caller says it.
extension TableForm {
  /// By names of the heading, or places from 1; nil where the table has no such columns at this delimiter.
  ///
  /// - Returns: also whether the photo's column holds names of photos.
  static func chosen(
    _ columns: CaptionTableChoice.Columns, _ sample: TableSample
  ) -> (form: TableForm, namesPhotos: Bool)? {
    let names = sample.first.map(ColumnNames.plain)
    var isNamed = false
    func place(_ name: String) -> Int? {
      if let column = names.firstIndex(of: ColumnNames.plain(name)) {
        isNamed = true
        return column
      }
      return Int(name).flatMap { names.indices.contains($0 - 1) ? $0 - 1 : nil }
    }
    let places = ([columns.photo] + columns.captions).compactMap(place)
    guard places.count == columns.captions.count + 1, Set(places).count == places.count else { return nil }
    let (photo, captions) = (places[0], Array(places.dropFirst()))
    let isHeading =
      isNamed || ColumnNames.photo.contains(names[photo]) || captions.contains { ColumnNames.rank(names[$0]) != nil }
      || !sample.isPhoto(trimmed(sample.first[photo])) && sample.holdsPhotos(photo)
    let form = isHeading ? headed(sample, names, photo, captions) : bare(sample, photo, captions)
    return (form, sample.holdsPhotos(photo))
  }

  private static func headed(_ sample: TableSample, _ names: [String], _ photo: Int, _ captions: [Int]) -> TableForm {
    TableForm(
      delimiter: sample.delimiter, heading: sample.first.map { trimmed($0) }, photo: photo, captions: captions,
      split: names.firstIndex(of: "split"), width: names.count)
  }

  private static func bare(_ sample: TableSample, _ photo: Int, _ captions: [Int]) -> TableForm {
    TableForm(
      delimiter: sample.delimiter, heading: [], photo: photo, captions: captions,
      isQuoted: sample.delimiter == .comma || sample.delimiter == .semicolon, width: sample.first.count)
  }

  /// Itself, or the form in which the last caption is the rest of the line: where what stands behind it goes on with its
  /// text, since rows have different numbers of fields, or most next fields begin with the space that follows a comma between
  /// words.
  func takingRest(_ bytes: [UInt8]) -> TableForm {
    let last = captions.max() ?? 0
    guard photo < last else { return self }
    var (counts, longer, spaced) = (Set<Int>(), 0, 0)
    for case .success(let fields) in SeparatedValues(bytes, separator: delimiter.byte, isQuoted: isQuoted).lazy.map(
      \.fields)
    where fields.contains(where: { !$0.isEmpty }) {
      counts.insert(fields.count)
      guard fields.count > last + 1 else { continue }
      longer += 1
      if fields[last + 1].first == UInt8(ascii: " ") { spaced += 1 }
    }
    let isProse = longer == 0 ? !isQuoted : counts.count > 1 || spaced * 2 >= longer
    guard isProse else { return self }
    return TableForm(
      delimiter: delimiter, heading: heading, photo: photo, captions: captions, number: number, split: split,
      isQuoted: isQuoted, takesRest: true, width: last + 1)
  }

  /// What a table that is not understood looks like, in words: a reader sees at once whether the delimiter is wrong, or
  /// the names of the columns.
  static func whatIsSeen(_ bytes: [UInt8], _ samples: [TableSample], _ choice: CaptionTableChoice) -> String {
    if bytes.prefix(200).contains(0) { return "it holds NUL bytes: perhaps UTF-16 without a byte order mark" }
    guard let best = samples.max(by: { $0.first.count < $1.first.count }), best.first.count > 1 else {
      let wanted = choice.delimiter.map { "no \($0.rawValue)" } ?? "neither comma, tab, semicolon nor bar"
      return "\(wanted) is in its first line"
    }
    let columns = best.first.map { "“\(trimmed($0))”" }.joined(separator: ", ")
    let missing =
      choice.columns.map { wanted in
        "none of them is “\(wanted.photo)” and another “" + wanted.captions.joined(separator: "”, “") + "”"
      } ?? "no two of them are called like a photo and a caption, and " + photoIn(best)
    return "between \(best.delimiter.rawValue)s its first line has \(best.first.count) columns, \(columns): \(missing)"
  }

  /// What the first line says about photos, in words.
  private static func photoIn(_ sample: TableSample) -> String {
    guard let photo = sample.first.first(where: { sample.isPhoto(trimmed($0)) }) else {
      return "none is the name of a photo"
    }
    return "“\(trimmed(photo))” is the name of a photo, but nothing tells which of the others is its caption"
  }
}
