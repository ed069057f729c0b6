/// A JSON document whose members keep their order. Numbers are written so that they read back as the same bits, with
/// as few digits as that takes, whatever the locale; NaN and infinities, which JSON lacks, become null.
public enum OrderedJSON: Sendable {
  case null
  case flag(Bool)
  case integer(Int)
  /// Shortest among the texts that read back as this `Float`.
  case float(Float)
  case number(Double)
  case text(String)
  case list([OrderedJSON])
  case object([(String, OrderedJSON)])
}

extension OrderedJSON {
  /// On one line, without spaces.
  public var line: String {
    var text = ""
    write(to: &text, indent: nil)
    return text
  }

  /// On many lines, indented by two spaces, with a line break at the end.
  public var document: String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .flag(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .float(let value): text += value.isFinite ? value.description : "null"
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .text(let value): writeQuoted(value, to: &text)
    case .list(let items):
      writeMembers("[", items, "]", to: &text, indent: indent) { $0.write(to: &$1, indent: $2) }
    case .object(let members):
      writeMembers("{", members, "}", to: &text, indent: indent) { member, text, indent in
        writeQuoted(member.0, to: &text)
        text += indent == nil ? ":" : ": "
        member.1.write(to: &text, indent: indent)
      }
    }
  }
}

private func writeMembers<Member>(
  _ opening: String, _ members: [Member], _ closing: String, to text: inout String, indent: Int?,
  _ write: (Member, inout String, Int?) -> Void
) {
  text += opening
  for (position, member) in members.enumerated() {
    if position > 0 { text += "," }
    if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
    write(member, &text, indent.map { $0 + 1 })
  }
  if let indent, !members.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
  text += closing
}

private func writeQuoted(_ value: String, to text: inout String) {
  text += "\""
  for scalar in value.unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case "\u{0}"..<"\u{20}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }
  text += "\""
}
