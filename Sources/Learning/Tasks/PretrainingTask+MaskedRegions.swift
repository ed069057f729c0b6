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
      guard let told = target.told(by: model, states, tape),
        let targets = targets(target, chunk, images, masked.asked, columns: told.columns)
      else { continue }
      add(target, told, targets, masked.asked, to: &sums)
    }
    photos += sums
  }

  /// Of all regions that are asked for; nil where the data, or the model, have none of the kind.
  private func targets(
    _ target: MaskedRegionTarget, _ chunk: EvaluationChunk, _ images: ImageInput, _ places: [[Int]], columns: Int
  ) -> Tensor? {
    switch target {
    case .features: return model.features(of: images, at: places, subject.engine)
    case .pixels: return model.pixels(of: images, at: places, subject.engine)
    case .classes, .distribution:
      guard let regions = chunk.columns.regions, regions.allSatisfy({ $0?.classes == columns }) else { return nil }
      return subject.engine.classProbabilities(regions, at: places, classes: columns)
    }
  }

  private func add(
    _ target: MaskedRegionTarget, _ told: Tensor, _ targets: Tensor, _ places: [[Int]],
    to sums: inout [MaskedRegionSums]
  ) {
    told.withValues { told in
      targets.withValues { targets in
        var row = 0
        let columns = places.isEmpty ? 0 : told.count / max(places.reduce(0) { $0 + $1.count }, 1)
        for (photo, places) in places.enumerated() {
          for _ in places {
            let own = row * columns..<(row + 1) * columns
            sums[photo].add(
              target, UnsafeBufferPointer(rebasing: told[own]), UnsafeBufferPointer(rebasing: targets[own]))
            row += 1
          }
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
