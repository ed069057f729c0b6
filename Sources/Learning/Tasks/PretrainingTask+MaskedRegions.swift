internal import Batching
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine
internal import Tokenization

/// How well hidden regions of photos are told from the rest and the first caption, while their split is encoded. What is hidden never
/// changes: it is a function of photo and caption, so that a curve over epochs shows the model and not the draw.
final class MaskedRegionMeasurement {
  /// Of this rank's photos, in the order of the split.
  private(set) var photos: [MaskedRegionSums] = []
  private let model: any MaskedRegionModel
  private let subject: MeasuredModel

  /// Nil for a model without a head for them, and where somebody has kept what an encoder makes of whole photos: to hide parts of
  /// them they have to be read.
  init?(_ subject: MeasuredModel) {
    guard subject.states.images == nil, let model = subject.model as? any MaskedRegionModel, model.hasRegionHead else {
      return nil
    }
    (self.model, self.subject) = (model, subject)
  }

  /// - Parameter images: of the chunk; a photo without a caption is told beside an empty text.
  func add(_ chunk: EvaluationChunk, _ images: ImageInput) {
    let tape = Tape(subject.engine, recording: false)
    let captions = FirstCaptions(chunk, empty: subject.tokenizer.encode(""))
    let masked = MaskedRegions(
      model.boxesOfRegions(in: images), MaskedRegionSettings(),
      SampleNames(seed: 0, epoch: 0, samples: zip(chunk.photoIdentity, captions.identities).map { ($0, $1) }))
    let states = model.states(of: masked, images, model.textEncoder(captions.texts, .all, tape), tape)
    var sums = masked.asked.map { MaskedRegionSums(regions: $0.count) }
    for target in MaskedRegionTarget.allCases where target != .classes {
      guard let told = target.told(by: model, states, tape) else { continue }
      let places = places(masked.asked, of: target, chunk, columns: told.columns)
      guard let targets = targets(target, chunk, images, places, columns: told.columns) else { continue }
      let rows = zip(masked.asked, places).flatMap { asked, left in asked.map { _ in !left.isEmpty } }
      let kept = tape.gatherRows(told, rows.indices.filter { rows[$0] })
      add(target, kept, targets, places, to: &sums)
    }
    photos += sums
  }

  /// Those that are asked for, but for photos without the probabilities of so many classes.
  private func places(
    _ asked: [[Int]], of target: MaskedRegionTarget, _ chunk: EvaluationChunk, columns: Int
  ) -> [[Int]] {
    guard target == .distribution else { return asked }
    let regions = chunk.columns.regions ?? [RegionFeatures?](repeating: nil, count: asked.count)
    return zip(asked, regions).map { $1?.classes == columns ? $0 : [] }
  }

  /// Of all regions that are asked for; nil where the model has none of the kind.
  private func targets(
    _ target: MaskedRegionTarget, _ chunk: EvaluationChunk, _ images: ImageInput, _ places: [[Int]], columns: Int
  ) -> Tensor? {
    switch target {
    case .features: model.features(of: images, at: places, subject.engine)
    case .pixels: model.pixels(of: images, at: places, subject.engine)
    case .classes, .distribution:
      subject.engine.classProbabilities(chunk.columns.regions ?? [], at: places, classes: columns)
    }
  }

  private func add(
    _ target: MaskedRegionTarget, _ told: Tensor, _ targets: Tensor, _ places: [[Int]],
    to sums: inout [MaskedRegionSums]
  ) {
    let photoOfRow = places.enumerated().flatMap { photo, places in places.map { _ in photo } }
    told.withValues { told in
      targets.withValues { targets in
        for (row, photo) in photoOfRow.enumerated() {
          let own = row * told.count / photoOfRow.count..<(row + 1) * told.count / photoOfRow.count
          sums[photo].add(
            target, UnsafeBufferPointer(rebasing: told[own]), UnsafeBufferPointer(rebasing: targets[own]))
        }
      }
    }
  }
}

extension MaskedRegionSums {
  fileprivate mutating func add(_ target: MaskedRegionTarget, _ told: Numbers, _ targets: Numbers) {
    switch target {
    case .features: add(features: told, targets)
    case .pixels: add(pixels: told, targets)
    case .classes, .distribution: add(logits: told, targets)
    }
  }
}

/// The first caption of each photo of a chunk.
private struct FirstCaptions {
  let texts: PackedText
  let identities: [UInt64]

  /// - Parameter empty: what stands for a photo's that has none.
  init(_ chunk: EvaluationChunk, empty: [Int32]) {
    var (ids, identities): ([[Int32]], [UInt64]) = ([], [])
    let captions = chunk.columns.captions
    let packed = captions.map { PackedText($0) }
    var next = 0
    for count in captions?.counts ?? [Int](repeating: 0, count: chunk.count) {
      if count > 0, let captions, let packed {
        ids.append(Array(packed.ids[packed.offsets[next]..<packed.offsets[next + 1]]))
        identities.append(captions.identities[next])
      } else {
        ids.append(empty)
        identities.append(0)
      }
      next += count
    }
    (texts, self.identities) = (PackedText(ids), identities)
  }
}
