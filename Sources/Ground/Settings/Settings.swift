internal import Reporting

/// An object of somebody else's configuration file: values by key, each in the type that is asked for, and complaints that
/// name the file and the key. JSON as Python reads it: of two members with one key the last counts.
public struct Settings: Equatable, Sendable {
  /// What to call the file in errors.
  public let file: String
  /// The keys that lead here, such as `vision_cfg`; empty for the file's own object.
  public let place: String
  private var values: [String: JSONValue]
  /// The keys in the order of the file.
  public private(set) var keys: [String]

  /// - Parameter file: where the bytes came from.
  /// - Throws: `SettingsError` for what is no JSON object.
  public init(json: [UInt8], file: String) throws(SettingsError) {
    if let content = mistakenContent(json) { throw .mistaken(file: file, content: content) }
    let value: JSONValue
    do {
      value = try JSONReader.parse(json, duplicates: .lastCounts, allowsMark: true)
    } catch JSONProblem.malformed(let line, let reason) {
      throw .malformed(file: file, line: line, reason: reason)
    } catch {
      throw .malformed(file: file, line: 1, reason: "\(error)")
    }
    guard case .object(let members) = value else { throw .notAnObject(file: file) }
    self.init(members, file: file, place: "")
  }

  private init(_ members: [JSONMember], file: String, place: String) {
    (self.file, self.place) = (file, place)
    keys = []
    values = [:]
    for member in members {
      let key = String(decoding: member.key, as: UTF8.self)
      if values.updateValue(member.value, forKey: key) == nil { keys.append(key) }
    }
  }

  /// An object in which nothing stands, for one that a file leaves out.
  public init(emptyIn file: String, place: String) { self.init([], file: file, place: place) }

  /// The same where a member that is `null` is none.
  public var withoutNulls: Settings {
    var other = self
    for key in keys where values[key] == .null { other.remove(key) }
    return other
  }

  /// The members of `other` in the place of those of the same keys, and beside the rest.
  public func updated(with other: Settings) -> Settings {
    var made = self
    for key in other.keys {
      if made.values.updateValue(other.values[key] ?? .null, forKey: key) == nil { made.keys.append(key) }
    }
    return made
  }

  /// Takes a member out.
  public mutating func remove(_ key: String) {
    values[key] = nil
    keys.removeAll { $0 == key }
  }

  /// The value of a key; nil where it is not there.
  public func value(_ key: String) -> JSONValue? { values[key] }

  /// Whether the key is there with anything but `null`.
  public func has(_ key: String) -> Bool { (values[key] ?? .null) != .null }

  /// How to name a key: with those that lead to it.
  public func name(of key: String) -> String { place.isEmpty ? key : place + "." + key }
}

// MARK: Values in their types

extension Settings {
  /// A whole number; nil where the key is not there.
  public func whole(_ key: String) throws(SettingsError) -> Int? {
    guard let value = values[key] else { return nil }
    guard case .number(let number) = value, let whole = Int(exactly: number) else {
      throw wrongType(key, "a whole number")
    }
    return whole
  }

  /// A number that fp32 holds; nil where the key is not there.
  public func number(_ key: String) throws(SettingsError) -> Double? {
    guard let value = values[key] else { return nil }
    guard case .number(let number) = value, Float(number).isFinite else { throw wrongType(key, "a number") }
    return number
  }

  /// `true` or `false`; nil where the key is not there.
  public func flag(_ key: String) throws(SettingsError) -> Bool? {
    guard let value = values[key] else { return nil }
    guard case .boolean(let flag) = value else { throw wrongType(key, "true or false") }
    return flag
  }

  /// A text; nil where the key is not there.
  public func text(_ key: String) throws(SettingsError) -> String? {
    guard let value = values[key] else { return nil }
    guard case .string(let bytes) = value else { throw wrongType(key, "a text in quotes") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A list of numbers; nil where the key is not there.
  public func numbers(_ key: String) throws(SettingsError) -> [Double]? {
    guard let value = values[key] else { return nil }
    guard let numbers = list(value) else { throw wrongType(key, "a list of numbers") }
    return numbers
  }

  /// A list of whole numbers; nil where the key is not there.
  public func wholes(_ key: String) throws(SettingsError) -> [Int]? {
    guard let numbers = try numbers(key) else { return nil }
    let wholes = numbers.compactMap { Int(exactly: $0) }
    guard wholes.count == numbers.count else { throw wrongType(key, "a list of whole numbers") }
    return wholes
  }

  /// The side of a square: a whole number, or a list of two equal ones; nil where the key is not there.
  /// - Throws: `SettingsError.unsupported` for sides that differ.
  public func side(_ key: String) throws(SettingsError) -> Int? {
    guard case .array? = values[key] else { return try whole(key) }
    let sides = try wholes(key) ?? []
    guard sides.count == 2 else { throw wrongType(key, "one number, or one for each side") }
    guard sides[0] == sides[1] else { throw unsupported(key, wanted: "squares") }
    return sides[0]
  }

  /// An object; nil where the key is not there or `null`.
  public func group(_ key: String) throws(SettingsError) -> Settings? {
    guard has(key) else { return nil }
    guard case .object(let members) = values[key] else { throw wrongType(key, "an object") }
    return Settings(members, file: file, place: name(of: key))
  }

  /// The same, but it must be there.
  public func requiredGroup(_ key: String) throws(SettingsError) -> Settings {
    guard let group = try group(key) else { throw .missing(file: file, key: name(of: key)) }
    return group
  }

  /// A whole number that must be there.
  public func requiredWhole(_ key: some RawRepresentable<String>) throws(SettingsError) -> Int {
    try required(whole(key.rawValue), key.rawValue)
  }

  /// A value that must be there.
  public func required<Value>(_ value: Value?, _ key: String) throws(SettingsError) -> Value {
    guard let value else { throw .missing(file: file, key: name(of: key)) }
    return value
  }

  private func list(_ value: JSONValue) -> [Double]? {
    guard case .array(let elements) = value else { return nil }
    var numbers: [Double] = []
    for element in elements {
      guard case .number(let number) = element else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  // MARK: Refusals

  /// For a value of another type than the key takes.
  public func wrongType(_ key: String, _ wanted: String) -> SettingsError {
    .wrongType(file: file, key: name(of: key), found: spelling(values[key] ?? .null), wanted: wanted)
  }

  /// For a value that means something which mmtrain does not do.
  /// - Parameter wanted: what it does, in the plural: "squares", "gelu and quick_gelu".
  public func unsupported(_ key: String, wanted: String) -> SettingsError {
    .unsupported(file: file, key: name(of: key), found: spelling(values[key] ?? .null), wanted: wanted)
  }
}
