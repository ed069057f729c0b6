import Batching
import Evaluation
import Files
import Foundation
import Inference
import Models
import Reports
import TestSupport
import Testing

/// The page of predictions: whole, closed to the outside, and readable by who sees no picture.
@Suite struct PredictionPageTests {
  private let place: TemporaryDirectory
  private let photos: PhotoFiles

  init() throws {
    place = try TemporaryDirectory()
    try writePhotos(["a&b.jpg"], in: place("photos"))
    photos = try PhotoFiles(at: [place("photos/a&b.jpg")])
  }

  private func told(_ text: String?, _ bars: [(String, Double)], box: Box? = nil, reasons: [String]? = nil)
    -> PredictionPage.Told
  {
    PredictionPage.Told(
      text: text, bars: bars.isEmpty ? [] : [bars.map { (text: $0.0, probability: $0.1) }], box: box,
      trust: reasons.map { (confidence: 0.75, reasons: $0) })
  }

  private func page(_ told: [PredictionPage.Told]) -> String {
    var page = PredictionPage(models: ["runs/<a>"])
    page.add(name: "a&b.jpg", told) { photos.thumbnail(at: 0, side: 480) }
    page.addSkipped(name: "bad<.gif", reason: "no picture")
    return page.html
  }

  private func count(_ part: String, in page: String) -> Int { page.components(separatedBy: part).count - 1 }

  @Test func classesHaveBarsAndReasons() {
    let page = page([told(nil, [("<cat>", 0.75), ("dog", .nan)], reasons: ["more than one class is possible"])])
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n") && !page.contains("<script"))
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("<cat>") && !page.contains("<a>"))
    #expect(page.contains("<span>&lt;cat&gt;</span><b>75.0 %</b><i style=\"--share: 75.0%\">"))
    #expect(page.contains("<span>dog</span><b>no number</b>") && !page.contains(">nan"))
    #expect(page.contains("<b>refer</b>more than one class is possible") && page.contains("1 of 1 are referred"))
    #expect(page.contains("calibrated: 75.0 % sure"))
    #expect(page.contains("bad&lt;.gif: no picture") && page.contains("<h1>1 photo</h1>"))
    #expect(count("data:image/jpeg;base64,/9j/", in: page) == 1)
    #expect(page.contains("role=\"img\"><title>The photo a&amp;b.jpg</title>"))
  }

  /// The photo has 40 by 36 pixels and is drawn 480 wide: a box over its right half begins in the middle.
  @Test func boxesLieWhereTheirSharesAre() {
    let page = page([
      told("the \"left\"", [], box: Box(0, 0, 0.5, 1)), told("right", [], box: Box(0.5, 0.25, 1, 1)),
    ])
    #expect(page.contains("<title>The photo a&amp;b.jpg, with boxes for “the &quot;left&quot;”, “right”</title>"))
    #expect(page.contains("viewBox=\"0 0 480 432.0\""))
    #expect(page.contains("x=\"240.0\" y=\"108.0\" width=\"240.0\" height=\"324.0\""))
    #expect(page.contains("left 0.500 · top 0.250 · right 1.000 · bottom 1.000"))
    #expect(count("class=\"box\"", in: page) == 2 && count("class=\"tag\"", in: page) == 2)
    #expect(page.contains("1 photo, 2 texts"))
  }

  private func written(_ words: String, mean: Double, isCut: Bool = false, cider: Double? = nil) -> PredictionPage.Told
  {
    var told = told(nil, [])
    told.written = ToldText(words: words, logProbability: 4 * mean, tokens: 4, isCut: isCut)
    told.references = ["a <dog>", "dogs"]
    told.scores = cider.map { CaptionScores(cider: $0, rougeL: 0.5) }
    return told
  }

  /// Captions with their probabilities, people's beside them, and buttons that put the cards in another order without a script.
  @Test func captionsCanBePutInOrder() {
    var page = PredictionPage(models: ["m"], way: "the best of 3 beams")
    page.subject = "the split <test>"
    page.figures = "CIDEr-D  0.5 <x>\nROUGE-L  0.25"
    for told in [
      written("one & all", mean: -1.5, cider: 0.25), written("", mean: -0.5, isCut: true),
      written("c", mean: -1, cider: 2),
    ] {
      page.add(name: "p.jpg", [told]) { nil }
    }
    let html = page.html
    #expect(html.contains("<p class=\"text\">one &amp; all</p>") && html.contains("(no word)<b>cut</b>"))
    #expect(html.contains("ln p -6.00 · -1.50 a token · 4 tokens · CIDEr-D 0.250 · ROUGE-L 0.500"))
    #expect(count("<li>a &lt;dog&gt;</li><li>dogs</li>", in: html) == 3 && !html.contains("<x>"))
    #expect(html.contains("m · the split &lt;test&gt;</p>"))
    #expect(html.contains("<pre class=\"figures\">CIDEr-D  0.5 &lt;x&gt;\nROUGE-L  0.25</pre>"))
    #expect(html.contains("Written: the best of 3 beams. 1 of 3 were cut there."))
    // As they came, and each of three figures both ways; captions without a score stand last.
    #expect(count("type=\"radio\"", in: html) == 7 && !html.contains("<script"))
    let places = html.matches(of: /--place1: (\d); --place2: (\d); --place3: (\d); --place4: (\d)/)
    #expect(
      places.map { [$0.1, $0.2, $0.3, $0.4].compactMap { Int($0) } } == [[2, 0, 1, 0], [0, 2, 2, 2], [1, 1, 0, 1]])
    #expect(html.contains("#order4:checked ~ .cards .card { order: var(--place4); }"))
    #expect(!self.page([told(nil, [("cat", 1)])]).contains("type=\"radio\""))
  }

  @Test func whatThereIsNoRoomForIsSaid() {
    var page = PredictionPage(models: ["a", "b"])
    for number in 0...PredictionPage.mostEntries {
      page.add(name: "\(number).jpg", [told(nil, [("cat", 1)])]) { nil }
    }
    let html = page.html
    #expect(html.contains("1 more photos are not on this page, which shows the first 1000"))
    #expect(html.contains("1000 photos are named without their picture"))
    #expect(html.contains("the mean of 2 models") && count("class=\"card\"", in: html) == 1000)
  }
}
