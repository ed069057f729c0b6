internal import Glibc
public import Layers
public import TensorEngine

/// A network whose parameters are handed out. What it can do, the protocols below say; objectives, tasks and commands ask
/// for one of them, and never for a model.
public protocol Model: AnyObject {
  var description: any ModelDescription { get }
}

/// Makes token states of images.
public protocol ImageEncoder {
  /// W: of its states, and of what stands for an image.
  var width: Int { get }
  /// - Parameter images: as the model's description says that it reads them.
  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding
  /// What stands for each image [B, W]: its pooled state, or what a pooler makes of that.
  func pooled(_ images: Encoding, _ tape: Tape) -> Tensor
  /// Whether it drops a part of its states while it is trained, another one of each image by its place among them.
  var dropsStates: Bool { get }
  /// Whether it takes pictures of any size, of which a part may be margin.
  var readsExtents: Bool { get }
  /// What part of its image each of these tokens stands for, image after image; nil where tokens are no places of one.
  func boxes(of images: ImageInput) -> [[Box]]?
  /// Whose tokens are places: its own, or those that they are made of.
  var placeTokens: TokenStream { get }
}

extension ImageEncoder {
  public var readsExtents: Bool { false }
  public var dropsStates: Bool { false }
  public func boxes(of images: ImageInput) -> [[Box]]? { nil }
  public var placeTokens: TokenStream { Modality.image.stream }

  public func pooled(_ images: Encoding, _ tape: Tape) -> Tensor { images.pooled(tape) }
}

/// Makes token states of pictures, all of which it looks at: margins are not known to it, and hidden places are blank before it
/// sees them.
public protocol PictureEncoder: ImageEncoder {
  /// What its tokens stand for; nil where they are no places of a picture.
  var places: TokenGrid? { get }
  /// - Parameter pixels: normalized as the model's preprocessing says [B, 3, S, S].
  func callAsFunction(_ pixels: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding
}

extension PictureEncoder {
  public var places: TokenGrid? { nil }
  public func boxes(of images: ImageInput) -> [[Box]]? { places?.boxes(of: images) }

  public func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    self(images.visiblePixels(in: places, tape.engine), tokens, tape)
  }
}

/// An image encoder of layers that read embedded tokens.
public protocol EmbeddingEncoder: ImageEncoder {
  /// What its first layer reads, a segment an image.
  func embedded(_ images: ImageInput, _ tape: Tape) -> Encoding
}

/// An encoder whose norms become part of its convolutions, once its weights do not change any more.
public protocol FoldableEncoder: ImageEncoder {
  /// The same encoder without norms: the same numbers up to rounding, with the statistics that its norms keep.
  /// - Parameter builder: hands out the parameters of the folded one. Those that are called as this one's get the same numbers;
  ///   `fill` gives the others theirs, and is to be called once they are laid out.
  func folded(_ builder: ParameterBuilder) -> (encoder: any FoldableEncoder, fill: () -> Void)
}

/// Makes token states of texts.
public protocol TextEncoder {
  /// W: of its states, and of what stands for a text.
  var width: Int { get }
  /// The table that a head may read backwards [V, W].
  var tokenEmbedding: Parameter { get }
  /// - Parameter texts: packed; an encoder that reads padding adds it itself.
  func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding
  /// What stands for each text [B, W]: its pooled state, or what a pooler makes of that.
  func pooled(_ texts: Encoding, _ tape: Tape) -> Tensor
  /// Tokens of its own that it puts behind each text's first one.
  var insertedTokens: Int { get }
}

extension TextEncoder {
  public var width: Int { tokenEmbedding.shape[1] }
  public var insertedTokens: Int { 0 }
  public func pooled(_ texts: Encoding, _ tape: Tape) -> Tensor { texts.pooled(tape) }
}

public protocol ImageModel: Model {
  var imageEncoder: any ImageEncoder { get }
}

public protocol TextModel: Model {
  var textEncoder: any TextEncoder { get }
}

