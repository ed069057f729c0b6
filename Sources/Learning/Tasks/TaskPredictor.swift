public import Evaluation
public import Models
public import Reporting
public import TensorEngine

/// Tells of new examples what a task's head says of them: of each a row of numbers, which may come from another rank, and what they mean.
public protocol TaskPredictor {
  /// What an example is made of, in the order of `Modality.allCases`.
  var inputs: [Modality] { get }
  /// Those of them that an example may lack, beside another.
  var lacking: [Modality] { get }
  /// Which states encoders must make.
  var tokens: EncodedTokens { get }
  /// Numbers of an example.
  var width: Int { get }

  /// The classes that the numbers are the logits of, where they are such; nil where a calibration of classes says nothing of them.
  var classes: [String]? { get }
  /// Where the numbers are logits whose probabilities have a mean over models: whether one thing is true, and not each by itself. Nil
  /// where they are no such.
  var isExclusive: Bool? { get }
  /// What a text is called that is put to an image.
  var textName: String { get }
  /// What the model's text encoder makes of texts.
  func encoded(_ texts: PackedText, _ model: any Model, _ tape: Tape) -> Encoding?

  /// [number of samples, width]
  func numbers(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor

  /// The same of a model that may hear clips beside images.
  func numbers(
    _ model: any Model, _ encodings: ModalityEncodings, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor

  /// - Parameter top: choices that are told, at most as many as there are.
  func prediction(_ numbers: ArraySlice<Float>, top: Int) -> TaskPrediction
}

extension TaskPredictor {
  public var classes: [String]? { nil }
  public var lacking: [Modality] { [] }
  public var isExclusive: Bool? { nil }
  public var textName: String { "text" }
  public func numbers(
    _ model: any Model, _ encodings: ModalityEncodings, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    numbers(model, images: encodings.images, texts: encodings.texts, samples, tape)
  }
  public func encoded(_ texts: PackedText, _ model: any Model, _ tape: Tape) -> Encoding? {
    (model as? any TextModel)?.textEncoder(texts, tokens, tape)
  }
}

/// What is told of an example.
public struct TaskPrediction: Sendable {
  /// For programs.
  public var members: [(String, OrderedJSON)]
  /// For people, a line each.
  public var lines: [String]
  /// For a page: the likeliest first, in each place where something is told.
  public var bars: [[(text: String, probability: Double)]] = []
  /// For a page: where it is in the image.
  public var box: Box?
  /// Where a model has written it.
  public var written: ToldText?

  public init(members: [(String, OrderedJSON)], lines: [String]) { (self.members, self.lines) = (members, lines) }
}
