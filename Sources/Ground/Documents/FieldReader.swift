internal import Reporting

/// Reads the values of a document, strictly, and collects what is wrong with them.
public struct FieldReader {
  public let path: String
  public private(set) var problems: [DocumentProblem] = []

  public init(path: String) { self.path = path }

  /// Notes what is wrong with a value.
  public mutating func fail(_ value: DocumentValue, _ message: String) {
    problems.append(DocumentProblem(path: path, line: value.line, column: value.column, message: message))
  }

  /// The members of a group, all of whose keys are among `keys`.
  ///
  /// - Parameter group: what it is called in messages, such as `expected`.
  public mutating func members(_ value: DocumentValue, of group: String, keys: [String]) -> [String: DocumentValue]? {
    guard case .group(let members) = value.content else {
      fail(value, "\(group) must be a group of keys (\(keys.joined(separator: ", ")))")
      return nil
    }
    var found: [String: DocumentValue] = [:]
    for member in members {
      if keys.contains(member.key) {
        if !member.value.isNothing { found[member.key] = member.value }
      } else {
        let hint = nearest(to: member.key, among: keys).map { "did you mean \($0)?" }
        problems.append(
          DocumentProblem(
            path: path, line: member.line, column: member.column,
            message: "unknown key \(printable(member.key)) in \(group); "
              + (hint ?? "the keys are \(keys.joined(separator: ", "))")))
      }
    }
    return found
  }

  /// A text that is not empty.
  public mutating func text(_ value: DocumentValue?, _ key: String) -> String? {
    guard let value else { return nil }
    guard case .text(let text, _) = value.content else {
      fail(value, "\(key) must be a text")
      return nil
    }
    guard !text.isEmpty, !text.utf8.contains(0) else {
      fail(value, "\(key) is empty, or holds a NUL byte")
      return nil
    }
    return text
  }

  /// Texts; one alone may stand without brackets.
  public mutating func texts(_ value: DocumentValue?, _ key: String) -> [(text: String, place: DocumentValue)]? {
    guard let value else { return nil }
    guard case .list(let items) = value.content else { return text(value, key).map { [($0, value)] } }
    var texts: [(text: String, place: DocumentValue)] = []
    for item in items {
      guard let text = text(item, key) else { return nil }
      texts.append((text, item))
    }
    return texts
  }

  /// A whole number within the range, in plain decimal digits.
  public mutating func count(_ value: DocumentValue?, _ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let value else { return nil }
    guard case .text(let text, isQuoted: false) = value.content,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number)
    else {
      fail(value, "\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound), in plain digits")
      return nil
    }
    return number
  }

  /// Hexadecimal digits, of which there must be so many; in lower case.
  public mutating func digest(_ value: DocumentValue?, _ key: String, digits: Int) -> String? {
    guard let value, let text = text(value, key) else { return nil }
    let isHexadecimal = text.utf8.allSatisfy { UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") || isLetter($0) }
    guard text.utf8.count == digits, isHexadecimal else {
      fail(value, "\(key) must be \(digits) hexadecimal digits; here are \(text.utf8.count) characters")
      return nil
    }
    return text.lowercased()
  }

  private func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20) }
}
