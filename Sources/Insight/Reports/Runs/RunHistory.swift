internal import Files
internal import Reporting
internal import Settings

/// What a run directory tells of a run: the lines of `metrics.jsonl`, those that a later start takes again left out.
public struct RunHistory: Sendable {
  /// What is known of how it ended.
  public enum State: String, Sendable {
    case complete
    case stopped
    case running
    /// Neither does it run, nor has it said how it ended.
    case brokenOff = "broken off"
  }

  /// As it was named.
  public let path: String
  public private(set) var curves: [Curve] = []
  public private(set) var state = State.brokenOff
  public private(set) var lastStep = 0
  /// What the last start said: ranks, threads, kernels, parameters.
  public private(set) var start: [(name: String, value: String)] = []
  public private(set) var starts = 0
  /// What went wrong or was odd: the step and words for it.
  public private(set) var incidents: [(step: Int, words: String)] = []
  /// Of the last evaluation.
  public private(set) var texts: [(name: String, text: String, reference: String)] = []
  /// Seconds of all starts that said how they ended.
  public private(set) var seconds = 0.0
  /// Lines that are no JSON or no events; a half one at the end of a run that goes on is none of them.
  public private(set) var unreadLines = 0
  /// Lists of which the first members alone are kept.
  public private(set) var shortenedLists: [String] = []
  private var places: [String: Int] = [:]

  /// - Throws: `RunHistoryError.noRun`, the errors of reading.
  public init(run path: String) throws {
    self.path = path
    let file = path + "/metrics.jsonl"
    guard fileExists(file) else { throw RunHistoryError.noRun(path: path) }
    try readLines(of: file) { line, isWhole in take(line, isWhole: isWhole) }
    guard starts > 0 || lastStep > 0 else { throw RunHistoryError.nothingYet(path: path, unread: unreadLines) }
    if state == .brokenOff, (try? DirectoryLock.check(path)) == nil { state = .running }
  }

  // MARK: Lines

  private mutating func take(_ line: [UInt8], isWhole: Bool) {
    guard !line.isEmpty else { return }
    guard let value = try? JSONReader.parse(line, duplicates: .lastCounts), case .object(let members) = value,
      let event = members.text("event")
    else {
      if isWhole { unreadLines += 1 }
      return
    }
    let step = members.number("step").flatMap { Int(exactly: $0) } ?? lastStep
    switch event {
    case "start": begin(members, after: step)
    case "step":
      lastStep = max(lastStep, step)
      collect(members, step: step, prefix: "")
    case "evaluation":
      collect(members, step: step, prefix: "evaluation: ")
      texts = members.list("texts").map { ($0.text("name") ?? "", $0.text("text") ?? "", $0.text("reference") ?? "") }
    case "ranks": collect(members, step: step, prefix: "")
    case "end":
      state = members.flag("complete") == true ? .complete : .stopped
      seconds += members.number("seconds") ?? 0
    case "checkpoint", "overlap", "locked_tower": break
    default: incidents.append((step, event.replacing("_", with: " ") + words(of: members)))
    }
  }

  private mutating func begin(_ members: [JSONMember], after step: Int) {
    starts += 1
    state = .brokenOff
    for place in curves.indices { curves[place].forget(after: step) }
    incidents.removeAll { $0.step > step }
    lastStep = step
    start = members.compactMap { member in
      let name = String(decoding: member.key, as: UTF8.self)
      guard name != "event", name != "step", let value = member.value.words else { return nil }
      return (name.replacing("_", with: " "), value)
    }
  }

  private func words(of members: [JSONMember]) -> String {
    let told = ["text", "reason", "fault", "cause", "array", "count"].compactMap { key in
      members.first { $0.key == Array(key.utf8) }?.value.words
    }
    return told.isEmpty ? "" : ": " + told.joined(separator: ", ")
  }

  // MARK: Curves

  /// A number is a curve; numbers of an object, or of the objects of a list, are the parts of one.
  private mutating func collect(_ members: [JSONMember], step: Int, prefix: String) {
    for member in members {
      let key = String(decoding: member.key, as: UTF8.self)
      guard key != "step", key != "event", key != "texts" else { continue }
      let name = prefix + key.replacing("_", with: " ")
      switch member.value {
      case .number(let value): add(value, name, part: nil, step: step)
      case .object(let parts): for (part, value) in parts.numbers { add(value, name, part: part, step: step) }
      case .array(let items): collect(items, step: step, name: name)
      case .null, .boolean, .string: break
      }
    }
  }

  private mutating func collect(_ items: [JSONValue], step: Int, name: String) {
    if items.count > Self.mostParts, !shortenedLists.contains(name) { shortenedLists.append(name) }
    for (place, item) in items.prefix(Self.mostParts).enumerated() {
      guard case .object(let members) = item else { continue }
      let part = members.text("name") ?? members.number("rank").map { "rank \(Int($0))" } ?? "\(place)"
      for (figure, value) in members.numbers where figure != "rank" {
        add(value, "\(name): \(figure)", part: part, step: step)
      }
    }
  }

  /// Of a list with more members the others are not drawn.
  private static let mostParts = 12

  private mutating func add(_ value: Double, _ name: String, part: String?, step: Int) {
    guard value.isFinite else { return }
    let key = name + "\u{0}" + (part ?? "")
    let place = places[key] ?? curves.count
    if place == curves.count {
      places[key] = place
      curves.append(Curve(name: name, part: part))
    }
    curves[place].add(step: step, value: value)
  }
}

extension [JSONMember] {
  fileprivate func value(_ key: String) -> JSONValue? { first { $0.key == [UInt8](key.utf8) }?.value }

  fileprivate func number(_ key: String) -> Double? {
    if case .number(let number)? = value(key) { number } else { nil }
  }

  fileprivate func flag(_ key: String) -> Bool? {
    if case .boolean(let flag)? = value(key) { flag } else { nil }
  }

  fileprivate func text(_ key: String) -> String? {
    if case .string(let bytes)? = value(key) { String(decoding: bytes, as: UTF8.self) } else { nil }
  }

  fileprivate func list(_ key: String) -> [[JSONMember]] {
    guard case .array(let items)? = value(key) else { return [] }
    return items.compactMap { if case .object(let members) = $0 { members } else { nil } }
  }

  /// Those that are numbers, and one level below.
  fileprivate var numbers: [(name: String, value: Double)] {
    flatMap { member -> [(String, Double)] in
      let name = String(decoding: member.key, as: UTF8.self).replacing("_", with: " ")
      switch member.value {
      case .number(let number): return [(name, number)]
      case .object(let parts): return parts.numbers.map { ("\(name) \($0.name)", $0.value) }
      case .null, .boolean, .string, .array: return []
      }
    }
  }
}

extension JSONValue {
  /// Of what is one value.
  fileprivate var words: String? {
    switch self {
    case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
    case .string(let bytes): String(decoding: bytes, as: UTF8.self)
    case .boolean(let flag): flag ? "yes" : "no"
    case .array(let items): items.compactMap(\.words).joined(separator: "; ")
    case .null, .object: nil
    }
  }
}
