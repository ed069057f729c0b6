import Calibration
import Evaluation
import Foundation
import Reports
import Testing

@Suite struct CalibrationPageTests {
  /// Of 40 samples, 30 are stated with 0.88 and 24 of these are so, 10 with 0.62 and 5 are.
  private func calibration(named name: String = "flowers") throws -> Calibration {
    let logits = (0..<40).map { $0 < 30 ? Float(2) : 0.5 }
    let isRight = (0..<40).map { $0 < 24 || (30..<35).contains($0) }
    let predictions = ClassPredictions(
      classes: ["a", "b"], logits: logits.flatMap { [$0, 0] }, targets: isRight.map { [$0 ? 0 : 1] },
      clusters: Array(0..<40), isSeveral: false)
    return try Calibration(
      predictions, from: Calibration.Source(weights: "w", calibrationSet: "c", dataSet: name, split: "validation"))
  }

  @Test func thePageHasBothDiagramsAndTheirNumbers() throws {
    let page = CalibrationPage(try calibration(), model: "runs/a").html
    #expect(page.components(separatedBy: "<svg").count == 5 && page.components(separatedBy: "<circle").count == 5)
    #expect(page.contains("88 % stated: 80 % of 30 came true"), "\(page)")
    #expect(page.contains("<td>30</td><td>0.881</td><td>0.800</td>"))
    #expect(page.contains("cannot be promised"))
    // The surest three quarters, of which a fifth is wrong; then all.
    #expect(page.contains("<td>75.0 %</td><td>20.0 %</td><td>0.881</td>") && page.contains("<polyline class=\"ours\""))
    #expect(!page.contains(">nan") && !page.contains("\"nan") && !page.contains("<script"))
  }

  /// Where the diagonal and its points lie: 0 at the lower left, 1 at the upper right.
  @Test func pointsLieWhereTheirSharesAre() throws {
    let page = CalibrationPage(try calibration(), model: "m").html
    #expect(page.contains("<line class=\"true\" x1=\"44.0\" y1=\"280.0\" x2=\"306.0\" y2=\"12.0\"/>"))
    // 44 + 262 · 0.8808, 280 − 268 · 0.8
    #expect(page.contains("<circle class=\"share\" cx=\"274.8\" cy=\"65.6\""))
  }

  @Test func wordsFromOutsideStayWords() throws {
    let page = CalibrationPage(try calibration(named: "<b>&"), model: "<i>").html
    #expect(!page.contains("<b>&") && !page.contains("<i>") && page.contains("&lt;b&gt;&amp;"))
  }
}
