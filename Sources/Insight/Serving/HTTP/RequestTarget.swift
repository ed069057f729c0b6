/// The address of a request, taken apart: the path is split before it is decoded, so that no coding makes a slash of its own.
/// - Throws: `Refusal` for what is no path with a query, for coding that is none, and for parts that lead elsewhere.
package func requestTarget(
  _ target: ArraySlice<UInt8>
) throws(Refusal) -> (path: [String], query: [(name: String, value: String)]) {
  guard target.first == UInt8(ascii: "/"), target.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "#") }) else {
    throw .badRequest("The address is not a path that begins with a slash.")
  }
  let halves = target.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
  var path: [String] = []
  for part in halves[0].split(separator: UInt8(ascii: "/")) {
    let name = try decoded(part, plusIsSpace: false)
    guard name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(UInt8(ascii: "\\"))
    else { throw .badRequest("The address leads out of what is shown here.") }
    path.append(name)
  }
  var query: [(name: String, value: String)] = []
  for pair in (halves.count > 1 ? halves[1] : []).split(separator: UInt8(ascii: "&")) {
    let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    query.append(
      (try decoded(sides[0], plusIsSpace: true), sides.count > 1 ? try decoded(sides[1], plusIsSpace: true) : ""))
  }
  return (path, query)
}

/// Text that is coded by percent signs.
/// - Throws: `Refusal` where the coding is none, or what comes out is no text.
private func decoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(Refusal) -> String {
  var plain: [UInt8] = []
  var place = bytes.startIndex
  while place < bytes.endIndex {
    switch bytes[place] {
    case UInt8(ascii: "%"):
      guard place + 2 < bytes.endIndex, let high = hexadecimal(bytes[place + 1]),
        let low = hexadecimal(bytes[place + 2])
      else { throw .badRequest("A percent sign in the address is not followed by two hexadecimal digits.") }
      plain.append(high << 4 | low)
      place += 3
    case UInt8(ascii: "+") where plusIsSpace:
      plain.append(32)
      place += 1
    default:
      plain.append(bytes[place])
      place += 1
    }
  }
  guard let text = String(validating: plain, as: UTF8.self) else { throw .badRequest("The address is not UTF-8.") }
  // A form may send line breaks of a text; nothing else below the space means anything here.
  let isMeant: (UnicodeScalar) -> Bool = {
    $0.value > 127 || (32..<127 ~= $0.value) || (plusIsSpace && "\n\r\t".unicodeScalars.contains($0))
  }
  guard text.unicodeScalars.allSatisfy(isMeant) else { throw .badRequest("The address holds control characters.") }
  return text
}

private func hexadecimal(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// A part of a path, or a value of a query, as an address has it.
func addressed(_ text: String) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var coded: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
      coded.append(byte)
    default: coded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: coded, as: UTF8.self)
}
