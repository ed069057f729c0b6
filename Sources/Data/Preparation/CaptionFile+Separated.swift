extension CaptionFile {
  /// `image,caption` and its like: Kaggle's `captions.txt`, tables with other columns too, or bare rows of a photo's name
  /// and a caption. Columns that do not matter are passed over. A field that is a list holds all captions of its photo, as
  /// in the Flickr30k table on Hugging Face and in whatever pandas writes.
  static func separated(_ bytes: [UInt8], form: TableForm, path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .separated)
    file.form = form
    var rows = SeparatedValues(
      bytes, separator: form.delimiter.byte, isQuoted: form.isQuoted, fieldLimit: form.takesRest ? form.width : nil)
    if !form.heading.isEmpty { _ = rows.next() }
    while let row = rows.next() {
      switch row.fields {
      case .failure(let fault): file.reject(.damagedRow, at: .line(row.line), fault.reason)
      case .success(let fields) where fields.allSatisfy(\.isEmpty): file.emptyRows += 1
      case .success(let fields) where !form.fits(fields):
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
    do throws(TextFault) {
      let name = trimmed(try text(of: fields[form.photo][...]).get())
      guard !name.isEmpty else { return reject(.damagedRow, at: place, "the photo's name is empty") }
      let captions = try form.captions.map { column throws(TextFault) in try text(of: fields[column][...]).get() }
      mention(name, split: form.split.flatMap { String(validating: fields[$0], as: UTF8.self) })
      let number = form.number.flatMap { captionNumber(String(decoding: fields[$0], as: UTF8.self)) }
      take(captions, of: name, number: number, at: place)
    } catch {
      reject(.badText, at: place, error.reason)
    }
  }

  /// The captions of one row. Where there are columns for several, a photo may have fewer.
  private mutating func take(_ cells: [String], of name: String, number: Int?, at place: RowPlace) {
    let filled = cells.filter { !trimmed($0).isEmpty }
    if filled.isEmpty { return add("", to: name, number: number, at: place) }
    emptyCells += cells.count - filled.count
    for cell in filled {
      do throws(TextFault) {
        guard let list = try ListCell.captions(cell) else {
          add(cell, to: name, number: number, at: place)
          continue
        }
        if list.isEmpty { add("", to: name, at: place) }
        for caption in list { add(caption, to: name, at: place) }
      } catch {
        reject(.damagedRow, at: place, error.reason, subject: name)
      }
    }
  }
}

extension TableForm {
  /// Whether a row has the table's fields; spreadsheets leave empty ones behind them.
  fileprivate func fits(_ fields: [[UInt8]]) -> Bool {
    fields.count == width || fields.count > width && fields[width...].allSatisfy(\.isEmpty)
  }

  /// Why a row of `count` fields is none.
  fileprivate func mismatch(_ count: Int) -> String {
    let wanted = heading.isEmpty ? "the first row has \(width)" : "the heading has \(width)"
    let advice =
      !isQuoted || count < width ? "" : "; a field that holds a \(delimiter.rawValue) must stand in double quotes"
    return "\(count) fields between \(delimiter.rawValue)s, \(wanted)\(advice)"
  }
}
