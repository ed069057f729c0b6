import Foundation
import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// What the kinds of fusion are beside the numbers of their goldens (FusionCaseTests): sizes, files, who sees whom.
@Suite struct FusionTests {
  static let kinds: [FusionSettings] =
    [
      settings(.early), settings(.hybrid) { $0.late = .gated }, settings(.bottleneck) { $0.bottlenecks = 2 },
    ] + VectorFusionKind.allCases.map { kind in settings(.late) { $0.late = kind } }

  static func settings(
    _ kind: FusionKind, layers: Int = 2, _ change: (inout FusionSettings) -> Void = { _ in }
  ) -> FusionSettings {
    var made = FusionSettings(layers: layers, heads: 2, width: 12, direction: .both)
    made.kind = kind
    change(&made)
    return made
  }

  private func request(
    _ fusion: FusionSettings = settings(.early), stated: [String] = [],
    _ change: (inout ModelSettings) -> Void = { _ in }
  ) -> ModelRequest {
    smallRequest("fusion", stated: stated) { settings in
      settings.text = TextSettings(contextLength: 8, width: 10, layers: 1, heads: 2, isCausal: false)
      settings.fusion = fusion
      change(&settings)
    }
  }

  private func made(
    _ fusion: FusionSettings, stated: [String] = [], _ change: (inout ModelSettings) -> Void = { _ in }
  ) throws -> FusionModelConfiguration {
    try FusionModelConfiguration(request(fusion, stated: stated, change), from: nil)
  }

  // MARK: Sizes and files

  @Test(arguments: kinds) func filesAreReadAsTheyAreWritten(_ fusion: FusionSettings) throws {
    for encoder in [nil, "vit", "regions", "resnet18"] {
      var described = try made(fusion) {
        $0.vision.encoder = encoder
        $0.text.encoder = encoder == "vit" ? "bert" : nil
        $0.vision.imageSize = encoder == "resnet18" ? 32 : 16
      }
      #expect(described.flaw == nil && described.texts.contextLength == 8)
      described = described.with(.maskedTextHead) ?? described
      described = described.with(.regionFeatures) ?? described
      described = described.with(.regionPixels) ?? described
      #expect((described.with(.regionClasses) == nil), "nobody knows of classes")
      #expect(try FusionModelConfiguration(written(described)) == described)
      let (one, other) = (try Drawn(described), try Drawn(FusionModelConfiguration(written(described))))
      #expect(one.arena.slices.map(\.name) == other.arena.slices.map(\.name))
      let names = one.arena.slices.map { (name: $0.name, shape: $0.shape) }
      #expect(ModelCatalogue.guess(names)?.hasPrefix("fusion") == true)
    }
  }

  /// An encoder layer has 12 W² + 13 W numbers: one stack of them early, one a modality late, and both in a hybrid.
  @Test func kindsDifferInTheirStacks() throws {
    let stack = 3 * (12 * 12 * 12 + 13 * 12) + 2 * 12
    func count(_ kind: FusionKind, _ change: (inout FusionSettings) -> Void = { _ in }) throws -> Int {
      try Drawn(made(Self.settings(kind, layers: 3, change))).arena.parameterCount
    }
    let outer = try count(.early) - stack - 2 * 12
    #expect(try count(.late) { $0.late = .sum } == outer + 2 * stack)
    #expect(try count(.late) == outer + 2 * stack + 12 * 25)
    #expect(try count(.late) { $0.late = .gated } == outer + 2 * stack + 4 * 144)
    #expect(try count(.late) { $0.late = .attention } == outer + 2 * stack + 12 * 14)
    #expect(try count(.hybrid) { $0.late = .sum } == outer + 3 * stack + 2 * 12)
    #expect(try count(.bottleneck) == outer + 2 * stack + 4 * 12)
  }

