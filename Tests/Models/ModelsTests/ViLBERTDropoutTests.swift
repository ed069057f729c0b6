import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// Dropout in both streams and between them, by PyTorch's formula, x mask / (1 - rate), with masks that `streamdropout.py` draws by
/// their definition.
@Suite struct ViLBERTDropoutTests {
  private let golden: GoldenTower<ViLBERTModel>
  private var file: GoldenFile { golden.file }

  init() throws {
    let weights = try GoldenFile("vilbert-tiny/model.safetensors")
    let rates = try GoldenFile("vilbert-tiny/dropout.safetensors").floats("rates")
    let found = try ViLBERTConfiguration(towerSettings("vilbert-tiny")).fitting { key in
      weights.names.contains(key) ? (try? weights.array(key))?.shape : nil
    }
    let request = smallRequest("vilbert") {
      ($0.text.dropout, $0.text.attentionDropout) = (Double(rates[0]), Double(rates[1]))
    }
    let description = try ViLBERTConfiguration(request, from: found)
    golden = try GoldenTower("vilbert-tiny/dropout.safetensors", weights: "vilbert-tiny/model.safetensors") {
      ViLBERTModel(description, $0)
    }
  }

  private func join(_ tape: Tape) throws -> JointStates {
    let texts = PackedText(
      ids: try file.integers("ids").map(Int32.init), offsets: try file.integers("text_offsets"),
      types: try file.integers("types").map(Int32.init))
    let (features, edges) = (try file.array("regions"), try file.array("boxes"))
    let boxes = (0..<edges.shape[0]).map { row in
      let box = edges.values[row * edges.shape[1]..<(row + 1) * edges.shape[1]].map { $0 }
      return Box(box[0], box[1], box[2], box[3])
    }
    let images = ImageInput(
      PackedRegions(
        features: golden.engine.tensor(features.values, shape: features.shape), boxes: boxes,
        offsets: try file.integers("region_offsets")))
    let model = golden.encoder
    return model.join(
      model.imageEncoder(images, .all, tape), model.textEncoder(texts, .all, tape),
      (0..<texts.count).map { ImageTextPair(image: $0, text: $0) }, tape)
  }

  @Test(arguments: [false, true]) func dropoutEqualsPyTorchWithTheSameMasks(recomputes: Bool) throws {
    let named = try file.integers("named")
    let tape = Tape(
      golden.engine, recomputesBlocks: recomputes,
      dropout: DropoutMasks(seed: UInt64(named[0]), step: named[1], firstSample: named[2]))
    let joint = try join(tape)
    let made = [
      ("text_states", joint.texts.states), ("image_states", joint.images.states),
      ("pooled", golden.encoder.pooled(joint, tape)),
    ]
    for (name, states) in made {
      #expect(difference(states.values(), try file.floats(name), relative: 1e-5, scale: .largest) == nil, "\(name)")
    }
    golden.arena.markGradientsStale()
    try tape.backward(
      from: made.map { ($0.1, golden.engine.tensor(try file.floats("upstream/" + $0.0), shape: $0.1.shape)) })
    golden.arena.clearUnreachedGradients()
    let reached = file.names.filter { $0.hasPrefix("gradient/") }
    #expect(reached.count > 150)
    for slice in golden.arena.slices where reached.contains("gradient/" + slice.name) {
      // A bias of all keys shifts every score of a row alike.
      let floor: Float = slice.name.contains("key") && slice.name.hasSuffix("bias") ? 1e-5 : 1e-7
      let wanted = try file.floats("gradient/" + slice.name)
      let report = difference(
        Array(golden.arena.gradients(of: slice)), wanted, relative: 2e-5, floor: floor, scale: .largest)
      #expect(report == nil, "\(slice.name): \(report ?? "")")
    }
  }

  /// Where nothing is learnt nothing is dropped.
  @Test func aTapeWithoutMasksDropsNothing() throws {
    let states = try join(Tape(golden.engine, recording: false)).texts.states.values()
    #expect(difference(states, try file.floats("text_states"), relative: 1e-2, scale: .largest) != nil)
    #expect(try states == join(Tape(golden.engine, recording: false)).texts.states.values())
  }
}
