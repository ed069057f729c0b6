/// A JSON value as it stands in the file: strings are UTF-8 bytes, because Swift's `String` calls canonically equivalent
/// texts equal and tokens must not be; objects keep their order and never hold a key twice.
public enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case string([UInt8])
  case array([JSONValue])
  case object([JSONMember])
}

/// A key of an object with its value.
public struct JSONMember: Equatable, Sendable {
  public var key: [UInt8]
  public var value: JSONValue

  public init(key: [UInt8], value: JSONValue) { (self.key, self.value) = (key, value) }
}

/// Why bytes are not the JSON that is wanted.
public enum JSONProblem: Error, Equatable {
  /// The line counts from 1.
  case malformed(line: Int, reason: String)
  case duplicateKey([UInt8])
}