/// Has features of all that it sees, hears and reads in one space.
public protocol SharedSpaceModel: ImageModel, TextModel {
  /// Of photos, or of clips, as these are; of length one [B, D].
  func features(images: ImageInput, _ tape: Tape) -> Tensor
  /// [B, D]
  func features(texts: PackedText, _ tape: Tape) -> Tensor
  /// The logarithm of the inverse temperature of texts beside photos, or beside clips; a scalar.
  func logitScale(ofTextsBeside modality: Modality) -> Parameter
  /// What is added to all logits, a scalar; nil for most.
  var logitBias: Parameter? { get }
}

/// Has features of images and texts in one space.
public protocol FeatureModel: SharedSpaceModel {
  /// The logarithm of the inverse temperature, a scalar.
  var logitScale: Parameter { get }
  /// What the sigmoid loss adds to all logits, a scalar; nil where the model has none.
  var logitBias: Parameter? { get }

  /// What standardises the pooled features of a tower before they are projected; none for most.
  var standardizations: [Modality: Standardization] { get }

  /// The projected pooled states, of length one [B, D].
  func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor
  func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor
}

extension FeatureModel {
  public var standardizations: [Modality: Standardization] { [:] }
  public func logitScale(ofTextsBeside modality: Modality) -> Parameter { logitScale }

  /// What logits are multiplied by: exp of the learned scale.
  public var logitFactor: Double { exp(Double(logitScale.tensor.value)) }

  /// → [B, D]
  public func features(images: ImageInput, _ tape: Tape) -> Tensor {
    imageFeatures(imageEncoder(images, .pooled, tape), tape)
  }

  /// → [B, D]
  public func features(texts: PackedText, _ tape: Tape) -> Tensor {
    textFeatures(textEncoder(texts, .pooled, tape), tape)
  }
}

/// Lets images and texts meet, pair by pair. Its encoders may make no more than embedded tokens, and leave all else to the join;
/// features of image and text apart it has only where it is a `FeatureModel` too.
public protocol JointModel: ImageModel, TextModel {
  /// - Parameters:
  ///   - images: with the states of all tokens, and likewise `texts`.
  ///   - pairs: which of them meet.
  func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates
  /// Whether layers of the join see images or texts alone before any lets them meet.
  var hasLayersApart: Bool { get }
  /// What these make of images, and of texts, so that it need not be made for each of many pairs anew; and a join of that.
  func apart(images: Encoding, _ tape: Tape) -> Encoding
  func apart(texts: Encoding, _ tape: Tape) -> Encoding
  func meet(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates
  /// What stands for each pair [number of pairs, W].
  func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor
  /// W of that.
  var pooledWidth: Int { get }
  /// W of the states of image tokens behind the join.
  var jointImageWidth: Int { get }
}

extension JointModel {
  public var jointImageWidth: Int { pooledWidth }
}

extension JointModel {
  public var hasLayersApart: Bool { false }
  public func apart(images: Encoding, _ tape: Tape) -> Encoding { images }
  public func apart(texts: Encoding, _ tape: Tape) -> Encoding { texts }

