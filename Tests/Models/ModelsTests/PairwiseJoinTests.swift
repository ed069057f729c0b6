import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// Layers in which three modalities meet two by two, against PyTorch's (Tests/Golden/trimodal.py): samples lack one, two or all of them.
@Suite struct PairwiseJoinTests {
  private let golden: GoldenFile
  private let engine = Engine(threadCount: 1)

  init() throws { golden = try GoldenFile("trimodal.safetensors") }

  private let widths: [Modality: Int] = [.image: 6, .text: 10, .audio: 8]

  private func join(_ kind: VectorFusionKind, _ builder: ParameterBuilder) -> PairwiseJoin {
    PairwiseJoin(
      FusionConfiguration(layers: kind == .concatenation ? 2 : 1, heads: 2, width: 4, direction: .both), kind,
      widths: { widths[$0] ?? 0 }, builder)
  }

  @Test(arguments: VectorFusionKind.allCases) func theyMeetAsInPyTorch(_ kind: VectorFusionKind) throws {
    let name = "join_\(kind.rawValue)/"
    let builder = ParameterBuilder()
    let join = join(kind, builder)
    let arena = ParameterArena(builder)
    let slices = arena.slices.sorted { $0.name < $1.name }
    #expect(slices.map(\.name).joined(separator: " ") == golden.metadata("names_\(kind.rawValue)"))
    let weights = try golden.floats(name + "weights")
    var start = 0
    for slice in slices {
      _ = arena.weights(of: slice).update(from: weights[start..<start + slice.count])
      start += slice.count
    }
    #expect(start == weights.count)
    let tape = Tape(engine)
    var (encodings, inputs) = (ModalityEncodings(), [Modality: Tensor]())
    for modality in Modality.allCases {
      let states = try golden.array(name + "states.\(modality.rawValue)")
      let input = engine.tensor(states.values, shape: states.shape, requiresGradient: true)
      inputs[modality] = input
      let offsets = try golden.integers(name + "offsets.\(modality.rawValue)")
      encodings[modality] = Encoding(states: input, offsets: offsets, pooledAt: Array(offsets.dropLast()))
    }
    let places = try Modality.allCases.map { try golden.integers(name + "places.\($0.rawValue)") }
    let samples = places[0].indices.map { sample in
      let own = places.map { $0[sample] < 0 ? nil : $0[sample] }
      return PooledReader.Sample(image: own[0], text: own[1], clip: own[2])
    }
    arena.markGradientsStale()
    let made = join(encodings, samples, tape)
    expectClose(made.values(), try golden.floats(name + "z"), "z")
    let upstream = try golden.array(name + "dz")
    try tape.backward(from: [(made, engine.tensor(upstream.values, shape: upstream.shape))])
    arena.clearUnreachedGradients()
    for modality in Modality.allCases {
      let gradient = try #require(inputs[modality]?.gradient).values()
      expectClose(gradient, try golden.floats(name + "dstates.\(modality.rawValue)"), modality.rawValue)
    }
    expectClose(slices.flatMap { Array(arena.gradients(of: $0)) }, try golden.floats(name + "dweights"), "weights")
  }

  private func expectClose(_ found: [Float], _ expected: [Float], _ what: String) {
    #expect(difference(found, expected, relative: 2e-5, floor: 1e-6, scale: .largest) == nil, "\(what)")
  }
}
