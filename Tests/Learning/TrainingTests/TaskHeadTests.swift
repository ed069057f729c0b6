import Configuration
import Layers
import Models
import TensorEngine
import TestSupport
import Testing
import Training

/// A task's head on every model that there is: what it looks at has the width that it was made for, whatever is read, and both the head
/// and what stands for a missing modality learn.
@Suite struct TaskHeadTests {
  private static let readings: [[Modality]] = [[.image], [.text], [.image, .text]]

  /// Those that can be drawn; MobileCLIP begins from weights, and is two towers as CLIP is.
  private static let names = ModelCatalogue.names.filter { $0 != "mobileclip" }

  @Test(arguments: names, readings) func readsAnyModel(name: String, reading: [Modality]) throws {
    let configuration = try RunConfiguration(
      file: nil, settings: [ConfigurationSetting("model.name=\(name)")])
    let description = try configuration.benchmarkModel()
    let builder = ParameterBuilder()
    let model = try #require(description.make(builder) as? any ImageModel & TextModel)
    let reader = try #require(PooledReader(model, reading: reading, lacking: [.text], builder["task_head"]))
    let head = ClassHead(reader, outputs: 3, .linear, builder["task_head"])
    #expect(reader.isJoint == (model is any JointModel || model is any PairwiseJointModel))
    let arena = ParameterArena(builder)
    let engine = Engine(threadCount: 1)
    arena.initialize(seed: 1, threads: engine.threads)
    let tape = Tape(engine)
    let text = PackedText([[5, 9, 7], [5, 7]])
    let images = reading.contains(.image) ? model.imageEncoder(pictures(engine, description), reader.tokens, tape) : nil
    let texts = reading.contains(.text) ? model.textEncoder(text, reader.tokens, tape) : nil
    // The second sample lacks its text.
    let samples = (0..<2).map { place in
      PooledReader.Sample(image: images == nil ? nil : place, text: texts == nil || place == 1 ? nil : place)
    }
    let vectors = reader(model, images: images, texts: texts, samples, tape)
    #expect(vectors.shape == [2, reader.width])
    let loss = tape.crossEntropy(head(vectors, tape), targets: [0, 2], count: 2)
    try tape.backward(from: loss)
    let absent = arena.slices.filter { $0.name.hasPrefix("task_head.absent_") }
    var expected: [String] = []
    if reading == [.text], reader.isJoint { expected.append("task_head.absent_image") }
    if reading != [.image] || reader.isJoint { expected.append("task_head.absent_text") }
    // A model of three modalities has tokens of its own.
    if model is any PairwiseJointModel { expected = [] }
    #expect(absent.map(\.name) == expected)
    for parameter in arena.parameters where parameter.slices[0].name.hasPrefix("task_head.") {
      let gradient = try #require(parameter.tensor.gradient, "\(parameter.slices[0].name)")
      #expect(gradient.values().contains { $0 != 0 }, "\(parameter.slices[0].name)")
    }
  }

  private func pictures(_ engine: Engine, _ description: any ModelDescription) -> ImageInput {
    engine.images(2, of: description.images) { image, values in
      for place in values.indices { values[place] = Float((place + 3 * image) % 7) / 7 - 0.4 }
    }
  }

  @Test func nothingToReadIsNoReader() throws {
    let description = try RunConfiguration(file: nil, settings: [ConfigurationSetting("model.name=clip")])
      .benchmarkModel()
    let builder = ParameterBuilder()
    #expect(PooledReader(description.make(builder), reading: [], builder) == nil)
  }
}
