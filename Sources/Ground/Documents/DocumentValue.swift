/// A value of a YAML document and the place where it stands.
public struct DocumentValue: Sendable {
  /// What kind of value it is.
  public enum Content: Sendable {
    /// As it is written; `isQuoted` tells `"12"` from `12`.
    case text(String, isQuoted: Bool)
    case list([DocumentValue])
    /// In the order of the file; no key comes twice.
    case group([DocumentMember])
  }

  public let content: Content
  /// Counted from 1.
  public let line: Int
  /// Counted from 1.
  public let column: Int

  /// Whether nothing is said: `key:` alone, `~` or `null`.
  public var isNothing: Bool {
    guard case .text(let text, isQuoted: false) = content else { return false }
    return ["", "~", "null"].contains(text)
  }
}

/// A key with its value.
public struct DocumentMember: Sendable {
  public let key: String
  /// Of the key.
  public let line: Int
  public let column: Int
  public let value: DocumentValue
}
