import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// A model of three towers: what it makes of samples, whatever these lack, and its gradients.
@Suite struct TrimodalTests {
  private let engine = Engine(threadCount: 1)

  static func description(_ combination: VectorFusionKind = .concatenation) -> TrimodalConfiguration {
    var (vision, words) = (ViTConfiguration(), BERTConfiguration())
    (vision.imageSize, vision.patchSize, vision.width, vision.intermediate) = (8, 4, 16, 32)
    (vision.layerCount, vision.heads) = (1, 2)
    (words.vocabularySize, words.positions, words.width, words.intermediate) = (20, 8, 16, 32)
    (words.layerCount, words.heads) = (1, 2)
    return TrimodalConfiguration(
      vision, words, FrameTower(width: 16, bands: 6, frames: 9), contextLength: 8, embeddingWidth: 12,
      FusionConfiguration(layers: 2, heads: 2, width: 8, direction: .both), combination)
  }

  private struct Drawn {
    let model: TrimodalModel
    let arena: ParameterArena

    init(_ description: TrimodalConfiguration) {
      let builder = ParameterBuilder()
      model = TrimodalModel(description, builder)
      arena = ParameterArena(builder)
      arena.draw()
    }
  }

  private let texts: [[Int32]] = [[1, 5, 6, 2], [1, 9, 2], [1, 3, 11, 12, 2]]
  private let frames = [4, 9, 1]

  /// Of three samples those of these numbers.
  private func encodings(_ model: TrimodalModel, _ samples: [Int], _ tape: Tape) -> ModalityEncodings {
    let pixels = samples.flatMap { drawn("image \($0)", count: 192) }
    let rows = samples.flatMap { drawn("clip \($0)", count: 6 * frames[$0]) }
    let offsets = samples.reduce(into: [0]) { $0.append($0[$0.count - 1] + frames[$1]) }
    let clips = PackedClips(rows: engine.tensor(rows, shape: [rows.count / 6, 6]), offsets: offsets)
    return ModalityEncodings(
      images: model.imageEncoder(ImageInput(engine.tensor(pixels, shape: [samples.count, 3, 8, 8])), .all, tape),
      texts: model.textEncoder(PackedText(samples.map { texts[$0] }), .all, tape),
      clips: model.clipEncoder(ImageInput(.clips(clips)), .all, tape))
  }

  /// What three samples lack: nothing, one, two modalities.
  private let lacking: [[PooledReader.Sample]] = (0..<8).map { bits in
    (0..<3).map { sample in
      let has = (0..<3).map { (bits + 3 * sample) % 8 & 1 << $0 == 0 ? sample : nil }
      return PooledReader.Sample(image: has[0], text: has[1], clip: has[2])
    }
  }

  /// A sample alone is what it is among others, whatever these have: to the last bit, where products take rows one by one.
  @Test func neighboursDoNotMatter() { engine.multiplyingRowsAlone { compareWithNeighbours() } }

  private func compareWithNeighbours() {
    let (drawn, tape) = (Drawn(Self.description()), Tape(engine, recording: false))
    for samples in lacking {
      let together = drawn.model.join(encodings(drawn.model, [0, 1, 2], tape), samples, tape).values()
      for (place, sample) in samples.enumerated() {
        let all = encodings(drawn.model, [place], tape)
        let own = PooledReader.Sample(
          image: sample.image.map { _ in 0 }, text: sample.text.map { _ in 0 }, clip: sample.clip.map { _ in 0 })
        let seen = ModalityEncodings(
          images: own.image.flatMap { _ in all.images }, texts: own.text.flatMap { _ in all.texts },
          clips: own.clip.flatMap { _ in all.clips })
        let alone = drawn.model.join(seen, [own], tape).values()
        #expect(alone == Array(together[16 * place..<16 * place + 16]))
      }
    }
  }

