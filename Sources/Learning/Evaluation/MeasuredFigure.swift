internal import Foundation
internal import Reporting

/// A number of a report that says how good the model is.
public struct MeasuredFigure: Sendable, Equatable {
  /// As the report's JSON names it: `accuracy`, `written.bleu4`.
  public var name: String
  public var value: Double
  /// 95 %, where the report has one.
  public var interval: ClosedRange<Double>?

  public init(name: String, value: Double, interval: ClosedRange<Double>? = nil) {
    (self.name, self.value, self.interval) = (name, value, interval)
  }
}

extension TaskReport {
  /// The figures of which the report says how sure they are, in the order of their names; of one without intervals, as a run in training
  /// takes them, the figures of its line in `metrics.jsonl` that are no counts.
  public var figures: [MeasuredFigure] {
    let encoder = JSONEncoder()
    // A figure that has no value must not take the others with it.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let json = try? encoder.encode(self), let tree = try? JSONDecoder().decode(Tree.self, from: json) else {
      return []
    }
    let sure = tree.figures(prefix: "")
    guard sure.isEmpty else { return sure.sorted { $0.name < $1.name } }
    return uncounted(members, prefix: "")
  }
}

/// A figure of a report as `mmtrain evaluate --json` prints it; nil where there is no such number.
/// - Parameter name: the way to it, with dots: `accuracy`, `written.bleu4`; of a list of objects the name that one of them has.
public func reportedFigure(_ name: String, in json: [UInt8]) -> MeasuredFigure? {
  (try? JSONDecoder().decode(Tree.self, from: Data(json)))?.figure(name.split(separator: ".").map { String($0) }, name)
}

/// The names of the figures of such a report that have intervals.
public func reportedFigures(in json: [UInt8]) -> [String] {
  ((try? JSONDecoder().decode(Tree.self, from: Data(json)))?.figures(prefix: "") ?? []).map(\.name).sorted()
}

/// Numbers that are no whole ones by their kind, by the way to them.
private func uncounted(_ members: [(String, OrderedJSON)], prefix: String) -> [MeasuredFigure] {
  members.flatMap { name, value -> [MeasuredFigure] in
    switch value {
    case .number(let number): return [MeasuredFigure(name: prefix + name, value: number)].filter(\.value.isFinite)
    case .float(let number):
      return [MeasuredFigure(name: prefix + name, value: Double(number))].filter(\.value.isFinite)
    case .object(let parts): return uncounted(parts, prefix: prefix + name + ".")
    case .null, .flag, .integer, .text, .list: return []
    }
  }
}

/// A report's JSON: beside the figures of an object stand its `intervals`, by the figures' names; `bleu4` is the fourth of `bleu`.
private enum Tree: Decodable {
  case number(Double)
  case list([Tree])
  case object([String: Tree])
  case text(String)
  case other

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let list = try? value.decode([Tree].self) {
      self = .list(list)
    } else if let object = try? value.decode([String: Tree].self) {
      self = .object(object)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else {
      self = .other
    }
  }

  func figures(prefix: String) -> [MeasuredFigure] {
    guard case .object(let members) = self else { return [] }
    var found: [MeasuredFigure] = []
    for (name, member) in members where name != "intervals" { found += member.figures(prefix: prefix + name + ".") }
    guard case .object(let intervals)? = members["intervals"] else { return found }
    for name in intervals.keys {
      guard let value = Self.value(name, in: members), let interval = Self.interval(name, in: members) else { continue }
      found.append(MeasuredFigure(name: prefix + name, value: value, interval: interval))
    }
    return found
  }

  /// - Parameter whole: what the figure is called.
  func figure(_ path: [String], _ whole: String) -> MeasuredFigure? {
    guard let first = path.first else { return nil }
    switch self {
    case .object(let members):
      if path.count > 1 { return members[first]?.figure(Array(path.dropFirst()), whole) }
      return Self.value(first, in: members).map {
        MeasuredFigure(name: whole, value: $0, interval: Self.interval(first, in: members))
      }
    case .list(let items):
      return items.first { $0.isCalled(first) }?.figure(Array(path.dropFirst()), whole)
    case .number, .text, .other: return nil
    }
  }

  private func isCalled(_ name: String) -> Bool {
    guard case .object(let members) = self else { return false }
    return members.values.contains { if case .text(name) = $0 { true } else { false } }
  }

  private static func interval(_ name: String, in members: [String: Tree]) -> ClosedRange<Double>? {
    guard case .object(let intervals)? = members["intervals"], case .list(let ends)? = intervals[name], ends.count == 2,
      case .number(let low) = ends[0], case .number(let high) = ends[1], low <= high
    else { return nil }
    return low...high
  }

  private static func value(_ name: String, in members: [String: Tree]) -> Double? {
    if case .number(let number)? = members[name] { return number }
    guard let place = name.last?.wholeNumberValue, place > 0, case .list(let list)? = members[String(name.dropLast())],
      place <= list.count, case .number(let number) = list[place - 1]
    else { return nil }
    return number
  }
}
