import Documents
import Testing

@Suite struct DocumentTests {
  @Test func valuesKnowTheirPlaces() throws {
    let text = "name: a\nlist:\n  - \"1\"\n  - { k: 2 }\nempty:\n"
    let document = try #require(try readDocument(text, path: "a.yaml"))
    guard case .group(let members) = document.content else { return #expect(Bool(false)) }
    #expect(members.map(\.key) == ["name", "list", "empty"])
    #expect(members[1].line == 2 && members[1].column == 1)
    guard case .list(let items) = members[1].value.content else { return #expect(Bool(false)) }
    guard case .text("1", isQuoted: true) = items[0].content else { return #expect(Bool(false)) }
    #expect(items[0].line == 3 && items[0].column == 5)
    #expect(members[2].value.isNothing && !items[0].isNothing)
    #expect(try readDocument("# nothing\n", path: "a.yaml") == nil)
  }

  /// What is refused, and the place that is named.
  @Test(arguments: [
    ("a: 1\nb: 2\na: 3\n", "a.yaml:", "given twice"),
    ("a: &x 1\nb: *x\n", "a.yaml:1:4", "anchors"),
    ("a: [1, 2\nb: 3\n", "a.yaml:", "is not YAML"),
    ("a: 1\n\tb: 2\n", "a.yaml:2", "is not YAML"),
    ("{[1, 2]: 3}\n", "a.yaml:1:2", "a key must be a word"),
  ])
  func refusals(text: String, place: String, words: String) throws {
    let problem = try #require(throws: DocumentProblem.self) { try readDocument(text, path: "a.yaml") }
    #expect(problem.place.hasPrefix(place) && problem.message.contains(words), "\(problem)")
  }

  /// A thousand aliases that would stand for a billion values are refused by the first.
  @Test func anAliasBomb() {
    var text = "a0: &a0 [x, x, x]\n"
    for i in 1..<30 { text += "a\(i): &a\(i) [*a\(i - 1), *a\(i - 1)]\n" }
    #expect(throws: DocumentProblem.self) { try readDocument(text, path: "a.yaml") }
  }
}
