public import Batching
public import Reporting

/// What can go wrong with what a model is asked to look at.
public enum InferenceError: ReportableError {
  /// A model that has no features of images and texts in one space.
  case noFeatures(path: String, model: String)
  /// A model that reads regions, and photos that have none.
  case readsRegions(path: String, model: String)
  /// A model with no task that says anything of clips.
  case asksNothingOfClips(path: String, model: String)
  /// A model without a task of ours, and photos and clips together.
  case looksAtOne(path: String, model: String)
  /// A model that sees photos, and clips.
  case hearsNoClips(path: String, model: String)
  /// A model that hears clips, and photos.
  case hearsClips(path: String, model: String)
  /// A model that reads regions, and no regions beside a photo; and another one, and regions.
  case needsRegions(path: String, model: String)
  case needsNoRegions(path: String, model: String)
  /// Regions of a photo that a model does not read.
  case badRegions(name: String, reason: String)
  /// A model that has neither these nor a head that says whether image and text belong together.
  case noMatches(path: String, model: String)
  /// A model without a head for answers, or one whose head knows so many that nobody names.
  case noAnswers(path: String, model: String, unnamed: Int?)
  /// A model without a decoder, or one whose decoder wants a question.
  case writesNothing(model: String)
  /// A model without a head for hidden words.
  case noMaskedWords(path: String, model: String)
  /// A text that hides no word, or hides it behind the last token that the model reads.
  case noMask(text: String, contextLength: Int)
  case badPhoto(name: String, problem: any ReportableError)
  case noSoundPhoto(first: PhotoProblem?, kind: MediaKind)
  /// A line that is no UTF-8, holds a NUL byte or is too long; counted from 1.
  case notText(path: String, line: Int)
  case noTexts(path: String)
  /// A text in which the tokenizer finds no word.
  case noWords(text: String)
  case badFeatureFile(path: String, problem: String)
  /// Features that nobody could search: they come of weights that are NaN or infinite.
  case notFiniteFeatures(path: String, table: String)
  /// Features of another model than those of the query.
  case otherModel(index: String, madeWith: ModelStamp, query: ModelStamp)
  /// An index without photos or clips.
  case noImages(path: String)
  case photoWithoutClass(path: String, photo: String)
  case badClasses(path: String, problem: String)
  case noLabels(path: String)

  public var description: String {
    switch self {
    case .noFeatures(let path, let model):
      "\(printable(path)): \(model) has no features of images and texts in one space; name a model that has some"
    case .readsRegions(let path, let model):
      "\(printable(path)): this \(model) reads regions that another network has described, and photos alone have none; "
        + "measure it on a prepared set that has them with `mmtrain evaluate`, or name a model that reads photos"
    case .asksNothingOfClips(let path, let model):
      "\(printable(path)): no task beside this \(model) says what is told of clips; train one that does (task.name=classification), or find "
        + "clips by words with embed and search (docs/audio.md)"
    case .looksAtOne(let path, let model):
      "\(printable(path)): no task beside this \(model) says what is told of photos and clips together; train one that does "
        + "(task.inputs: [image, audio]), name one of both, or compare them with embed and search (docs/inference.md)"
    case .hearsNoClips(let path, let model):
      "\(printable(path)): this \(model) sees photos, and hears no clips; name photos (--image), or a model that hears clips"
    case .hearsClips(let path, let model):
      "\(printable(path)): this \(model) hears clips, and no photos; name sound files (--audio), or a model that reads photos"
    case .needsRegions(let path, let model):
      "\(printable(path)): this \(model) reads regions that another network has described; name a file that has those of the photo "
        + "(--regions)"
    case .needsNoRegions(let path, let model):
      "\(printable(path)): this \(model) reads photos, and regions mean nothing to it; leave them out"
    case .badRegions(let name, let reason): "\(printable(name)): \(printable(reason, limit: 400))"
    case .noMatches(let path, let model):
      "\(printable(path)): this \(model) has no head that says whether image and text belong together; name a model that has one"
    case .noAnswers(let path, let model, nil):
      "\(printable(path)): this \(model) has no head that answers questions; name a model that was trained to answer"
    case .noAnswers(let path, let model, let count?):
      "\(printable(path)): the head of this \(model) knows \(count) answers, and its config.json does not name them "
        + "(id2label); add their names in the order in which it was trained"
    case .writesNothing(let model):
      "\(model) writes no captions; name a model that does (docs/tasks.md)"
    case .noMaskedWords(let path, let model):
      "\(printable(path)): this \(model) has no head that tells hidden words; name a model that has one"
    case .noMask(let text, let contextLength):
      "\"\(printable(text))\" hides no word among the \(contextLength) tokens that the model reads; write [MASK] in its place"
    case .badPhoto(let name, let problem):
      "\(problem)".hasPrefix(printable(name)) ? "\(problem)" : "\(printable(name)): \(problem)"
    case .noSoundPhoto(let first, let kind):
      "no \(kind.word) could be read" + (first.map { "; the first: \(printable($0.name)): \($0.reason)" } ?? "")
    case .notText(let path, let line):
      "\(printable(path)):\(line): no line of UTF-8 text, or one of more than 64 KiB; save the file as UTF-8 with one text a line"
    case .noTexts(let path):
      "\(printable(path)): no text in it; write one text a line"
    case .noWords(let text):
      "the text \"\(printable(text))\" has no word that the model's tokenizer knows; write one"
    case .badFeatureFile(let path, let problem):
      "\(printable(path)): \(printable(problem)); make it with `mmtrain search index` or `mmtrain embed`"
    case .notFiniteFeatures(let path, let table):
      "\(printable(path)) is not written: the \(table) are NaN or infinite, as the model's weights are; take another model"
    case .otherModel(let index, let madeWith, let query):
      "\(printable(index)) was made with \(printable(madeWith.name)) (\(printable(madeWith.fingerprint.prefix(12)))), "
        + "\(printable(query.name)) is another model (\(query.fingerprint.prefix(12))); ask with the index's model, or "
        + "make the index anew"
    case .noImages(let path):
      "\(printable(path)) has no features of photos or clips; make an index with `mmtrain search index`"
    case .photoWithoutClass(let path, let photo):
      "\(printable(path)): the photo \(printable(photo)) is in no folder of its class; put the photos of each class into a "
        + "folder named after it"
    case .badClasses(let path, let problem):
      "\(printable(path)): \(printable(problem, limit: 500))"
    case .noLabels(let path):
      "\(printable(path)): its records have no class of one label, so nobody knows the classes of its photos; prepare it "
        + "from a table with --columns image=…,label:NAME=…, or name a folder or a zip with a folder a class"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .badPhoto(_, let problem): problem.exitCode
    case .noMask, .noSoundPhoto, .notText, .noTexts, .noWords, .badFeatureFile, .notFiniteFeatures, .photoWithoutClass,
      .badClasses, .noLabels, .badRegions:
      .badData
    case .otherModel, .noImages: .missingInput
    case .noFeatures, .noMatches, .readsRegions, .asksNothingOfClips, .looksAtOne, .hearsClips, .hearsNoClips,
      .needsRegions,
      .needsNoRegions, .noAnswers,
      .noMaskedWords,
      .writesNothing:
      .configuration
    }
  }
}
