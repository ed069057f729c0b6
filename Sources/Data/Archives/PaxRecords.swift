/// The records `LENGTH key=value\n` of a pax header, in their order; nil where they cannot be read. Zeros may fill up the
/// end.
func paxRecords(_ content: [UInt8]) -> [(key: String, value: ArraySlice<UInt8>)]? {
  var records: [(String, ArraySlice<UInt8>)] = []
  var rest = content[...]
  while let first = rest.first, first != 0 {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1, length <= rest.count,
      rest[digits.endIndex] == 0x20, rest[rest.startIndex + length - 1] == 0x0A
    else { return nil }
    let record = rest[(digits.endIndex + 1)..<(rest.startIndex + length - 1)]
    guard let equals = record.firstIndex(of: 0x3D) else { return nil }
    records.append((String(decoding: record[..<equals], as: UTF8.self), record[(equals + 1)...]))
    rest = rest.dropFirst(length)
  }
  return rest.allSatisfy { $0 == 0 } ? records : nil
}