  /// What a sample lacks is not looked at, and what stands there instead is.
  @Test func theAbsentIsNotSeen() {
    let drawn = Drawn(Self.description(.gated))
    let tape = Tape(engine, recording: false)
    let encodings = encodings(drawn.model, [0, 1, 2], tape)
    let blind = [PooledReader.Sample(image: nil, text: 0, clip: 0)]
    let before = drawn.model.join(encodings, blind, tape).values()
    #expect(
      drawn.model.join(ModalityEncodings(texts: encodings.texts, clips: encodings.clips), blind, tape).values()
        == before)
    let token = drawn.arena.slices.first { $0.name == "fusion.absent_image" }
    for place in 0..<(token?.count ?? 0) { drawn.arena.weights(of: token!)[place] += 1 }
    let after = drawn.model.join(encodings, blind, tape).values()
    #expect(after != before)
    let whole = [PooledReader.Sample(image: 0, text: 0, clip: 0)]
    #expect(drawn.model.join(encodings, whole, tape).values() != after)
  }

  /// The gradient of all parameters along itself, against central differences: of features, and of what samples that lack something
  /// become.
  @Test(arguments: VectorFusionKind.allCases) func gradientsAreSlopes(_ kind: VectorFusionKind) throws {
    let drawn = Drawn(Self.description(kind))
    func outputs(_ tape: Tape) -> [Tensor] {
      let encodings = encodings(drawn.model, [0, 1, 2], tape)
      let features = Modality.allCases.compactMap { modality in
        encodings[modality].map { drawn.model.features($0, of: modality, tape) }
      }
      return features + lacking.prefix(4).map { drawn.model.join(encodings, $0, tape) }
    }
    func total(_ outputs: [Tensor]) -> Double {
      outputs.enumerated().reduce(0) { sum, next in
        let weights = TestSupport.drawn("output \(next.offset)", count: next.element.count)
        return sum + zip(next.element.values(), weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
    }
    drawn.arena.markGradientsStale()
    let tape = Tape(engine)
    try tape.backward(
      from: outputs(tape).enumerated().map { place, output in
        (output, engine.tensor(TestSupport.drawn("output \(place)", count: output.count), shape: output.shape))
      })
    drawn.arena.clearUnreachedGradients()
    let gradient = Array(drawn.arena.gradients)
    let largest = gradient.map(\.magnitude).max() ?? 1
    let direction = gradient.map { $0 / largest }
    let step: Float = 5e-5
    let learnt = Array(drawn.arena.weights)
    func moved(_ step: Float) -> Double {
      for place in learnt.indices { drawn.arena.weights[place] = learnt[place] + step * direction[place] }
      return total(outputs(Tape(engine, recording: false)))
    }
    let slope = (moved(step) - moved(-step)) / Double(2 * step)
    let expected = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(slope - expected) < 2e-3 * expected, "\(slope), expected \(expected)")
    // Nothing that it has is left out, temperatures aside, which a loss multiplies by.
    for slice in drawn.arena.slices where !slice.name.hasPrefix("logit_scale") {
      let own = Array(drawn.arena.gradients(of: slice))
      let isKeyBias =
        slice.name.hasSuffix("k_proj.bias") || slice.name.hasSuffix("key.bias") || slice.name.contains("pooler")
      #expect(isKeyBias || own.contains { $0 != 0 }, "\(slice.name)")
    }
  }

  /// Each pair of modalities has layers of its own, and the numbers of parameters say so.
  @Test func pairsHaveWeightsOfTheirOwn() {
    let names = Drawn(Self.description()).arena.slices.map(\.name)
    let counts = ModalityPair.all.map { pair in names.count { $0.hasPrefix("fusion.\(pair.name).") } }
    #expect(counts == [counts[0], counts[0], counts[0]] && counts[0] > 40)
    #expect(ModalityPair.all.map(\.name) == ["image_text", "image_audio", "text_audio"])
    for modality in Modality.allCases { #expect(names.contains("fusion.absent_\(modality.rawValue)")) }
    #expect(Set(names).isSuperset(of: ["logit_scale_image_text", "logit_scale_image_audio", "logit_scale_text_audio"]))
  }
}
