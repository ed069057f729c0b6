/// One key of the configuration: its name, what it accepts, what it means, and the property it lives in. The parser,
/// `--dry-run`, the resume check and the test of docs/configuration.md all read the one table `ConfigurationKey.all`.
public struct ConfigurationKey: Sendable {
  /// Dotted, as `--set` takes it: `optimizer.learning_rate`.
  public let path: String
  public let kind: ConfigurationKind
  /// The word that stands for "not given", where the key has one.
  public let absentWord: String?
  /// One sentence for people.
  public let summary: String
  /// What people try who come from other programs; only used to suggest the right key.
  let otherNames: [String]
  let isOptional: Bool
  let get: @Sendable (RunConfiguration) -> ConfigurationValue
  /// Stores a value that `kind` has accepted.
  let set: @Sendable (inout RunConfiguration, ConfigurationValue) -> Void

  /// The part after the last dot.
  var name: Substring { path[(path.lastIndex(of: ".").map(path.index(after:)) ?? path.startIndex)...] }

  /// The value in `configuration` as docs/configuration.md shows defaults; empty where there is none.
  package func defaultText(in configuration: RunConfiguration) -> String {
    let value = get(configuration)
    return value == .absent && absentWord == nil ? "" : value.yaml(absentWord: absentWord)
  }

  /// The value that `text` stands for.
  func value(of text: String, isQuoted: Bool) throws(ValueProblem) -> ConfigurationValue {
    if let absentWord, text == absentWord, !isQuoted { return .absent }
    do {
      return try kind.value(of: text, isQuoted: isQuoted)
    } catch {
      throw absentWord.map { ValueProblem(error.message + ", or \($0)") } ?? error
    }
  }
}

// MARK: How the rows of the table are written

extension ConfigurationKey {
  typealias Property<Value> = any WritableKeyPath<RunConfiguration, Value> & Sendable

  static func integer<Value: FixedWidthInteger & SendableMetatype>(
    _ path: String, _ property: Property<Value>, _ range: ClosedRange<Int>, _ summary: String, otherNames: [String] = []
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .integer(range), absentWord: nil, summary: summary, otherNames: otherNames, isOptional: false,
      get: { .integer(Int(clamping: $0[keyPath: property])) },
      set: { $0[keyPath: property] = Value(clamping: $1.integer) })
  }

  static func integer(
    _ path: String, _ property: Property<Int?>, _ range: ClosedRange<Int>, or absentWord: String?, _ summary: String,
    otherNames: [String] = []
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .integer(range), absentWord: absentWord, summary: summary, otherNames: otherNames,
      isOptional: true,
      get: { $0[keyPath: property].map { .integer($0) } ?? .absent },
      set: { $0[keyPath: property] = $1 == .absent ? nil : $1.integer })
  }

  static func number(
    _ path: String, _ property: Property<Double>, _ range: NumberRange, _ summary: String, otherNames: [String] = []
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .number(range), absentWord: nil, summary: summary, otherNames: otherNames, isOptional: false,
      get: { .number($0[keyPath: property]) }, set: { $0[keyPath: property] = $1.number })
  }

  static func number(
    _ path: String, _ property: Property<Double?>, _ range: NumberRange, or absentWord: String?, _ summary: String,
    otherNames: [String] = []
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .number(range), absentWord: absentWord, summary: summary, otherNames: otherNames,
      isOptional: true,
      get: { $0[keyPath: property].map { .number($0) } ?? .absent },
      set: { $0[keyPath: property] = $1 == .absent ? nil : $1.number })
  }

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ path: String, _ property: Property<Value>, _ summary: String, otherNames: [String] = []
  ) -> ConfigurationKey where Value.RawValue == String {
    ConfigurationKey(
      path: path, kind: .choice(Value.allCases.map(\.rawValue)), absentWord: nil, summary: summary,
      otherNames: otherNames, isOptional: false,
      get: { .text($0[keyPath: property].rawValue) },
      set: {
        guard let value = Value(rawValue: $1.text) else { preconditionFailure("\(path) was given an unknown choice") }
        $0[keyPath: property] = value
      })
  }

  /// One of some names.
  static func name(
    _ path: String, _ property: Property<String>, _ names: [String], _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .choice(names), absentWord: nil, summary: summary, otherNames: [], isOptional: false,
      get: { .text($0[keyPath: property]) }, set: { $0[keyPath: property] = $1.text })
  }

  /// One of some names, or none.
  static func name(
    _ path: String, _ property: Property<String?>, _ names: [String], or absentWord: String, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .choice(names), absentWord: absentWord, summary: summary, otherNames: [], isOptional: true,
      get: { $0[keyPath: property].map { .text($0) } ?? .absent },
      set: { $0[keyPath: property] = $1 == .absent ? nil : $1.text })
  }

  /// One of a kind's cases, or none.
  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ path: String, _ property: Property<Value?>, or absentWord: String, _ summary: String, otherNames: [String] = []
  ) -> ConfigurationKey where Value.RawValue == String {
    ConfigurationKey(
      path: path, kind: .choice(Value.allCases.map(\.rawValue)), absentWord: absentWord, summary: summary,
      otherNames: otherNames, isOptional: true,
      get: { $0[keyPath: property].map { .text($0.rawValue) } ?? .absent },
      set: { $0[keyPath: property] = $1 == .absent ? nil : Value(rawValue: $1.text) })
  }

  static func flag(_ path: String, _ property: Property<Bool>, _ summary: String) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .flag, absentWord: nil, summary: summary, otherNames: [], isOptional: false,
      get: { .flag($0[keyPath: property]) }, set: { $0[keyPath: property] = $1.flag })
  }

  static func text(
    _ path: String, _ property: Property<String>, _ summary: String, otherNames: [String] = []
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .text, absentWord: nil, summary: summary, otherNames: otherNames, isOptional: false,
      get: { .text($0[keyPath: property]) }, set: { $0[keyPath: property] = $1.text })
  }

  static func text(
    _ path: String, _ property: Property<String?>, or absentWord: String, _ summary: String, otherNames: [String] = []
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .text, absentWord: absentWord, summary: summary, otherNames: otherNames, isOptional: true,
      get: { $0[keyPath: property].map { .text($0) } ?? .absent },
      set: { $0[keyPath: property] = $1 == .absent ? nil : $1.text })
  }

  static func list(
    _ path: String, _ property: Property<[String]>, _ summary: String, otherNames: [String] = []
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, kind: .list, absentWord: nil, summary: summary, otherNames: otherNames, isOptional: false,
      get: { .list($0[keyPath: property]) }, set: { $0[keyPath: property] = $1.list })
  }
}

/// `kind` has checked the value before these are asked: another case here is a mistake in the table or in Recipe.swift.
extension ConfigurationValue {
  fileprivate var integer: Int {
    guard case .integer(let value) = self else { preconditionFailure("\(self) is not a whole number") }
    return value
  }

  fileprivate var number: Double {
    switch self {
    case .number(let value): return value
    case .integer(let value): return Double(value)
    default: preconditionFailure("\(self) is not a number")
    }
  }

  fileprivate var flag: Bool {
    guard case .flag(let value) = self else { preconditionFailure("\(self) is not true or false") }
    return value
  }

  fileprivate var text: String {
    guard case .text(let value) = self else { preconditionFailure("\(self) is not text") }
    return value
  }

  fileprivate var list: [String] {
    guard case .list(let value) = self else { preconditionFailure("\(self) is not a list") }
    return value
  }
}
