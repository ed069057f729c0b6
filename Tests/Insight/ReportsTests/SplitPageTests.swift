import Evaluation
import Files
import Foundation
import Inference
import Reporting
import Reports
import TestSupport
import Testing

/// What a run's weights do on a split, on the page of the run.
@Suite struct SplitPageTests {
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  /// A report of some task: of which one, no page asks.
  private struct Report: TaskReport {
    var accuracy = 75.0
    var exhibits: [Exhibit]
    var members: [(String, OrderedJSON)] { [] }
    var summary: [(name: String, value: String)] { [] }
    var table: String { "" }
    var score: Double { accuracy }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(accuracy, forKey: .accuracy)
      try container.encode(["accuracy": [60.0, 90.0]], forKey: .intervals)
    }

    private enum Key: CodingKey { case accuracy, intervals }
  }

  private func run(_ name: String) throws -> RunHistory {
    try makeDirectory(place(name))
    try writeAtomically(
      Array(
        (#"{"event":"start","step":0,"processor":"A <b>","cores":2,"memory_bytes":3221225472}"# + "\n"
          + #"{"event":"step","step":1,"loss":1}"# + "\n").utf8), to: place(name + "/metrics.jsonl"))
    return try RunHistory(run: place(name))
  }

  private func page(_ exhibits: [[Exhibit]], pictureBytes: Int = 3) throws -> RunPage {
    var pictures = SplitPictures()
    let runs = try exhibits.enumerated().map { number, exhibits in
      var run = RunPage.Run(try self.run("run\(number)"), settings: [], card: nil)
      run.measured = MeasuredSplit(
        model: "run\(number)/last", data: "set<", split: "test", Report(exhibits: exhibits), &pictures,
        picture: { _ in Thumbnail(jpeg: [UInt8](repeating: 7, count: pictureBytes), width: 20, height: 10) },
        explain: { _, _, _ in throw RunHistoryError.noRun(path: "x") })
      return run
    }
    return RunPage(runs)
  }

  private func count(_ part: String, in page: String) -> Int { page.components(separatedBy: part).count - 1 }

  @Test func figuresHaveDotsBarsAndATable() throws {
    let html = try page([[], []]).html
    #expect(
      html.contains("<h2>On the split test</h2>")
        && html.contains("Of set&lt;, by the weights in run0/last, run1/last."))
    #expect(count("<line class=\"line0 bar\"", in: html) == 1 && count("<line class=\"line1 bar\"", in: html) == 1)
    #expect(html.contains("<desc>accuracy 75.00 [60.00, 90.00], 75.00 [60.00, 90.00]</desc>"))
    #expect(html.contains("<td>accuracy</td><td>75.00 [60.00, 90.00]</td><td>75.00 [60.00, 90.00]</td>"))
    #expect(html.contains("There are no maps of where what is told comes from"))
  }

  @Test func aPageWithoutASplitHasNone() throws {
    let html = RunPage([RunPage.Run(try run("run"), settings: [], card: nil)]).html
    #expect(!html.contains("On the split") && !html.contains("maps of where"))
    #expect(html.contains("<td>memory</td><td>3.0 GiB</td>") && html.contains("<td>A &lt;b&gt;</td>"))
  }

  @Test func confusionIsDrawnOrListed() throws {
    let few = try page([[.confusion(classes: ["a<", "b"], counts: [[3, 1], [0, 0]])]]).html
    #expect(few.contains("a&lt;: 3 of 4 are told right; b: 0 of 0 are told right"))
    #expect(few.contains(">75 %</text>") && few.contains("<td>a&lt;</td><td>3</td><td>1</td>"))
    let names = (0..<31).map { "c\($0)" }
    var counts = names.map { _ in names.map { _ in 0 } }
    (counts[4][5], counts[2][2], counts[7][1]) = (3, 9, 1)
    let many = try page([[.confusion(classes: names, counts: counts)]]).html
    #expect(many.contains("among 31 classes") && !many.contains("class=\"cell"))
    let rows = try #require(many.firstMatch(of: /was taken for.*?<\/table>/.dotMatchesNewlines())).output
    #expect(rows.contains("<td>c4</td><td>c5</td><td>3</td><td>3</td><td>100.0 %</td>") && !rows.contains("c2<"))
  }

  private var sample: ShownSample {
    var sample = ShownSample(place: 4, name: "x<y")
    (sample.text, sample.isRight, sample.right) = ("what <is> it?", false, ["a cat"])
    sample.told = [.init(text: "<dog>", probability: 0.875), .init(text: "cow", probability: .nan)]
    sample.boxes = [
      ShownBox(left: 0.5, top: 0, right: 1, bottom: 0.5, isRight: true),
      ShownBox(left: 0, top: 0, right: 1, bottom: 1, isRight: false),
    ]
    return sample
  }

  @Test func samplesSayWhatIsToldAndWhatIsSo() throws {
    let html = try page([[.samples(ShownSamples(title: "Some", choice: "All of them.", samples: [sample]))]]).html
    #expect(!html.contains("<dog>") && !html.contains("<is>") && !html.contains("x<y"))
    #expect(html.contains("“what &lt;is&gt; it?”") && html.contains("✗ wrong") && html.contains(">87.5 %<"))
    #expect(html.contains("no number") && html.contains("data:image/jpeg;base64,BwcH"))
    // 320 wide and 160 high on the page.
    #expect(html.contains("<rect class=\"box people\" x=\"160.0\" y=\"0.0\" width=\"160.0\" height=\"80.0\""))
    #expect(html.contains("x&lt;y, with the model&#39;s box and 1 of people&#39;s"))
  }

  private var searches: ShownSearches {
    let item = { (place: Int) in ShownSearch.Item(place: place, name: "p\(place)") }
    let search = ShownSearch(
      query: ShownSearch.Item(place: 9, name: "p9", text: "a <cat>"),
      found: [ShownSearch.Found(item: item(1), score: 0.5, isRight: false)], right: item(9), rank: 7, among: 30)
    return ShownSearches(title: "Searches", choice: "One.", searches: [search])
  }

  /// What is right is marked by a word as well, and stands there with its rank where it is not among what was found.
  @Test func searchesShowWhatIsRight() throws {
    let html = try page([[.searches(searches)]]).html
    #expect(html.contains("“a &lt;cat&gt;”") && html.contains("✗ 7 of 30") && count("<img ", in: html) == 2)
    let found = try #require(html.firstMatch(of: /<ol class="found">(.*?)<\/ol>/.dotMatchesNewlines())).1
    #expect(
      found.contains("<li class=\"miss\">") && found.contains("<li class=\"hit apart\">") && found.contains("✓ right"))
    #expect(html.contains("There are no maps of where what is told comes from: x is no run"))
  }

  /// Of what is told of a photo with a text, by its number among all that may be told; what cannot be explained once is not tried again.
  @Test func mapsAreOfWhatIsTold() throws {
    let samples = [3, 4].map { place in
      var sample = ShownSample(place: place, name: "\(place)")
      (sample.text, sample.told) = ("t\(place)", [.init(text: "x", probability: 1, number: 10 * place)])
      return sample
    }
    let report = Report(exhibits: [.samples(ShownSamples(title: "Some", choice: "", samples: samples))])
    var (asked, pictures): ([String], SplitPictures) = ([], SplitPictures())
    _ = MeasuredSplit(
      model: "m", data: "d", split: "s", report, &pictures, picture: { _ in nil },
      explain: { place, text, number in
        asked.append("\(place) \(text) \(number ?? -1)")
        throw RunHistoryError.noRun(path: "x")
      })
    #expect(asked == ["3 t3 30"])
  }

  /// A page holds so many pictures and says how many samples stand there without.
  @Test func picturesHaveALimit() throws {
    let samples = (0..<8).map { place in ShownSample(place: place, name: "\(place)") }
    let html = try page(
      [[.samples(ShownSamples(title: "Some", choice: "", samples: samples))]], pictureBytes: 2 << 20
    ).html
    #expect(count("data:image", in: html) == 4 && html.contains("4 samples stand here without their picture"))
    #expect(count("no picture", in: html) == 4 && html.utf8.count < 12 << 20)
  }

  @Test func programsGetTheSameNumbers() throws {
    let document = try page([[.searches(searches), .riskCoverage([], area: nil)]]).document.line
    #expect(document.contains(#""figures":{"accuracy":{"value":75"#) && document.contains(#""interval":[60"#))
    #expect(document.contains(#""rank":7,"among":30"#) && document.contains(#""kind":"risk_coverage","aurc":null"#))
    #expect(document.contains(#""start":{"processor":"A <b>","cores":"2""#))
    let html = try page([[.searches(searches)]]).html
    #expect(count("<script", in: html) == 1 && count("</script>", in: html) == 1)
  }
}
