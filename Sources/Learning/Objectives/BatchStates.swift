internal import Collectives
public import Models
public import TensorEngine

/// What a model makes of a rank's part of a batch, each thing once, however many objectives look at it. Features meet those of
/// all ranks: what is asked for must not depend on the rank.
public final class BatchStates {
  public let batch: StepBatch
  let communicator: any Communicator
  public let model: any Model
  private let tokens: EncodedTokens
  private let tape: Tape

  /// - Parameter tokens: whose states the encodings hold.
  init(_ batch: StepBatch, _ model: any Model, tokens: EncodedTokens, _ communicator: any Communicator, _ tape: Tape) {
    (self.batch, self.model, self.tokens) = (batch, model, tokens)
    (self.communicator, self.tape) = (communicator, tape)
  }

  /// With features that are known already, of a batch that was computed in parts.
  convenience init(
    _ batch: StepBatch, _ model: any Model, images: Tensor, texts: Tensor, _ communicator: any Communicator,
    _ tape: Tape
  ) {
    self.init(batch, model, tokens: .pooled, communicator, tape)
    (imageFeatures, textFeatures) = (images, texts)
  }

  public private(set) lazy var images: Encoding = batch.encodedImages(
    (model as? any ImageModel).unwrapped, tokens, tape)
  public private(set) lazy var texts: Encoding = batch.encodedTexts((model as? any TextModel).unwrapped, tokens, tape)
  /// Of the clips that are heard beside images; nil where no sample of this rank's has one.
  public private(set) lazy var clips: Encoding? = batch.clips.flatMap { input in
    input.count == 0 ? nil : (model as? any ClipModel).unwrapped.clipEncoder(input, tokens, tape)
  }
  /// [b, D]
  public private(set) lazy var imageFeatures: Tensor = (model as? any FeatureModel).unwrapped.imageFeatures(
    images, tape)
  public private(set) lazy var textFeatures: Tensor = (model as? any FeatureModel).unwrapped.textFeatures(texts, tape)

  /// What the model makes of a modality; nil where no sample of this rank's has it.
  package func encoding(of modality: Modality) -> Encoding? {
    guard batch.places(of: modality).contains(where: { $0 != nil }) else { return nil }
    return switch modality {
    case .image: images
    case .text: texts
    case .audio: clips
    }
  }

  /// What a task's head looks at, where it was asked for before.
  package var inputs: ModalityInputs?
  var hidden: HiddenRegions?
  var meetings: Meetings?
  private var global: GlobalFeatures?
  private var known: Identities?

  /// Joint states whose backward pass is over go.
  func forgetMeetings() { (hidden, meetings) = (nil, nil) }

  /// Which pairs of the global batch show or say the same; collective when it is asked for first.
  func identities() throws -> Identities {
    if let known { return known }
    let gathered = Identities(
      photos: try gatherOverRanks(batch.photos, communicator, "photo identities"),
      captions: try gatherOverRanks(batch.captions, communicator, "caption identities"))
    known = gathered
    return gathered
  }

  /// The features of the global batch; collective when it is asked for first.
  func allFeatures() throws -> GlobalFeatures {
    if let global { return global }
    let (images, texts) = (imageFeatures, textFeatures)
    try tape.throwFailure()
    let gathered = try GlobalFeatures(images: images, texts: texts, batch.layout, communicator, tape)
    global = gathered
    return gathered
  }
}

extension Optional {
  /// For what an objective has asked of the model when it was made.
  fileprivate var unwrapped: Wrapped {
    guard let self else { preconditionFailure("the model has not what its objectives ask for") }
    return self
  }
}
