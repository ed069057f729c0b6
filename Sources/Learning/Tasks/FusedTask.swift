internal import Batching
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// The N samples of a split as a task sees them that looks at image and text of each together: a sample is a photo with its text, or a
/// question about one. What is said of any image with any text can then be asked in one way, whatever the task.
protocol FusedTask {
  /// The task's columns.
  var columns: ColumnSet { get }
  var reader: PooledReader { get }
  /// A
  var width: Int { get }
  /// [N], the place of each sample's photo in the split, ascending.
  var imageOfSample: [Int] { get }
  /// [N], as it is written; nil for a sample without.
  var words: [String?] { get }
  /// [N], samples of one are no independent evidence.
  var clusters: [Int] { get }
  /// [N], equal where the same is true.
  var kinds: [Int] { get }

  /// The texts of a chunk's samples, one each: some token where there is none.
  func texts(_ chunk: EvaluationChunk) -> PackedText
  func encoded(_ texts: PackedText, _ model: any Model, _ tape: Tape) -> Encoding?
  /// [number of samples, A]
  func logits(
    _ model: any Model, images: Encoding, texts: Encoding, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor
  /// The numbers of what logits [A] say of a sample.
  func said(_ logits: ArraySlice<Float>) -> [Int]
  /// How right that is of a sample, in percent; nil where nobody knows.
  func percent(_ said: [Int], of sample: Int) -> Double?
}

extension FusedTask {
  /// N
  var count: Int { imageOfSample.count }

  func judged(_ said: [[Int]]) -> JudgedSplit {
    JudgedSplit(said: said, percent: said.enumerated().map { percent($1, of: $0) })
  }
}

/// Photos with a text each, and classes.
struct FusedClasses: FusedTask {
  let head: ClassificationHead
  let words: [String?]
  let clusters: [Int]
  private let targets: [[Int]]

  init(_ head: ClassificationHead, _ dataSet: PreparedDataSet, split: String, clusters: [Int]) throws {
    let text = head.task.textInput
    let label = head.task.label ?? ""
    var (words, targets): ([String?], [[Int]]) = ([], [])
    for sample in try dataSet.samples(split: split) {
      let record = try dataSet.record(sample)
      let own = record.columns
      let written: String? = if case .text(let name) = text { own.texts[name] } else { record.captions.first }
      words.append(written)
      targets.append((own.labels[label] ?? []).compactMap { head.task.classes[$0] })
    }
    (self.head, self.words, self.targets, self.clusters) = (head, words, targets, clusters)
  }

  var columns: ColumnSet { head.task.columns }
  var reader: PooledReader { head.layers.reader }
  var width: Int { head.task.classes.count }
  var imageOfSample: [Int] { Array(words.indices) }
  /// Where several may be true, a set of them is a kind.
  var kinds: [Int] { numbered(targets) }

  func texts(_ chunk: EvaluationChunk) -> PackedText {
    let column = head.task.textInput
    let own: TextBatch? = if case .text(let name) = column { chunk.columns.texts[name] } else { chunk.columns.captions }
    guard let own else { preconditionFailure("a chunk without the texts that were asked for") }
    return SampleTexts(firstOf: own).packed
  }

  func encoded(_ texts: PackedText, _ model: any Model, _ tape: Tape) -> Encoding? {
    (model as? any TextModel)?.textEncoder(texts, reader.tokens, tape)
  }

  func logits(
    _ model: any Model, images: Encoding, texts: Encoding, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    head.layers(model, images: images, texts: texts, samples, tape)
  }

  func said(_ logits: ArraySlice<Float>) -> [Int] {
    ClassPredictions(
      classes: head.task.classes.names, logits: Array(logits), targets: [[]], clusters: [0],
      isSeveral: head.task.isSeveral
    ).said()[0]
  }

  func percent(_ said: [Int], of sample: Int) -> Double? {
    ClassPredictions.percent(said, targets: targets[sample], isSeveral: head.task.isSeveral)
  }
}

/// Questions about photos, and answers.
struct FusedQuestions: FusedTask {
  let head: AnsweringHead
  let clusters: [Int]
  private let asked: AskedQuestions

  /// - Parameter clusters: of each photo.
  init(_ head: AnsweringHead, _ asked: AskedQuestions, clusters: [Int]) {
    (self.head, self.asked) = (head, asked)
    self.clusters = asked.photoOfQuestion.map { clusters[$0] }
  }

  var columns: ColumnSet { head.task.columns }
  var reader: PooledReader { head.reader }
  var width: Int { head.task.answers.count }
  var imageOfSample: [Int] { asked.photoOfQuestion }
  var words: [String?] { asked.questions.map(\.text) }
  /// By what most annotators said.
  var kinds: [Int] { numbered(asked.questions.map { $0.usualAnswer ?? "" }) }

  func texts(_ chunk: EvaluationChunk) -> PackedText {
    guard let questions = chunk.columns.questions?.texts else { preconditionFailure("a chunk without questions") }
    return PackedText(questions)
  }

  func encoded(_ texts: PackedText, _ model: any Model, _ tape: Tape) -> Encoding? { head.encoded(texts, model, tape) }

  func logits(
    _ model: any Model, images: Encoding, texts: Encoding, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    head(model, images: images, texts: texts, samples, tape)
  }

  func said(_ logits: ArraySlice<Float>) -> [Int] { [likeliest(logits)] }

  func percent(_ said: [Int], of sample: Int) -> Double? {
    let answer = said.first.map { head.task.answers.names[$0] } ?? ""
    return AnswerAccuracy(asked.questions[sample].answers).map { 100 * $0(answer) }
  }
}

/// Equal numbers for what is equal, by the first of each.
func numbered<Kind: Hashable>(_ kinds: [Kind]) -> [Int] {
  let first = Dictionary(kinds.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  return kinds.map { first[$0] ?? 0 }
}
