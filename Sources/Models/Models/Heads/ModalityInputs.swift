/// What a task's head looks at, of all modalities.
public struct ModalityInputs {
  public let encodings: ModalityEncodings
  public let samples: [PooledReader.Sample]
  /// Of what the model's images are: of sounds, where it hears clips in the place of photos.
  private let imageModality: Modality

  public init(_ encodings: ModalityEncodings, _ samples: [PooledReader.Sample], of model: any ModelDescription) {
    (self.encodings, self.samples, imageModality) = (encodings, samples, model.images.modality)
  }

  private init(_ other: ModalityInputs, _ samples: [PooledReader.Sample]) {
    (encodings, self.samples, imageModality) = (other.encodings, samples, other.imageModality)
  }

  /// The place of each sample's among those that are encoded; nil where it has none.
  public func places(of modality: Modality) -> [Int?] {
    if modality == imageModality { return samples.map(\.image) }
    return modality == .text ? samples.map(\.text) : samples.map(\.clip)
  }

  func encoding(of modality: Modality) -> Encoding? {
    modality == imageModality ? encodings.images : encodings[modality]
  }

  /// The same where some samples lack what is hidden from them.
  /// - Parameter hidden: of each sample, of each of the modalities.
  public func hiding(_ hidden: [[Bool]], of modalities: [Modality]) -> ModalityInputs {
    return ModalityInputs(
      self,
      zip(samples, hidden).map { sample, hidden in
        func place(_ modality: Modality, _ own: Int?) -> Int? {
          modalities.firstIndex(of: modality).map { hidden[$0] } == true ? nil : own
        }
        var seen = PooledReader.Sample(
          image: place(imageModality, sample.image), text: place(.text, sample.text), clip: place(.audio, sample.clip))
        seen.name = sample.name
        return seen
      })
  }
}
