import Files
import Foundation
import Reports
import TestSupport
import Testing

/// The page of runs: whole, harmless, and with all numbers of its charts.
@Suite struct RunPageTests {
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  private func run(_ name: String, losses: [Double], text: String = "a dog") throws -> RunHistory {
    let steps = losses.enumerated().map { #"{"event":"step","step":\#($0 + 1),"epoch":0,"loss":\#($1)}"# }
    let lines =
      [#"{"event":"start","step":0,"ranks":1}"#] + steps
      + [#"{"event":"evaluation","step":\#(losses.count),"texts":[{"name":"a.jpg","text":"\#(text)"}]}"#]
    try makeDirectory(place(name))
    try writeAtomically(Array(lines.joined(separator: "\n").utf8) + [10], to: place(name + "/metrics.jsonl"))
    return try RunHistory(run: place(name))
  }

  private func page(_ histories: RunHistory..., rate: [String] = ["1", "2"]) -> RunPage {
    RunPage(
      zip(histories, rate).map {
        RunPage.Run($0, settings: [("optimizer.learning_rate", $1, "--set"), ("seed", "0", "built-in")], card: nil)
      })
  }

  @Test func aPageOfOneRun() throws {
    let html = try page(run("one", losses: [4, 3, 2])).html
    for words in ["<h1>one</h1>", "broken off", "<b>loss</b>", "loss: 4.000 at step 1, 2.000 at step 3", "a dog"] {
      #expect(html.contains(words), "\(words)")
    }
    #expect(!html.contains("What differs") && !html.contains("http-equiv=\"refresh\""))
    #expect(html.contains("The same in all steps: epoch 0"))
  }

  @Test func runsAreComparedByTheirSettings() throws {
    let html = try page(run("a", losses: [4, 3]), run("b", losses: [4, 1])).html
    let differences = try #require(html.firstMatch(of: /What differs.*?<\/table>/.dotMatchesNewlines())).output
    #expect(differences.contains("optimizer.learning_rate") && !differences.contains("seed"))
    #expect(html.contains("a: 4.000 at step 1, 3.000 at step 2; b: 4.000 at step 1, 1.000 at step 2"))
  }

  /// Losses that fall by powers of ten are drawn on a logarithmic axis; one that reaches 0 cannot be.
  @Test func axes() throws {
    #expect(try page(run("a", losses: [100, 1, 0.5, 0.4])).html.contains("<b>loss</b>, logarithmic"))
    #expect(try !page(run("b", losses: [100, 1, 0.5, 0])).html.contains("logarithmic"))
  }

  @Test func nothingFromOutsideIsMarkup() throws {
    let html = try page(run("<b>x", losses: [2, 1], text: "</script><script>alert(1)</script>")).html
    #expect(html.components(separatedBy: "<script").count == 2 && html.components(separatedBy: "</script>").count == 2)
    #expect(html.contains("default-src 'none'") && !html.contains("<b>x"))
  }

  /// What the charts show can be taken from the page by a program.
  @Test func numbersStandInThePage() throws {
    let html = try page(run("one", losses: [4, 3, 2])).html
    let json = try #require(html.firstMatch(of: /<script type="application\/json">(.*)<\/script>/)).1
    let document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
    #expect(
      document.runs[0].curves.first { $0.name == "loss" }?.points == [
        [1, 1, 4, 4, 4], [2, 2, 3, 3, 3], [3, 3, 2, 2, 2],
      ])
  }

  private struct Document: Decodable {
    struct Run: Decodable { let curves: [Curve] }
    struct Curve: Decodable {
      let name: String
      let points: [[Double]]
    }
    let runs: [Run]
  }

  @Test func whatIsNotShownIsSaid() throws {
    let groups = (0..<13).map { #"{"name":"g\#($0)","loss":1}"# }.joined(separator: ",")
    try makeDirectory(place("many"))
    try writeAtomically(
      Array((#"{"event":"step","step":1,"groups":[\#(groups)]}"# + "\n").utf8), to: place("many/metrics.jsonl"))
    let html = RunPage([RunPage.Run(try RunHistory(run: place("many")), settings: [], card: nil)]).html
    for words in [
      "Of groups of many the first members alone", "Of many no settings could be read", "many has no model card",
    ] {
      #expect(html.contains(words), "\(words)")
    }
    let whole = RunPage([RunPage.Run(try run("one", losses: [2, 1]), settings: [("a", "b", "c")], card: "x")]).html
    #expect(!whole.contains("could be read") && !whole.contains("first members"))
  }

  @Test func aPageThatComesAgainSaysSo() throws {
    var page = try page(run("one", losses: [1, 2]))
    page.refresh = 10
    #expect(page.html.contains(#"<meta http-equiv="refresh" content="10">"#))
  }
}