  public func meet(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    join(images, texts, pairs, tape)
  }
}

/// Says whether image and text of a pair belong together.
public protocol MatchingModel: JointModel {
  /// Whether it has the head for it, which the description of some models leaves out.
  var hasMatchingHead: Bool { get }
  /// Logits [number of pairs, 2]; index 1 says that they belong together.
  func match(_ joint: JointStates, _ tape: Tape) -> Tensor
  /// The index that says so in what the model's authors publish.
  var publishedMatchIndex: Int { get }
}

extension MatchingModel {
  public var publishedMatchIndex: Int { 1 }
}

extension MatchingModel {
  public var hasMatchingHead: Bool { true }
}

extension Model {
  /// As a model that says whether image and text belong together; nil where it has no head for it.
  public var matching: (any MatchingModel)? {
    (self as? any MatchingModel).flatMap { $0.hasMatchingHead ? $0 : nil }
  }
}

/// A joint model that is one transformer over the tokens of text and image together.
public protocol SingleStreamModel: JointModel {
  /// The tokens of pairs as they enter the first layer.
  func embed(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> PackedPairs
  /// What the layers make of all tokens, row by row.
  func states(_ tokens: PackedPairs, _ tape: Tape) -> Tensor
}

extension SingleStreamModel {
  public func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let tokens = embed(images, texts, pairs, tape)
    return tokens.joint(states(tokens, tape), tape)
  }
}

/// Says which word stood in the place of a masked one.
public protocol MaskedTextModel: JointModel {
  /// Nil where the description asks for none.
  var maskedTextHead: MaskedTextHead? { get }
}

/// Answers questions about images.
public protocol AnsweringModel: JointModel {
  /// What its answers are called, in the order of the logits; nil where it has no head for them, or nobody says what they mean.
  var answers: [String]? { get }
  /// How many it tells apart; nil where it has no head for them.
  var answerCount: Int? { get }
  /// A logit of each answer [number of pairs, A], each of which is right or wrong by itself: its sigmoid is the probability.
  func answer(_ joint: JointStates, _ tape: Tape) -> Tensor
  /// The states of all tokens of questions, as its head for answers was trained to read them.
  func read(questions: PackedText, _ tape: Tape) -> Encoding
}

extension AnsweringModel {
  public func read(questions: PackedText, _ tape: Tape) -> Encoding { textEncoder(questions, .all, tape) }
}

/// Lets two streams meet, which are pooled apart before they become one.
public protocol TwoStreamModel: JointModel {
  /// What stands for the text of each pair, and for its image [number of pairs, W].
  func pooledStreams(_ joint: JointStates, _ tape: Tape) -> (text: Tensor, image: Tensor)
}

/// Embeds tokens before its first layers read them.
public protocol EmbeddingModel: JointModel {
  func embeddings(of images: ImageInput, _ tape: Tape) -> Encoding
  func embeddings(of texts: PackedText, _ tape: Tape) -> Encoding
}

/// Puts a token of a task beside the words of a text.
public protocol TaskTokenModel: TextModel {
  /// How many tasks have one; nil for weights without them.
  var taskTokens: Int? { get }
  /// The states of all tokens.
  /// - Parameter tasks: of each text.
  func encode(_ texts: PackedText, tasks: [Int], _ tape: Tape) -> Encoding
}

/// Computes faster in another form, once its weights do not change any more.
public protocol FoldableModel: Model {
  /// The same model with its branches and norms folded: the same numbers up to rounding, with the statistics that its norms
  /// keep. Nil where it has no other form.
  /// - Parameter builder: hands out the folded one's parameters. Those that are called as this model's and have their shapes
  ///   get the same numbers; `fill` then gives the folded ones theirs.
  func folded(_ builder: ParameterBuilder) -> (model: any FoldableModel, fill: () -> Void)?
  /// Keeps weights a second time as kernels read them. To be called once they are loaded, if they do not change any more.
  func prepareForInference(_ engine: Engine)
}

extension FoldableModel {
  public func prepareForInference(_ engine: Engine) {}
}

extension Model {
  /// As it infers fastest, with an arena of its own, in which nothing is learnt; this model and `arena` where that is no other form.
  public func fastest(_ arena: ParameterArena) -> (model: any Model, arena: ParameterArena) {
    let builder = ParameterBuilder()
    guard let folded = (self as? any FoldableModel)?.folded(builder) else { return (self, arena) }
    let other = ParameterArena(builder) { _ in true }
    let names = Dictionary(uniqueKeysWithValues: arena.slices.map { ($0.name, $0) })
    for slice in other.slices {
      guard let source = names[slice.name], source.shape == slice.shape else { continue }
      _ = other.weights(of: slice).update(from: arena.weights(of: source))
    }
    folded.fill()
    return (folded.model, other)
  }
}
