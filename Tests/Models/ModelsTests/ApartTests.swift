import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// What each modality adds to what a task's head says, and what stands for it alone.
@Suite struct ApartTests {
  /// Of towers side by side, and of late fusion by a sum and by a linear map, the parts of image and text add up to what the head says of
  /// both; in other joins nobody says that they do.
  @Test(arguments: [nil] + VectorFusionKind.allCases) func partsAddUp(_ kind: VectorFusionKind?) throws {
    let request =
      kind.map { kind in
        smallRequest("fusion") {
          $0.text = TextSettings(contextLength: 8, width: 10, layers: 1, heads: 2, isCausal: false)
          $0.fusion = FusionSettings(layers: 1, heads: 2, width: 12, direction: .both)
          ($0.fusion.kind, $0.fusion.late) = (.late, kind)
        }
      } ?? smallRequest("clip") { $0.text.isCausal = true }
    let description = try ModelCatalogue.description(request, from: nil)
    let builder = ParameterBuilder()
    let model = description.make(builder)
    let reader = try #require(PooledReader(model, reading: [.image, .text], builder["task_head"]))
    let head = ClassHead(reader, outputs: 3, .linear, builder["task_head"])
    let arena = ParameterArena(builder)
    arena.initialize(seed: 3)
    for slice in arena.slices where slice.name.hasPrefix("task_head") {
      for place in arena.weights(of: slice).indices { arena.weights(of: slice)[place] += Float(place % 7) / 10 }
    }
    #expect(reader.addsModalities(of: model) == (kind == nil || kind == .sum || kind == .concatenation))
    guard reader.addsModalities(of: model), let towers = model as? any ImageModel & TextModel else { return }

    let engine = Engine(threadCount: 1)
    let tape = Tape(engine, recording: false)
    let images = engine.images(2, of: description.images) { image, values in
      for place in values.indices { values[place] = Float((place * (3 + image)) % 11) / 11 }
    }
    let inputs = ModalityInputs(
      ModalityEncodings(
        images: towers.imageEncoder(images, .all, tape),
        texts: towers.textEncoder(PackedText([[1, 5, 2], [1, 9, 7, 2]]), .all, tape)),
      [PooledReader.Sample(image: 0, text: 1), PooledReader.Sample(image: 1, text: 0)], of: description)
    let whole = head(model, inputs.encodings, inputs.samples, tape).values()
    var sum = [Float](repeating: 0, count: whole.count)
    for modality in reader.modalities {
      let own = try #require(reader.vectors(apart: modality, model, inputs, tape))
      #expect(own.samples == [0, 1] && own.vectors.columns == reader.width(apart: modality, of: model))
      let with = head(reader.part(of: modality, own.vectors, model, tape), tape).values()
      let without = head(reader.part(of: nil, own.vectors, model, tape), tape).values()
      for place in sum.indices { sum[place] += with[place] - without[place] / 2 }
    }
    #expect(difference(sum, whole, relative: 1e-5, floor: 1e-6) == nil)
  }

  /// Only samples that have a modality have a vector of it, each its own.
  @Test func whoHasNoneHasNoVector() throws {
    let builder = ParameterBuilder()
    let description = try ModelCatalogue.description(smallRequest("clip") { $0.text.isCausal = true }, from: nil)
    let model = description.make(builder)
    let reader = try #require(
      PooledReader(model, reading: [.image, .text], lacking: [.image, .text], builder["head"]))
    let arena = ParameterArena(builder)
    arena.initialize(seed: 3)
    let (engine, towers) = (Engine(threadCount: 1), try #require(model as? any ImageModel & TextModel))
    let tape = Tape(engine, recording: false)
    let texts = towers.textEncoder(PackedText([[1, 5, 2], [1, 9, 2], [1, 4, 2]]), .all, tape)
    var inputs = ModalityInputs(
      ModalityEncodings(texts: texts), [2, nil, 0].map { PooledReader.Sample(image: nil, text: $0) }, of: description)
    let all = towers.textEncoder.pooled(texts, tape)
    let own = try #require(reader.vectors(apart: .text, model, inputs, tape))
    #expect(own.samples == [0, 2] && own.vectors.values() == tape.gatherRows(all, [2, 0]).values())
    #expect(reader.vectors(apart: .image, model, inputs, tape) == nil)
    inputs = inputs.hiding([[false, true], [false, false], [false, false]], of: [.image, .text])
    #expect(inputs.places(of: .text) == [nil, nil, 0])
  }
}
