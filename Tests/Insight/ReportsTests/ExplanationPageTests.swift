import Batching
import Files
import Foundation
import Images
import Inference
import Reporting
import Reports
import TestSupport
import Testing

/// The page of an explanation: whole, closed to the outside, readable without colours, and with the numbers of its document.
@Suite struct ExplanationPageTests {
  private let place: TemporaryDirectory
  private let explanation: Explanation
  private let text = "a <b>dog</b> & \"two\" cats"

  init() throws {
    place = try TemporaryDirectory()
    try writePhotos(["a.jpg"], in: place("photos"))
    try writeTinyViLT(in: place("model"))
    var settings = ExplanationSettings()
    settings.draws = 3
    explanation = try LoadedModel(path: place("model"), threads: 2).explain(
      PhotoFiles(at: [place("photos/a.jpg")]), text, settings)
  }

  private func page() throws -> String {
    try ExplanationPage(explanation, model: "m<script>", image: "a&b.jpg", text: text).html
  }

  private func count(_ part: String, in page: String) -> Int { page.components(separatedBy: part).count - 1 }

  @Test func nothingComesFromOutside() throws {
    let page = try page()
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    #expect(page.contains("default-src 'none'; img-src data:; style-src 'unsafe-inline'"))
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("<b>dog</b> &"))
    // The one script is data, which its own text cannot end.
    #expect(count("<script", in: page) == 1 && count("</script>", in: page) == 1)
    #expect(page.contains("a&amp;b.jpg") && page.contains("m&lt;script&gt;"))
    #expect(count("data:image/jpeg;base64,/9j/", in: page) == 1, "the photo is held once")
  }

  /// Whoever sees no picture is told what each shows, and every chart has its table.
  @Test func picturesAreSaidInWords() throws {
    let page = try page()
    let (words, places) = (explanation.words.count, explanation.places.count)
    #expect(count("role=\"img\"><title>", in: page) == 1 + 1 + words + 2)
    #expect(count("<rect ", in: page) == (1 + words) * places)
    #expect(count("<use href=\"#photo\"/>", in: page) == 2 + words)
    #expect(count("<desc>The strongest places: ", in: page) == 1 + words && count("<polyline ", in: page) == 4)
    let points = explanation.deletions.places.removed.count + explanation.deletions.words.removed.count
    #expect(count("<tr>", in: page) == 4 + words + places + points)
  }

  /// Boxes lie over the photo as it is, the strongest on top.
  @Test func boxesOfRegionsAreDrawn() throws {
    try writeRegionModel(like: "uniter-tiny", in: place("regions"))
    let photo = Image(width: 60, height: 30, pixels: [UInt8](repeating: 99, count: 5400))
    try writeAtomically(encodeJPEG(photo, quality: 90), to: place("photos/b.jpg"))
    let regions = try RegionFeatures(
      features: (0..<27).map { Float16(0.25 * Double($0 * 7 % 11) - 1).bitPattern },
      boxes: [0, 0, 0.5, 1, 0.25, 0.5, 1, 0.75, 0.1, 0.1, 0.2, 0.2])
    let explanation = try LoadedModel(path: place("regions"), threads: 2).explain(
      PhotoFiles(at: [place("photos/b.jpg")]), "two dogs",
      regions: { width, height in
        #expect(width == 60 && height == 30)
        return regions
      })
    let page = try ExplanationPage(explanation, model: "m", image: "b.jpg", text: "two dogs").html
    #expect(
      count("<rect ", in: page) == 9
        && count("viewBox=\"0 0 1 0.5000\" style=\"aspect-ratio: 1 / 0.5000\"", in: page) == 4)
    #expect(count("x=\"0.2500\" y=\"0.2500\" width=\"0.7500\" height=\"0.1250\"", in: page) == 3)
    #expect(count("stroke-width: 0.0090", in: page) >= 1 && page.contains("of which the model sees regions"))
    #expect(page.contains("percent of the photo's relevance a region") && page.contains("<summary>Regions</summary>"))
    // The strongest is drawn last: its edge is the widest.
    let whole = try #require(page.components(separatedBy: "</svg>").first { $0.contains("score of the whole text") })
    let widths = whole.components(separatedBy: "stroke-width: ").dropFirst().map { $0.prefix(6) }
    #expect(widths == widths.sorted() && widths.count == 3)
    let document = explanation.document(model: "m", image: "b.jpg", text: "two dogs").document
    #expect(document.contains("\"places_are\": \"regions\"") || document.contains("\"places_are\":\"regions\""))
  }

  /// The document is the explanation, on the page and off it.
  @Test func theNumbersAreThere() throws {
    let document = explanation.document(model: "m<script>", image: "a&b.jpg", text: text)
    let page = try page()
    let start = try #require(page.range(of: "<script type=\"application/json\">")).upperBound
    let held = page[start..<(try #require(page.range(of: "</script>"))).lowerBound]
    for json in [String(held), document.document] {
      let read = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      #expect(read["text"] as? String == text && read["method"] as? String == "relevance")
      let words = try #require(read["words"] as? [[String: Any]])
      #expect(words.map { $0["text"] as? String } == explanation.words.map(\.text))
      #expect(abs(words.reduce(0) { $0 + ($1["share"] as? Double ?? 0) } - 1) < 1e-5)
      let deletion = try #require((read["deletion"] as? [String: Any])?["places"] as? [String: Any])
      #expect((deletion["scores"] as? [Double])?.count == explanation.deletions.places.removed.count)
      #expect((deletion["random_scores"] as? [[Double]])?.count == 3)
    }
    #expect(page.contains(decimalsOfScore()))
  }

  private func decimalsOfScore() -> String {
    let percent = Double((explanation.score.probability ?? 0) * 100)
    return "<b>" + String(format: "%.1f", percent) + " %</b>"
  }
}
