internal import Reporting

/// What is known of the keys that may stand in an object: which are read, which change no number, and which are understood
/// with some values alone. Any other key, and any other value of the last kind, is refused by name: a setting is never
/// passed over.
public struct KnownKeys: Sendable {
  private let read: Set<String>
  private let harmless: Set<String>
  private let understood: [String: [JSONValue]]

  /// - Parameters:
  ///   - read: whoever calls `require` asks for these.
  ///   - harmless: change no number that mmtrain computes.
  ///   - understood: change numbers; the values with which they change nothing.
  public init(read: [String], harmless: [String] = [], understood: [String: [JSONValue]] = [:]) {
    (self.read, self.harmless, self.understood) = (Set(read), Set(harmless), understood)
  }

  /// The keys of both.
  public func and(_ other: KnownKeys) -> KnownKeys {
    KnownKeys(
      read: Array(read.union(other.read)), harmless: Array(harmless.union(other.harmless)),
      understood: understood.merging(other.understood) { first, _ in first })
  }

  fileprivate func judge(_ key: String, in settings: Settings) throws(SettingsError) {
    if read.contains(key) || harmless.contains(key) || key.hasPrefix("_") { return }
    guard let values = understood[key] else {
      let known = read.union(harmless).union(understood.keys).sorted()
      throw .unknownKey(file: settings.file, key: settings.name(of: key), nearest: nearest(to: key, among: known))
    }
    guard let value = settings.value(key), values.contains(value) else {
      throw settings.unsupported(key, wanted: values.map(spelling).joined(separator: " or "))
    }
  }
}

extension Settings {
  /// Accounts for every key, in the order of the file. Keys that begin with `_` are the writing library's own notes.
  /// - Throws: `SettingsError.unknownKey`, `.unsupported`.
  public func require(_ known: KnownKeys) throws(SettingsError) {
    for key in keys { try known.judge(key, in: self) }
  }
}

/// A value as a message shows it.
func spelling(_ value: JSONValue) -> String {
  switch value {
  case .null: "null"
  case .boolean(let flag): "\(flag)"
  case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
  case .string(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
  case .array(let elements):
    elements.count <= 4 ? "[\(elements.map(spelling).joined(separator: ", "))]" : "a list of \(elements.count)"
  case .object(let members):
    members.count <= 4
      ? "{\(members.map { "\"\(String(decoding: $0.key, as: UTF8.self))\": \(spelling($0.value))" }.joined(separator: ", "))}"
      : "an object of \(members.count)"
  }
}

extension JSONValue {
  /// A text.
  public static func text(_ text: String) -> JSONValue { .string(Array(text.utf8)) }
  /// Both ways of saying no.
  public static var nothing: [JSONValue] { [.boolean(false), .null] }
}
