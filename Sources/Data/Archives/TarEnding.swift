/// How a tar archive ends: after a block of zeros nothing counts any more, and without one the end of the file will do. That
/// is how tar and Python have it.
struct TarEnding {
  private var hasMark = true
  /// From the first byte behind the mark that is no zero.
  private var surplus = 0

  mutating func isMissing() { hasMark = false }

  /// Takes the next bytes behind the mark.
  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    surplus += surplus > 0 ? bytes.count : bytes.drop { $0 == 0 }.count
  }

  var notes: [String] {
    var notes: [String] = []
    if !hasMark { notes.append("the tar archive has no end mark; if it was cut off, files are missing") }
    if surplus > 0 {
      notes.append(
        "\(surplus) bytes follow the tar archive's end mark and were not read; if they are another archive, "
          + unpackingAdvice)
    }
    return notes
  }
}
