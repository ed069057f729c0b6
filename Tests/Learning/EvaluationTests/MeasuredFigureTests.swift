import Evaluation
import Reporting
import Testing

/// What of a report goes into a model's card.
@Suite struct MeasuredFigureTests {
  private struct Report: TaskReport {
    struct Written: Encodable {
      var bleu = [0.5, 0.25]
      var length = 11.5
      var intervals = ["bleu2": [0.125, 0.5], "length": [11.0, 12], "gone": [0, 1]]
    }
    var accuracy = 90.5
    var samplesSeen = 7
    var written: Written? = Written()
    var intervals: [String: [Double]]? = ["accuracy": [88, 92.5]]

    var members: [(String, OrderedJSON)] {
      [
        ("samples", .integer(7)), ("accuracy", .number(90.5)), ("nll", .float(.nan)),
        ("to_text", .object([("r1", .number(0.5)), ("rank", .integer(1))])),
      ]
    }
    var summary: [(name: String, value: String)] { [] }
    var table: String { "" }
    var score: Double { 0 }
  }

  @Test func figuresWithIntervals() {
    #expect(
      Report().figures == [
        MeasuredFigure(name: "accuracy", value: 90.5, interval: 88...92.5),
        MeasuredFigure(name: "written.bleu2", value: 0.25, interval: 0.125...0.5),
        MeasuredFigure(name: "written.length", value: 11.5, interval: 11...12),
      ])
  }

  @Test func aFigureWithoutAValueTakesNoOtherWithIt() {
    #expect(
      Report(accuracy: .nan, written: nil, intervals: ["accuracy": [0, 1]]).figures.map(\.name) == [
        "accuracy", "to_text.r1",
      ])
    var report = Report()
    report.accuracy = .nan
    #expect(report.figures.map(\.name) == ["written.bleu2", "written.length"])
  }

  /// What a program finds in what `evaluate --json` has printed.
  @Test func figuresOfAPrintedReport() {
    let json = Array(
      """
      {"accuracy": 61.5, "intervals": {"accuracy": [60, 62.5]}, "samples": 40,
       "to_text": {"r1": 12.5, "intervals": {"r1": [10, 15]}}, "written": {"bleu": [0.5, 0.25]},
       "apart": [{"modality": "image", "accuracy": 40}, {"modality": "text", "accuracy": 60}], "gone": null, "odd": "61"}
      """.utf8)
    #expect(reportedFigure("accuracy", in: json) == MeasuredFigure(name: "accuracy", value: 61.5, interval: 60...62.5))
    #expect(
      reportedFigure("to_text.r1", in: json) == MeasuredFigure(name: "to_text.r1", value: 12.5, interval: 10...15))
    #expect(reportedFigure("written.bleu2", in: json)?.value == 0.25)
    #expect(reportedFigure("apart.text.accuracy", in: json)?.value == 60)
    #expect(reportedFigure("samples", in: json)?.value == 40)
    for name in ["gone", "odd", "to_text", "to_text.r2", "apart.audio.accuracy", "apart", "", "written.bleu3"] {
      #expect(reportedFigure(name, in: json) == nil, "\(name)")
    }
    #expect(reportedFigures(in: json) == ["accuracy", "to_text.r1"])
    #expect(reportedFigures(in: []) == [] && reportedFigure("accuracy", in: [0x7B]) == nil)
  }

  /// A run in training takes no intervals; counts are no figures.
  @Test func figuresWithoutIntervals() {
    #expect(
      Report(written: nil, intervals: nil).figures == [
        MeasuredFigure(name: "accuracy", value: 90.5), MeasuredFigure(name: "to_text.r1", value: 0.5),
      ])
  }
}
