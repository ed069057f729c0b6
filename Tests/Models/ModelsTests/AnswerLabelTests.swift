import Models
import Settings
import TestSupport
import Testing

/// The labels of heads for answers, whichever model has them: read, written, and refused where they are not the head's.
@Suite struct AnswerLabelTests {
  /// A model, and how it is read with heads of so many logits.
  struct Kind: CustomTestStringConvertible, Sendable {
    let name: String
    let read: @Sendable (Settings, (String) -> [Int]?) throws -> any AnsweringDescription
    var testDescription: String { name }

    /// - Parameter heads: nil for weights without any.
    func described(_ json: String, heads: Int?) throws -> any AnsweringDescription {
      let marks =
        ["classifier.3.weight", "vqa_output.3.bias"] + ["", "_gqa"].map { "vil_prediction\($0).logit_fc.3.bias" }
      return try read(Settings(json: Array(json.utf8), file: "config.json")) { key in
        heads.flatMap { marks.contains(key) ? [$0] : nil }
      }
    }

    func labelled(heads: Int?) throws -> any AnsweringDescription {
      try described(
        """
        {"model_type": "\(name)", "id2label": {"1": "no", "0": "yes", "2": "café"},
        "label2id": {"yes": 0, "no": 1, "café": 2}}
        """, heads: heads)
    }
  }

  static let kinds = [
    Kind(name: "vilt") { try ViLTConfiguration($0).fitting($1) },
    Kind(name: "uniter") { try UNITERConfiguration($0).fitting($1) },
    Kind(name: "vilbert") { try ViLBERTConfiguration($0).fitting($1) },
  ]

  @Test(arguments: kinds) func labelsSurviveTheirJSON(_ kind: Kind) throws {
    let read = try kind.labelled(heads: 3)
    #expect(read.answers == ["yes", "no", "café"] && read.answerCount == 3 && read.flaw == nil)
    let again = try kind.described(String(decoding: read.json(), as: UTF8.self), heads: 3)
    #expect(again.isEqual(to: read))
    // Without a head they are kept, and nothing is answered.
    let headless = try kind.labelled(heads: nil)
    #expect(headless.labels?.count == 3 && headless.answers == nil && headless.flaw == nil)
  }

  @Test(arguments: kinds) func labelsOfAnotherHeadAreRefused(_ kind: Kind) throws {
    #expect(try kind.labelled(heads: 4).flaw == "id2label names 3 answers, and the head for them has 4")
  }

  /// Authors' own files name none; transformers names two where its file does not.
  @Test(arguments: kinds) func nobodyNamesTheAnswers(_ kind: Kind) throws {
    let read = try kind.described("{\"model_type\": \"\(kind.name)\"}", heads: 2)
    #expect(read.answers == (kind.name == "vilt" ? ["LABEL_0", "LABEL_1"] : nil))
    #expect(read.answerCount == 2 && read.flaw == nil)
  }
}
