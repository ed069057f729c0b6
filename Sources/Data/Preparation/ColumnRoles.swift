internal import Reporting

/// What the columns of a table are, as the caller says it: `image=file,question=q,answer=a,label:finding=dx`.
public struct ColumnRoles: Equatable, Sendable {
  /// What a column holds.
  enum Role: Hashable {
    case image, audio, caption, question, answer, id
    /// Groups of questions, for tables.
    case kind(String)
    case label(String)
    case text(String)
    case phrase, x, y, width, height
    case group, split

    /// Those without names of their own, by their words.
    static let plain: [(word: String, role: Role)] = [
      ("image", .image), ("audio", .audio), ("caption", .caption), ("question", .question), ("answer", .answer),
      ("id", .id),
      ("phrase", .phrase), ("x", .x), ("y", .y), ("width", .width), ("w", .width), ("height", .height), ("h", .height),
      ("group", .group), ("split", .split),
    ]

    /// As the caller writes it.
    var word: String {
      switch self {
      case .kind(let name): "kind:" + name
      case .label(let name): "label:" + name
      case .text(let name): "text:" + name
      default: Self.plain.first { $0.role == self }?.word ?? ""
      }
    }
  }

  /// A role, and what the table calls its column, or its place from 1.
  struct Assignment: Equatable {
    let role: Role
    let column: String
  }

  let assignments: [Assignment]

  init(_ assignments: [Assignment]) { self.assignments = assignments }

  /// Reads `ROLE=COLUMN[,ROLE=COLUMN…]`.
  ///
  /// - Throws: `PreparationError.roles`, which says what is wrong and which role may be meant.
  public init(_ text: String) throws(PreparationError) {
    var assignments: [Assignment] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let mark = part.firstIndex(of: "=") else {
        throw .roles(text: text, reason: "“\(trimmed(part))” is no ROLE=COLUMN")
      }
      let column = trimmed(part[part.index(after: mark)...])
      guard !column.isEmpty else { throw .roles(text: text, reason: "“\(trimmed(part))” names no column") }
      do throws(TextFault) {
        assignments.append(Assignment(role: try Self.role(trimmed(part[..<mark])), column: column))
      } catch {
        throw .roles(text: text, reason: error.reason)
      }
    }
    self.init(assignments)
    if let fault { throw .roles(text: text, reason: fault) }
  }

  private static func role(_ word: String) throws(TextFault) -> Role {
    if let known = Role.plain.first(where: { $0.word == word }) { return known.role }
    let named: [(String, (String) -> Role)] = [
      ("label:", { .label($0) }), ("text:", { .text($0) }), ("kind:", { .kind($0) }),
    ]
    for (beginning, make) in named where word.hasPrefix(beginning) {
      let name = String(word.dropFirst(beginning.count))
      guard isPlainName(name) else {
        throw TextFault("“\(word)”: a name is 1 to 64 of the characters A–Z a–z 0–9 _ -")
      }
      return make(name)
    }
    let words = Role.plain.map(\.word) + named.map(\.0)
    let meant =
      nearest(to: word, among: words.filter { $0.count > 1 }).map { "; perhaps \(printable($0)) is meant" } ?? ""
    throw TextFault(
      "there is no role “\(printable(word, limit: 40))”\(meant); there are image, audio, caption, question, answer, id, kind:NAME, "
        + "label:NAME, text:NAME, phrase, x, y, width, height, group and split")
  }

  private static func isPlainName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (0x41...0x5A).contains($0 & 0xDF) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
      }
  }

  /// What is wrong with the roles together, or nil.
  private var fault: String? {
    let roles = assignments.map(\.role)
    func count(_ role: Role) -> Int { roles.count { $0 == role } }
    for role in [Role.image, .audio, .question, .id, .phrase, .x, .y, .width, .height, .group, .split]
    where count(role) > 1 {
      return "the role \(role.word) is given twice"
    }
    if count(.image) + count(.audio) == 0 {
      return "no column is the image or the sound; say image=COLUMN or audio=COLUMN"
    }
    if count(.question) == 0, let role = roles.first(where: \.needsQuestion) {
      return "the role \(role.word) needs a question; say question=COLUMN"
    }
    let parts = [Role.phrase, .x, .y, .width, .height]
    let missing = parts.filter { count($0) == 0 }
    if !missing.isEmpty, missing.count < parts.count {
      return "a phrase with its box needs phrase, x, y, width and height; missing: "
        + missing.map(\.word).joined(separator: ", ")
    }
    let subject = count(.image) > 0 ? Role.image : .audio
    return roles.contains { $0 != subject && $0 != .split } ? nil : "no column says anything about the \(subject.word)"
  }

  func has(_ role: Role) -> Bool { assignments.contains { $0.role == role } }

  /// The columns of a role, as the caller names them.
  func columns(_ role: Role) -> [String] { assignments.filter { $0.role == role }.map(\.column) }
}

extension ColumnRoles.Role {
  fileprivate var needsQuestion: Bool {
    switch self {
    case .answer, .id, .kind: true
    default: false
    }
  }
}
