internal import Batching
public import Reporting

/// What keeps a task from being learnt, measured or told.
public enum TaskError: ReportableError {
  /// The data have no label, or several and nobody says which is meant.
  case whichLabel(path: String, split: String, labels: [String])
  /// There is nothing to tell apart.
  case oneClass(path: String, split: String, column: String, name: String?)
  /// A sample with several classes, where one is asked for.
  case severalClasses(path: String, key: String, column: String, classes: [String])
  /// Classes of a split that the head does not know.
  case unknownClasses(path: String, split: String, column: String, classes: [String])
  /// Nobody has answered the questions of a split.
  case noAnswers(path: String, split: String)
  /// A list of answers that is none.
  case badAnswers(path: String, problem: String)
  /// A file of texts that say the same that is none.
  case badRewordings(path: String, problem: String)
  /// A model whose own head tells other answers than its task says.
  case otherAnswers(model: String, own: Int?, wanted: Int)
  /// A model of which a task can make nothing.
  case noReading(task: String, model: String)
  /// A model without a tower of clips, of which a task asks for one.
  case hearsNothing(task: String, model: String)
  /// A model in which a phrase meets no places of an image.
  case noPlaces(model: String)
  /// A model that writes nothing, or answers alone.
  case noDecoder(model: String)
  /// A model that does not write answers.
  case noAnswerDecoder(model: String)
  /// What only a list of answers with logits can be asked.
  case writtenAnswers(what: String)
  /// What captions begin with leaves no room for them.
  case longPrompt(words: String, tokens: Int, contextLength: Int)
  /// What captions begin with has no token.
  case emptyPrompt
  /// Captions without a token that could be foretold.
  case noTokens(path: String, split: String)
  /// A box that nothing can be in, or that nothing names.
  case emptyBox(path: String, key: String, phrase: String)
  /// What a model's task needs and the caller does not give.
  case missingInput(what: String)
  /// Samples without a photo, where each is shown with others'.
  case absentPhotos(path: String, split: String, lacking: Int, of: Int, what: String)
  /// Samples that are to be drawn by what they lack, and lack nothing.
  case nothingScarce(path: String, split: String, inputs: [String])
  /// Several answers may be partly right, so that no probability is one of being right.
  case sharedAnswers
  case tooManyClasses(path: String, column: String, count: Int, limit: Int)

  public var description: String {
    switch self {
    case .whichLabel(let path, let split, let labels):
      labels.isEmpty
        ? "\(printable(path)): the samples of \(printable(split)) have no label; prepare the data from a table with "
          + "--columns image=…,label:NAME=…"
        : "\(printable(path)): the samples of \(printable(split)) have several labels, \(Self.list(labels)); name one with "
          + "task.label"
    case .oneClass(let path, let split, let column, let name):
      "\(printable(path)): "
        + (name.map { "all samples of \(printable(split)) that have \(column) are of one class, \(printable($0))" }
          ?? "no sample of \(printable(split)) has \(column)")
        + ", so there is nothing to tell apart; prepare data with two classes at least"
    case .severalClasses(let path, let key, let column, let classes):
      "\(printable(path)): the sample \(printable(key)) has several classes of \(column), \(Self.list(classes)); set "
        + "task.several to true, or prepare the data with one class a sample"
    case .unknownClasses(let path, let split, let column, let classes):
      "\(printable(path)): samples of \(printable(split)) have classes of \(column) that never occur in training: "
        + "\(Self.list(classes)); leave these samples out, or train on data that have the classes"
    case .noAnswers(let path, let split):
      "\(printable(path)): nobody has answered the questions of \(printable(split)); prepare them with --annotations FILE"
    case .badAnswers(let path, let problem), .badRewordings(let path, let problem): "\(printable(path)): \(problem)"
    case .otherAnswers(let model, let own, let wanted):
      "this \(model) tells \(own.map { "\($0) answers" } ?? "no answers"), and the list beside it (\(TaskCatalogue.fileName)) has "
        + "\(wanted): it is another model's; copy the checkpoint again"
    case .noReading(let task, let model):
      "\(task) looks at images, at texts or at both, and \(model) does not read what is asked for; name another model"
    case .hearsNothing(let task, let model):
      "\(task) is to listen to clips (task.inputs), and this \(model) hears none; name a tower of clips (model.audio.encoder, or "
        + "initialize.audio), or leave audio out"
    case .noPlaces(let model):
      "grounding asks places of an image for what a phrase names, and in \(model) phrases meet none; name another model"
    case .noDecoder(let model):
      "captions are written by a decoder that looks at images, and \(model) has none; name a model with one (docs/tasks.md)"
    case .noAnswerDecoder(let model):
      "answers are written by a decoder that reads questions, and \(model) has none; name a model with one (docs/tasks.md), or set "
        + "task.answers to list"
    case .writtenAnswers(let what):
      "\(what), and this model writes its answers token by token; ask a model that was trained with task.answers: list"
    case .longPrompt(let words, let tokens, let contextLength):
      "task.prompt: \"\(printable(words, limit: 60))\" has \(tokens) tokens, and the model knows \(contextLength) places, of which the "
        + "tokens that open and close a caption and one word at least need 3; shorten it"
    case .emptyPrompt:
      "task.prompt: the model's tokenizer makes no token of it; write words, or leave the key out"
    case .noTokens(let path, let split):
      "\(printable(path)): the captions of \(printable(split)) hold no token that could be foretold; prepare data with captions"
    case .emptyBox(let path, let key, let phrase):
      "\(printable(path)): the sample \(printable(key)) has a box of no area or without words, \"\(printable(phrase, limit: 60))\"; "
        + "leave it out of the file of boxes and prepare the data again"
    case .missingInput(let what): what
    case .nothingScarce(let path, let split, let inputs):
      "task.sampling: all or none of the samples of \(printable(split)) in \(printable(path)) have \(Self.list(inputs)), so that nothing is "
        + "scarce; set it to uniform"
    case .absentPhotos(let path, let split, let lacking, let count, let what):
      "\(printable(path)): \(lacking) of \(count) samples of \(printable(split)) have no photo, and \(what) shows each with others' photos; "
        + "name a split in which all have one"
    case .sharedAnswers:
      "this model gives each answer a number by itself, as several are partly right by their shares of annotators, so there is no one "
        + "probability to make true; calibrate takes models of which one answer is right, and evaluate says how wrong the surest answers are"
    case .tooManyClasses(let path, let column, let count, let limit):
      "\(printable(path)): \(column) has \(count) classes, more than \(limit); is it a name or a number of each sample? "
        + "Name another one with task.label"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .whichLabel(_, _, let labels): labels.isEmpty ? .missingInput : .configuration
    case .noReading, .hearsNothing, .noPlaces, .nothingScarce, .sharedAnswers, .noDecoder, .noAnswerDecoder,
      .writtenAnswers,
      .longPrompt,
      .emptyPrompt:
      .configuration
    case .missingInput: .usage
    case .oneClass, .severalClasses, .unknownClasses, .noAnswers, .badAnswers, .badRewordings, .otherAnswers,
      .tooManyClasses, .noTokens,
      .emptyBox, .absentPhotos:
      .badData
    }
  }

  /// The first of them, and how many more there are.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(5).map { printable($0, limit: 60) }.joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }
}
