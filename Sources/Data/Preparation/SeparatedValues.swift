/// Rows of values with a separator as RFC 4180 writes them: a field that holds a separator, a quote or
/// a line break stands in quotes, and a quote in it is doubled.
///
/// Strict: a row whose quotes do not close within `longestLine` bytes, or that goes on behind a closing quote, is a fault;
/// reading goes on with the next line, so that one stray quote costs one row.
package struct SeparatedValues: Sequence, IteratorProtocol {
  private let bytes: [UInt8]
  private let separator: UInt8
  private let isQuoted: Bool
  private let fieldLimit: Int
  private var offset: Int
  private var line = 1

  /// - Parameters:
  ///   - isQuoted: whether quotes mean anything; they are letters in lines between tabs.
  ///   - fieldLimit: the last of so many fields is the rest of the line.
  package init(_ bytes: [UInt8], separator: UInt8, isQuoted: Bool = true, fieldLimit: Int? = nil) {
    self.bytes = bytes
    self.separator = separator
    self.isQuoted = isQuoted
    self.fieldLimit = fieldLimit ?? .max
    offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The next row that is not empty, with the number of the line it begins in.
  package mutating func next() -> (line: Int, fields: Result<[[UInt8]], TextFault>)? {
    while let row = nextRow() {
      if case .success(let fields) = row.fields, fields == [[]] { continue }
      return row
    }
    return nil
  }

  private mutating func nextRow() -> (line: Int, fields: Result<[[UInt8]], TextFault>)? {
    guard offset < bytes.count else { return nil }
    let start = (offset, line)
    do {
      return (start.1, .success(try readRow()))
    } catch {
      (offset, line) = start
      skipLine()
      return (start.1, .failure(error))
    }
  }

  private mutating func readRow() throws(TextFault) -> [[UInt8]] {
    var fields: [[UInt8]] = []
    let limit = offset + longestLine
    while true {
      let isInQuotes = isQuoted && offset < bytes.count && bytes[offset] == 0x22
      fields.append(isInQuotes ? try quotedField(limit) : plainField(isLast: fields.count + 1 >= fieldLimit))
      guard offset <= limit else { throw TextFault("a row of more than \(longestLine) bytes") }
      if offset < bytes.count, bytes[offset] == separator {
        offset += 1
      } else {
        endLine()
        return fields
      }
    }
  }

  private mutating func plainField(isLast: Bool) -> [UInt8] {
    let end = bytes[offset...].firstIndex { $0 == separator && !isLast || $0 == 0x0A } ?? bytes.count
    var field = bytes[offset..<end]
    if end == bytes.count || bytes[end] == 0x0A, field.last == 0x0D { field.removeLast() }
    offset = end
    return Array(field)
  }

  private mutating func quotedField(_ limit: Int) throws(TextFault) -> [UInt8] {
    var field: [UInt8] = []
    offset += 1
    while true {
      guard offset < Swift.min(bytes.count, limit) else { throw TextFault("a quote is never closed") }
      let byte = bytes[offset]
      offset += 1
      if byte == 0x0A { line += 1 }
      if byte == 0x22 {
        guard offset < bytes.count, bytes[offset] == 0x22 else { break }
        offset += 1
      }
      field.append(byte)
    }
    let rest = bytes[offset...]
    guard rest.isEmpty || rest.first == separator || rest.first == 0x0A || rest.starts(with: [0x0D, 0x0A]) else {
      throw TextFault("a quoted field goes on behind its closing quote")
    }
    return field
  }

  private mutating func endLine() {
    if offset < bytes.count, bytes[offset] == 0x0D { offset += 1 }
    if offset < bytes.count {
      offset += 1
      line += 1
    }
  }

  private mutating func skipLine() {
    offset = (bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count - 1) + 1
    line += 1
  }
}
