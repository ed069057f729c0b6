public import TensorEngine

/// Each modality by itself: what layers make of it that see nothing else.
extension PooledReader {
  /// W of a vector of a modality.
  public func width(apart modality: Modality, of model: any Model) -> Int {
    if let joint = model as? any JointModel, joint.hasLayersApart { return joint.pooledWidth }
    guard modality != .text else { return towers(of: model).textEncoder.width }
    return encoder(of: modality, model).width
  }

  /// What stands for a modality of each sample that has it [n, W], and which samples these are; nil where none has.
  public func vectors(
    apart modality: Modality, _ model: any Model, _ inputs: ModalityInputs, _ tape: Tape
  ) -> (vectors: Tensor, samples: [Int])? {
    let places = inputs.places(of: modality)
    let samples = places.indices.filter { places[$0] != nil }
    guard let encoding = inputs.encoding(of: modality), !samples.isEmpty else { return nil }
    let all = pooled(modality, encoding, model, tape)
    let used = samples.compactMap { places[$0] }
    return (used.elementsEqual(0..<all.rows) ? all : tape.gatherRows(all, used), samples)
  }

  private func pooled(_ modality: Modality, _ encoding: Encoding, _ model: any Model, _ tape: Tape) -> Tensor {
    let joint = (model as? any JointModel).flatMap { $0.hasLayersApart ? $0 : nil }
    guard modality != .text else {
      return joint.map { $0.apart(texts: encoding, tape).pooled(tape) }
        ?? towers(of: model).textEncoder.pooled(encoding, tape)
    }
    return joint.map { $0.apart(images: encoding, tape).pooled(tape) }
      ?? encoder(of: modality, model).pooled(encoding, tape)
  }

  private func towers(of model: any Model) -> any ImageModel & TextModel {
    guard let towers = model as? any ImageModel & TextModel else { preconditionFailure("another model's reader") }
    return towers
  }

  /// What makes states of images, or of clips beside them.
  private func encoder(of modality: Modality, _ model: any Model) -> any ImageEncoder {
    let towers = towers(of: model)
    guard modality != model.description.images.modality, let hearing = model as? any ClipModel else {
      return towers.imageEncoder
    }
    return hearing.clipEncoder
  }

  // MARK: What adds up

  /// Whether what stands for a sample is a sum of what each modality adds.
  public func addsModalities(of model: any Model) -> Bool {
    isJoint ? (model as? any AddingModel)?.addsModalities == true : true
  }

  /// What would stand for samples of which a modality has these vectors and all others have zeros [n, width]; a sum's part of that modality, and
  /// of what is there anyway.
  /// - Parameter modality: nil for zeros in the place of all.
  public func part(
    of modality: Modality?, _ vectors: Tensor, _ model: any Model, _ tape: Tape
  ) -> Tensor {
    let all = isJoint ? [model.description.images.modality, .text] : modalities
    let parts = all.map { own in
      own == modality ? vectors : tape.engine.zeros([vectors.rows, width(apart: own, of: model)])
    }
    if let adding = model as? any AddingModel { return adding.pooled(apart: parts, tape) }
    return parts.dropFirst().reduce(parts[0]) { tape.concatenateColumns($0, $1) }
  }
}

/// A model whose join may be a map that adds up what it is given of each modality.
public protocol AddingModel: JointModel {
  var addsModalities: Bool { get }
  /// What stands for pairs by what stands for each modality alone, in the order of `Modality.allCases` [N, W].
  func pooled(apart vectors: [Tensor], _ tape: Tape) -> Tensor
}
