import Batching
import Files
import Foundation
import Inference
import TensorEngine
import TestSupport
import Testing

@Suite struct SearchTests {
  @Test func theNearestComeFirstAndEqualOnesByName() {
    let table = FeatureFile.Table(
      features: Features([1, 0, 0, 1, 0.6, 0.8, 1, 0, 1, 0], width: 2), names: ["d", "b", "e", "a", "c"])
    let engine = Engine(threadCount: 1)
    let hits = table.nearest(4, to: Features([1, 0, 0, 1], width: 2), engine)
    #expect(hits[0].map(\.name) == ["a", "c", "d", "e"])
    #expect(hits[0].map(\.row) == [3, 4, 0, 2])
    #expect(hits[1].map(\.name) == ["b", "e", "a", "c"])
    #expect(table.nearest(9, to: Features([1, 0], width: 2), engine)[0].count == 5)
  }

  /// Against a full sort, with many equal values.
  @Test func manyRowsAreSearchedExactly() {
    let count = 3000
    let values = (0..<count).map { Float(($0 * 7919) % 101) / 101 }
    let table = FeatureFile.Table(
      features: Features(values, width: 1), names: (0..<count).map { "n\($0 * 31 % count)" })
    let hits = table.nearest(50, to: Features([1], width: 1), Engine(threadCount: 1))[0]
    let sorted = (0..<count).sorted {
      values[$0] == values[$1]
        ? table.names[$0].utf8.lexicographicallyPrecedes(table.names[$1].utf8) : values[$0] > values[$1]
    }
    #expect(hits.map(\.row) == Array(sorted.prefix(50)))
  }

  @Test func thePageHoldsEverythingAndEscapesIt() throws {
    let directory = try TemporaryDirectory()
    try writePhotos(["<b>&\"x\".jpg"], in: directory("photos"))
    try writePhotos(["query.jpg"], in: directory.path)
    let photos = try photoCollection(at: directory("photos"))
    let page = SearchPage(index: "i<script>", model: "m&m", photoCount: 2, photos: photos)
    let hits = [
      SearchHit(row: 0, name: "<b>&\"x\".jpg", similarity: 0.25),
      SearchHit(row: 1, name: "gone.jpg", similarity: -0.0312),
    ]
    let html = page.page(
      [
        SearchAnswer(query: .text("<script>alert(1)</script>"), hits: hits),
        SearchAnswer(query: .image(directory("query.jpg")), hits: hits),
      ], queryPhotos: try PhotoFiles(at: [directory("query.jpg")]))
    #expect(!html.contains("<script") && !html.contains("<b>&\"") && html.contains("&lt;b&gt;&amp;&quot;x&quot;.jpg"))
    #expect(html.components(separatedBy: "src=\"data:image/jpeg;base64,/9j/").count == 4, "two cards and the query")
    #expect(html.components(separatedBy: "is not there any more").count == 3)
    #expect(html.contains(">0.250<") && html.contains(">-0.031<"))
    #expect(!html.contains("http:") && !html.contains("https:"), "nothing is fetched from anywhere")
  }
}
