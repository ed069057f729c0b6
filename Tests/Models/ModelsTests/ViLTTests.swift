import Files
import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// What is ViLT's own beside the numbers, which `Tests/Golden/vilt.py` made (see `ViLTCaseTests`).
@Suite struct ViLTTests {
  private static let golden = goldenDirectory + "/vilt-tiny"

  private func description(_ directory: String = golden) throws -> ViLTConfiguration {
    let file = directory + "/config.json"
    return try ViLTConfiguration(Settings(json: readFile(file), file: file))
  }

  private func parameters(_ change: (inout ViLTConfiguration) -> Void) -> Int {
    var sizes = ViLTConfiguration()
    change(&sizes)
    let builder = ParameterBuilder()
    _ = ViLT(sizes, builder)
    return builder.parameters.reduce(0) { $0 + $1.count }
  }

  /// Those of transformers 5.24: `ViltModel`, `ViltForMaskedLM`, `ViltForQuestionAnswering` with 3,129 answers.
  @Test func thePublishedSizeHasThePublishedNumberOfParameters() {
    #expect(parameters { _ in } == 111_595_008)
    #expect(parameters { $0.hasMaskedTextHead = true } == 112_217_658)
    #expect(parameters { $0.answerCount = 3129 } == 117_588_537)
  }

  @Test func aDescriptionSurvivesItsJSON() throws {
    let read = try description()
    #expect(
      read.imageSize == 24 && read.contextLength == 10 && read.epsilon == 1e-12 && read.answers == nil
        && read.labels?.count == 5)
    let answering = read.fitting { $0 == "classifier.3.weight" ? [5, 36] : nil }
    #expect(answering.answers == ["yes", "no", "two", "red", "a dog"] && !answering.hasMaskedTextHead)
    let again = try ViLTConfiguration(Settings(json: answering.json(), file: "config.json"))
    #expect(again.fitting { $0 == "classifier.3.weight" ? [5, 36] : nil } == answering)
    // Labels for another head than the weights have.
    let flaw = read.fitting { $0 == "classifier.3.weight" ? [4, 36] : nil }.flaw
    #expect(flaw == "id2label names 5 answers, and the head for them has 4")
  }

  @Test func otherSettingsAreRefused() throws {
    for (change, place) in [
      (#""max_image_length": 200"#, "max_image_length"), (#""hidden_act": "silu""#, "hidden_act"),
      (#""id2label": {"0": "yes", "2": "no"}"#, "id2label.2"), (#""id2label": {"0": 1}"#, "id2label.0"),
      (#""id2label": {"0": "yes"}, "label2id": {"no": 0}"#, "label2id.no"), (#""surprise": 1"#, "surprise"),
    ] {
      let json = Array("{\"model_type\": \"vilt\", \(change)}".utf8)
      let error = #expect(throws: SettingsError.self) {
        try ViLTConfiguration(Settings(json: json, file: "config.json"))
      }
      #expect(error.map { "\($0)".contains(place) } == true, "\(String(describing: error))")
    }
  }

  /// Of a table of 3 × 3 positions behind a class token's row: corners stay, what lies between is shared out.
  @Test func positionsAreResizedWithCornersOnCorners() {
    let wide = resizedPositions(side: 3, to: PatchGrid(rows: 1, columns: 5))
    #expect(wide.map { $0.terms.map(\.row) } == [[1], [1, 2], [2], [2, 3], [3]])
    #expect(wide[1].terms.map(\.weight) == [0.5, 0.5])
    let tall = resizedPositions(side: 3, to: PatchGrid(rows: 2, columns: 2))
    #expect(tall.map { $0.terms.map(\.row) } == [[1], [3], [7], [9]])
    let same = resizedPositions(side: 3, to: PatchGrid(rows: 3, columns: 3))
    #expect(same == (1...9).map { RowMixture(row: $0) })
  }
}
