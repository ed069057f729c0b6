public import Batching
public import Collectives
internal import Foundation
internal import Models
internal import Pretrained
internal import TensorEngine

/// Photos with what a model says of them.
public struct PredictedPhotos: Sendable {
  /// The place in the collection of each photo that was looked at.
  public let places: [Int]
  /// What the model says of a photo to each query: in each place the likeliest first.
  public let predictions: [[[[Choice]]]]
  public let problems: [PhotoProblem]
  /// The names of those whose beginning alone counts: animated pictures, of which the first frame does, and clips longer than is heard.
  public let shortened: [String]
  /// Queries that are longer than the model reads, and were cut.
  public let cutTexts: Int
}

extension LoadedModel {
  /// Asks everything of every photo. The same on any number of ranks. Collective.
  /// - Parameter top: choices that are told of each place, at most as many as there are.
  /// - Throws: what `PhotoRows` throws of photos, and `AskedModel` of queries.
  public func predict(
    _ photos: any PhotoCollection, _ queries: [Query], top: Int, _ settings: PhotoEncoding = PhotoEncoding(),
    _ communicator: any Communicator = SoloCommunicator()
  ) throws -> PredictedPhotos {
    let asked = try AskedModel(self, queries, top: top)
    var parts: [PredictedPhotos] = []
    try asked.predict(photos, settings, communicator) { parts.append($0) }
    return PredictedPhotos(
      places: parts.flatMap(\.places), predictions: parts.flatMap(\.predictions), problems: parts.flatMap(\.problems),
      shortened: parts.flatMap(\.shortened), cutTexts: asked.cutTexts)
  }

  /// Texts that are longer than the model reads, and are cut.
  public func cutTexts(_ texts: [String]) -> Int {
    DifferentTexts(texts, directory.tokenizer, contextLength: contextLength).cutTexts
  }
}

/// A model with what its heads are asked.
public struct AskedModel {
  private let loaded: LoadedModel
  private let model: any JointModel
  private let readers: [QueryReader]
  private let read: [Encoding]
  private let top: Int
  /// Queries that are longer than the model reads, and were cut.
  public let cutTexts: Int

  /// - Parameter top: choices that are told of each place, at most as many as there are.
  /// - Throws: `InferenceError.noAnswers`, `.noMaskedWords` and `.noMask` for what cannot be asked.
  public init(_ loaded: LoadedModel, _ queries: [Query], top: Int) throws {
    let texts = DifferentTexts(queries.map(\.text), loaded.directory.tokenizer, contextLength: loaded.contextLength)
    let readers = try queries.indices.map { try loaded.reader(of: queries[$0], texts.ids(of: $0)) }
    guard let model = loaded.model as? any JointModel else {
      preconditionFailure("a head on joint states without a join")
    }
    read = queries.indices.map { readers[$0].read(PackedText([texts.ids(of: $0)]), loaded.tape()) }
    (self.loaded, self.model, self.readers, self.top) = (loaded, model, readers, top)
    cutTexts = texts.cutTexts
  }

  /// What is said of every photo, as it is done. The same on any number of ranks. Collective.
  /// - Parameter tell: is given some photos at a time, in their order.
  public func predict(
    _ photos: any PhotoCollection, _ settings: PhotoEncoding, _ communicator: any Communicator,
    tell: (PredictedPhotos) throws -> Void
  ) throws {
    let width = readers.reduce(0) { $0 + $1.places } * top * Told.numbers
    let rows = try PhotoRows(loaded, photos, width: width, settings, communicator)
    while let part = try rows.next(compute: { images, _, _ in numbers(images) }) {
      try tell(
        PredictedPhotos(
          places: part.places,
          predictions: (0..<part.features.count).map { choices(Array(part.features[$0])) },
          problems: part.problems, shortened: part.shortened, cutTexts: cutTexts))
    }
  }

  private func numbers(_ images: ImageInput) -> [Float] {
    let seen = model.imageEncoder(images, .all, loaded.tape())
    let tellings = readers.indices.map { query in
      let pairs = (0..<seen.count).map { ImageTextPair(image: $0, text: 0) }
      return told(readers[query], pairs, seen, read[query])
    }
    return (0..<seen.count).flatMap { image in tellings.flatMap { $0[image] } }
  }

  /// Of each photo what is said to one query, as numbers that go over ranks.
  private func told(_ reader: QueryReader, _ pairs: [ImageTextPair], _ images: Encoding, _ texts: Encoding) -> [[Float]]
  {
    let tape = loaded.tape()
    let joint = model.join(images, texts, pairs, tape)
    let logits = reader.logits(joint, pairs.indices, tape)
    let rows = logits.values()
    return pairs.indices.map { pair in
      (0..<reader.places).flatMap { place in
        let start = (pair * reader.places + place) * logits.columns
        return Told.likeliest(top, of: rows[start..<start + logits.columns], isExclusive: reader.isExclusive)
      }
    }
  }

  /// What the numbers of a photo say to each query, in each place.
  private func choices(_ numbers: [Float]) -> [[[Choice]]] {
    var rest = numbers[...]
    return readers.map { reader in
      (0..<reader.places).map { _ in
        defer { rest = rest.dropFirst(top * Told.numbers) }
        return Told.choices(rest.prefix(top * Told.numbers), reader.texts)
      }
    }
  }
}
