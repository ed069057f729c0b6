internal import Batching
internal import Layers
public import Models
internal import Objectives
public import Tokenization

// Answers that a decoder writes, or ranks.

extension AnsweringTask {
  static func formFlaw(_ settings: TaskSettings) -> TaskFlaw? {
    switch settings.answerForm {
    case .list:
      settings.smoothing == 0
        ? nil
        : TaskFlaw(
          "task.smoothing", "answers of a list have targets of their own; leave it at 0, or set task.answers to open")
    case .open where settings.answersFile != nil:
      TaskFlaw("task.answers.file", "open answers come from no list; set task.answers to ranked, or leave the file out")
    case .open, .ranked:
      settings.blind == nil
        ? nil : TaskFlaw("task.blind", "a decoder of answers looks at both; set task.answers to list, or leave it out")
    }
  }

  public func fitted(to tokenizer: any Tokenizer, on model: any ModelDescription) throws -> AnsweringTask {
    var fitted = self
    fitted.tokenizer = tokenizer
    return fitted
  }

  /// The task of a model that was published to write answers: it writes them, or ranks those of a file.
  static func publishedToWrite(_ description: any ModelDescription, answersFile: String?) throws -> AnsweringTask? {
    guard description.make(ParameterBuilder()) is any AnswerGenerator else { return nil }
    var settings = TaskSettings(name: name)
    settings.answerForm = .open
    let open = AnsweringTask(settings)
    return try answersFile.map { try open.ranking(thoseOf: $0) } ?? open
  }

  public func choosing(amongThoseOf file: String) throws -> AnsweringTask? {
    form == .list ? nil : try ranking(thoseOf: file)
  }

  private func ranking(thoseOf file: String) throws -> AnsweringTask {
    var settings = TaskSettings(name: Self.name)
    settings.answerForm = .ranked
    var task = AnsweringTask(settings)
    (task.answers, task.majority) = (ClassList(try AnswerChoice.read(file)), majority)
    return task
  }
}

/// What a task knows of the decoder that tells its answers: it puts no layers on the model.
final class AnswerWritingHead: TaskHead {
  let task: AnsweringTask
  let decoder: TextDecoder

  /// - Throws: `TaskError` for a model that does not write answers.
  init(_ task: AnsweringTask, _ model: any Model) throws {
    guard let model = model as? any AnswerGenerator else {
      throw TaskError.noAnswerDecoder(model: model.description.name)
    }
    (self.task, decoder) = (task, model.decoder)
  }
}
