internal import Files
internal import Models
internal import Reporting

/// Which answers are told: those of a file, those of the model's own head, or the most frequent ones of the data.
struct AnswerChoice {
  let answers: [String]
  /// In words.
  let origin: String

  /// - Parameters:
  ///   - file: one answer a line; nil where nobody names one.
  ///   - own: what the model's own head tells; nil for a model without, or where nobody has named its answers.
  init(file: String?, most: Int, _ own: [String]?, _ asked: AskedQuestions) throws {
    if let file {
      (answers, origin) = (try Self.read(file), "those of \(printable(file))")
    } else if let own {
      (answers, origin) = (own, "those of the model")
    } else {
      let all = asked.frequencies
      answers = all.prefix(most).map(\.answer)
      origin = all.count > most ? "the most frequent of \(all.count) in the data" : "all of the data"
    }
  }

  /// Whether a model's own head tells the very same.
  func isTold(by model: any AnsweringModel) -> Bool {
    guard model.answerCount == answers.count else { return false }
    return model.answers.map { $0 == answers } ?? true
  }

  /// Those of a file, one a line.
  static func read(_ path: String) throws -> [String] {
    let lines = String(decoding: try readFile(path, limit: 64 << 20), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map { $0.hasSuffix("\r") ? $0.dropLast() : $0 }
    let answers = (lines.last?.isEmpty == true ? lines.dropLast() : lines).map { String($0) }
    guard Set(answers).count == answers.count else {
      throw TaskError.badAnswers(path: path, problem: "it names an answer twice; write each once")
    }
    guard (2...ClassList.limit).contains(answers.count) else {
      throw TaskError.badAnswers(
        path: path, problem: "it names \(answers.count) answers; write one a line, two at least")
    }
    return answers
  }
}