  @Test func whatCannotBeIsToldOf() throws {
    func refusal(_ fusion: FusionSettings, _ change: (inout ModelSettings) -> Void = { _ in }) -> String {
      let error = #expect(throws: ModelRequestError.self) { try made(fusion, change) }
      return error.map { $0.key + ": " + $0.problem } ?? ""
    }
    #expect(
      refusal(Self.settings(.early) { $0.late = .sum }).hasPrefix(
        "model.fusion.late: early fusion makes no vectors apart"))
    #expect(
      refusal(Self.settings(.late) { $0.bottleneckLayer = 1 }).hasPrefix(
        "model.fusion.bottleneck_layer: late fusion has no bottlenecks"))
    #expect(
      refusal(Self.settings(.bottleneck) { $0.bottleneckLayer = 1 }).hasPrefix(
        "model.fusion.bottleneck_layer: bottlenecks from layer 1 of 2 on, counted from 0, and two layers at least"))
    #expect(refusal(Self.settings(.bottleneck, layers: 1)).hasPrefix("model.fusion.layers: bottlenecks from layer 0"))
    #expect(
      try made(Self.settings(.early) { $0.heads = 5 }).flaw == "the fusion layers: 5 heads do not divide a width of 12")
    #expect(try made(Self.settings(.early)) { $0.vision.patchSize = 7 }.flaw?.contains("patches of 7") == true)
    let late = try made(Self.settings(.late))
    #expect(
      late.with(.maskedTextHead) == nil && late.advice(on: .maskedTextHead)?.contains("model.fusion.kind") == true)
    #expect(late.with(.features) == nil && late.with(.matchingHead) == late)
    let error = #expect(throws: ModelRequestError.self) {
      try FusionModelConfiguration(request(stated: ["model.fusion"]), from: late)
    }
    #expect(error?.problem.contains("the sizes of fusion are those of its weights") == true)
  }

  /// Bottlenecks from the last layer on, a kind that nobody knows, a kind without what it needs.
  @Test func badFilesAreRefused() throws {
    let good = try String(decoding: made(Self.settings(.bottleneck)).json(), as: UTF8.self)
    for (part, other, words) in [
      ("\"bottleneck_layer\" : 0", "\"bottleneck_layer\" : 1", nil),
      ("\"bottleneck\",", "\"middle\",", "fusion_config.kind"),
      ("\"bottleneck\",", "\"late\",", "fusion_config.late"),
      ("\"hidden_act\" : \"gelu\",", "", "fusion_config.hidden_act"),
      ("\"bottlenecks\" : 4", "\"botlenecks\" : 4", "botlenecks"),
    ] as [(String, String, String?)] {
      let json = good.replacing(part, with: other)
      #expect(json != good, "\(part)")
      do {
        let read = try ModelCatalogue.description(json: Array(json.utf8))
        #expect(words == nil && read.flaw?.contains("two layers at least have to see them") == true)
      } catch {
        #expect("\(error)".contains(try #require(words)), "\(error)")
      }
    }
  }

  // MARK: Who sees whom

  private struct Drawn {
    let model: FusionModel
    let arena: ParameterArena
    let engine = Engine(threadCount: 2)

    init(_ description: FusionModelConfiguration) throws {
      let builder = ParameterBuilder()
      model = try #require(description.make(builder) as? FusionModel)
      arena = ParameterArena(builder)
      arena.initialize(seed: 3)
    }

    /// Three pictures, of which one may be changed, and two texts.
    func join(_ pairs: [ImageTextPair], changed: Int? = nil) -> JointStates {
      let numbers = (0..<3).flatMap { (image: Int) -> [Float] in
        TestSupport.drawn(image == changed ? "another" : "picture \(image)", count: 768)
      }
      let tape = Tape(engine, recording: false)
      let pixels = engine.tensor(numbers, shape: [3, 3, 16, 16])
      let texts = PackedText([[1, 5, 6, 7, 2], [1, 9, 2]])
      return model.join(
        model.imageEncoder(ImageInput(pixels), .all, tape), model.textEncoder(texts, .all, tape), pairs, tape)
    }

    func vectors(_ pairs: [ImageTextPair], changed: Int? = nil) -> [[Float]] {
      let all = model.pooled(join(pairs, changed: changed), Tape(engine, recording: false)).values()
      return pairs.indices.map { Array(all[$0 * 12..<($0 + 1) * 12]) }
    }
  }

  private let pairs = [
    ImageTextPair(image: 0, text: 1), ImageTextPair(image: 2, text: 0), ImageTextPair(image: 1, text: 1),
  ]

  /// With another picture beside it in the batch a pair's numbers are the same to the bit.
  @Test(arguments: kinds) func aPairDoesNotDependOnItsNeighbours(_ fusion: FusionSettings) throws {
    let drawn = try Drawn(made(fusion))
    let given = drawn.vectors(pairs)
    for image in 0..<3 {
      let changed = drawn.vectors(pairs, changed: image)
      for (place, pair) in pairs.enumerated() {
        #expect((changed[place] == given[place]) == (pair.image != image), "pair \(place), image \(image)")
      }
    }
  }

  /// Whether the states of a text know its image: early ones do, late ones do not; through bottlenecks they do from the layer behind the first that
  /// sees them.
  @Test(arguments: [
    (FusionKind.early, 2, nil, true), (.late, 2, nil, false), (.hybrid, 2, nil, true), (.bottleneck, 2, 0, true),
    (.bottleneck, 3, 1, true),
  ]) func whatATextSeesOfItsImage(_ kind: FusionKind, _ layers: Int, _ first: Int?, _ sees: Bool) throws {
    let drawn = try Drawn(made(Self.settings(kind, layers: layers) { $0.bottleneckLayer = first }))
    let (given, changed) = (drawn.join(pairs), drawn.join(pairs, changed: 0))
    func states(_ joint: JointStates, ofPair pair: Int) -> [Float] {
      let text = joint.textOfPair[pair]
      return Array(joint.texts.states.values()[joint.texts.offsets[text] * 12..<joint.texts.offsets[text + 1] * 12])
    }
    #expect((states(given, ofPair: 0) != states(changed, ofPair: 0)) == sees)
    #expect(states(given, ofPair: 1) == states(changed, ofPair: 1))
  }

  /// What a late model makes of a text it makes once, however many pairs the text is in.
  @Test func lateTextsAreReadOnce() throws {
    let joint = try Drawn(made(Self.settings(.late))).join(pairs)
    #expect(joint.texts.count == 2 && joint.images.count == 3 && joint.textOfPair == [1, 0, 1])
  }

  @Test(arguments: kinds) func theGradientIsTheSlope(_ fusion: FusionSettings) throws {
    #expect(try ModelSlope(made(fusion)).difference() < 5e-3)
  }

  // MARK: Vectors of three modalities

  /// Σ z_m∘h_m, and a softmax over all three, by the definition.
  @Test(arguments: [VectorFusionKind.gated, .attention, .concatenation, .sum])
  func threeModalitiesBecomeOne(_ kind: VectorFusionKind) throws {
    let (engine, builder, width, count) = (Engine(threadCount: 1), ParameterBuilder(), 3, 2)
    let fusion = VectorFusion(kind, modalities: 3, width: width, builder)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 5)
    let inputs = (0..<3).map { drawn("modality \($0)", count: count * width) }
    let tensors = inputs.map { engine.tensor($0, shape: [count, width]) }
    let actual = fusion(tensors, Tape(engine, recording: false)).values()
    let expected = (0..<count).flatMap { row in
      byDefinition(kind, inputs.map { $0[row * width..<(row + 1) * width].map(Double.init) }, arena)
    }
    #expect(difference(actual, expected.map(Float.init), relative: 1e-5, scale: .largest) == nil)
  }

  private func byDefinition(_ kind: VectorFusionKind, _ x: [[Double]], _ arena: ParameterArena) -> [Double] {
    func array(_ name: String) -> [Double] {
      arena.slices.first { $0.name == name }.map { arena.weights(of: $0).map(Double.init) } ?? []
    }
    func times(_ name: String, _ x: [Double]) -> [Double] {
      let weight = array(name + ".weight")
      return (0..<3).map { row in zip(weight[row * x.count..<(row + 1) * x.count], x).map(*).reduce(0, +) }
    }
    func sum(_ parts: [[Double]]) -> [Double] { (0..<3).map { place in parts.reduce(0) { $0 + $1[place] } } }
    switch kind {
    case .sum: return sum(x)
    case .concatenation: return zip(times("dense", x.flatMap { $0 }), array("dense.bias")).map(+)
    case .gated:
      return sum(
        x.indices.map { modality in
          let open = times("gates.\(modality)", x.flatMap { $0 }).map { 1 / (1 + exp(-$0)) }
          return zip(open, times("candidates.\(modality)", x[modality]).map(tanh)).map(*)
        })
    case .attention:
      let query = array("query")
      let scores = x.map { vector in
        let keys = zip(times("keys", vector), array("keys.bias")).map { tanh($0 + $1) }
        return exp(zip(query, keys).map(*).reduce(0, +) / 3.0.squareRoot())
      }
      let total = scores.reduce(0, +)
      return sum(zip(scores, x).map { score, vector in vector.map { score / total * $0 } })
    }
  }
}
