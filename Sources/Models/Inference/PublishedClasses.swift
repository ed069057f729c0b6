internal import Audio
public import Batching
public import Collectives
internal import Models
internal import Pretrained
internal import TensorEngine

/// A model that says which of its published classes photos, or clips, are of.
public struct AskedClassifier {
  private let loaded: LoadedModel
  private let model: any PublishedClassifier
  private let classes: PublishedClasses
  private let top: Int

  /// Nil for a model that is no such.
  /// - Parameter top: classes that are told, at most as many as there are.
  public init?(_ loaded: LoadedModel, top: Int) {
    guard let model = loaded.model as? any PublishedClassifier, let classes = PublishedClasses(model) else {
      return nil
    }
    (self.loaded, self.model, self.classes, self.top) = (loaded, model, classes, top)
  }

  /// What is said of every photo, as it is done: to no query, in one place. The same on any number of ranks. Collective.
  /// - Parameter tell: is given some photos at a time, in their order.
  public func predict(
    _ photos: any PhotoCollection, _ settings: PhotoEncoding, _ communicator: any Communicator,
    tell: (PredictedPhotos) throws -> Void
  ) throws {
    let rows = try PhotoRows(loaded, photos, width: top * Told.numbers, settings, communicator)
    while let part = try rows.next(compute: { images, _, _ in numbers(images) }) {
      try tell(
        PredictedPhotos(
          places: part.places,
          predictions: (0..<part.features.count).map { [[Told.choices(part.features[$0], classes.name)]] },
          problems: part.problems, shortened: part.shortened, cutTexts: 0))
    }
  }

  private func numbers(_ images: ImageInput) -> [Float] {
    let tape = loaded.tape()
    let logits = model.classify(model.imageEncoder(published(images), .pooled, tape), tape)
    let values = logits.values()
    return stride(from: 0, to: values.count, by: logits.columns).flatMap {
      Told.likeliest(top, of: values[$0..<$0 + logits.columns], isExclusive: !classes.isSeveral)
    }
  }

  /// Clips as long as those that the head was fine-tuned on, which ended in silence: of its own frames alone a clip is another one.
  private func published(_ images: ImageInput) -> ImageInput {
    guard images.areClips, let clips = loaded.directory.clips else { return images }
    return ImageInput(.clips(images.clips.padded(to: clips.maximumFrames, with: clips.padding, loaded.engine)))
  }
}

/// What the classes of a model are called, and are to each other.
private struct PublishedClasses {
  private let names: [String]?
  let isSeveral: Bool

  init?(_ model: any Model) {
    guard let description = model.description as? any PublishedClassifierDescription else { return nil }
    (names, isSeveral) = (description.classes, description.isSeveral)
  }

  /// Those that nobody has named are called as transformers calls them.
  func name(_ number: Int) -> String { names?[number] ?? "LABEL_\(number)" }
}
