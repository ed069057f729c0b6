import Checkpoints
import Layers
import Models
import Pretrained
import TestSupport
import Testing

/// Models that begin from a BERT, or from a vision transformer, or from a part of one, under names of their own.
@Suite struct TowerPlaceTests {
  private let place: TemporaryDirectory
  private let towers: TinyTowers

  init() throws {
    place = try TemporaryDirectory()
    towers = try TinyTowers(in: place.path)
  }

  /// A model, how it is asked for, and what its parameters are called in front of a BERT's names.
  struct Kind: CustomTestStringConvertible, Sendable {
    let name: String
    /// Of the embeddings, and of the layers, where it has these.
    let embeddings: String
    var layers: String?
    var pooler: String?
    var encoder: String?
    /// Tables of which it has the first rows.
    var cut: [String] = []
    var testDescription: String { encoder.map { "\(name) of \($0)" } ?? name }
  }

  static let kinds = [
    Kind(
      name: "uniter", embeddings: "uniter.embeddings.", layers: "uniter.encoder.", pooler: "uniter.pooler.",
      cut: ["position"]),
    Kind(name: "vilbert", embeddings: "bert.embeddings.", layers: "bert.encoder.", cut: ["position"]),
    Kind(name: "vilt", embeddings: "vilt.embeddings.text_embeddings.", cut: ["position"]),
    Kind(name: "mmbert", embeddings: "bert.embeddings.", cut: ["position"]),
    Kind(name: "fusion", embeddings: "text_model.embeddings.", encoder: "words", cut: ["token_type"]),
    Kind(
      name: "fusion", embeddings: "text_model.embeddings.", layers: "text_model.encoder.", pooler: "text_model.pooler."),
  ]

  private func request(
    _ name: String, stated: [String] = ["model.name"], _ change: (inout ModelSettings) -> Void = { _ in }
  ) throws -> ModelRequest {
    var found = FoundTowers()
    found.text = try TextTowerDirectory(path: towers.text).description
    return smallRequest(name, stated: stated, towers: found) { settings in
      (settings.vision.width, settings.fusion.layers) = (24, 1)
      change(&settings)
    }
  }

  /// Of texts of at most ten tokens, where the file has positions for twelve.
  private func description(_ kind: Kind) throws -> any ModelDescription {
    try ModelCatalogue.description(
      request(kind.name, stated: ["model.name", "model.text.context_length"]) {
        $0.text.contextLength = 10
        $0.text.encoder = kind.encoder
        if kind.name == "mmbert" { $0.vision.imageSize = 32 }
      })
  }

  /// Every number of the file stands where it belongs, and what is no part of it stays as it was drawn.
  @Test(arguments: kinds) func aBERTIsWhereItBelongs(_ kind: Kind) throws {
    let description = try description(kind)
    #expect(description.flaw == nil && description.texts.contextLength == 10)
    let builder = ParameterBuilder()
    let model = description.make(builder)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 3)
    let drawn = arena.slices.map { Array(arena.weights(of: $0)) }
    let report = try TextTowerDirectory(path: towers.text).weights
      .load(into: arena, at: description.place(of: .text), isStrict: true)
    let file = try GoldenFile("bert-tiny/model.safetensors")
    var expected: [String: [Float]] = [:]
    for (own, theirs) in [(kind.embeddings, "embeddings."), (kind.layers, "encoder."), (kind.pooler, "pooler.")] {
      guard let own else { continue }
      for name in file.names where name.hasPrefix(theirs) {
        expected[own + name.dropFirst(theirs.count)] = try file.floats(name)
      }
    }
    for (slice, before) in zip(arena.slices, drawn) {
      let isCut = kind.cut.contains { slice.name == kind.embeddings + $0 + "_embeddings.weight" }
      let wanted = expected.removeValue(forKey: slice.name) ?? before
      #expect(isCut == (wanted.count > slice.count), "\(slice.name)")
      #expect(Array(arena.weights(of: slice)) == Array(wanted.prefix(slice.count)), "\(slice.name)")
    }
    #expect(expected.isEmpty, "\(expected.keys)")
    #expect(report.loaded.filter { $0.change?.hasPrefix("the first") == true }.count == kind.cut.count)
    #expect((report.note?.contains("encoder.* (") == true) == (kind.layers == nil))
    withExtendedLifetime(model) {}
    // It is written and read again.
    #expect(try ModelCatalogue.description(json: description.json()).texts == description.texts)
  }

  /// A ViLT's stream is a ViT's, and its words a BERT's.
  @Test func aVisionTransformerIsAViLTsStream() throws {
    var found = FoundTowers()
    found.picture = try ImageTowerDirectory(path: towers.vision).description as? any PictureTowerDescription
    found.text = try TextTowerDirectory(path: towers.text).description
    let description = try ModelCatalogue.description(smallRequest("vilt", towers: found))
    #expect(description.images == .pictures(side: 24) && description.texts.vocabularySize == 40)
    let builder = ParameterBuilder()
    let model = description.make(builder)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 3)
    let report = try ImageTowerDirectory(path: towers.vision).weights
      .load(into: arena, at: description.place(of: .image), isStrict: true)
    let file = try GoldenFile("vit-tiny/model.safetensors")
    let slices = Dictionary(uniqueKeysWithValues: arena.slices.map { ($0.name, $0) })
    for name in file.names where !name.hasPrefix("pooler.") {
      let slice = try #require(slices["vilt." + name], "\(name)")
      #expect(try Array(arena.weights(of: slice)) == file.floats(name), "\(name)")
    }
    #expect(report.loaded.count == file.names.count { !$0.hasPrefix("pooler.") })
    withExtendedLifetime(model) {}
  }

  /// A BERT may have no pooler, of which half is nothing; a layer too many is no part of the model.
  @Test func whatIsMissingOrLeftOverIsRefused() throws {
    func load(_ kind: Kind, _ change: (inout [NamedTensor]) -> Void) throws -> LoadingReport {
      let original = try SafetensorsFile(path: goldenDirectory + "/bert-tiny/model.safetensors")
      var tensors = try original.entries.map { try original.tensor($0.name) }
      change(&tensors)
      try writeSafetensors(tensors, to: towers.text + "/model.safetensors")
      let description = try description(kind)
      let builder = ParameterBuilder()
      let model = description.make(builder)
      let arena = ParameterArena(builder)
      return try withExtendedLifetime(model) {
        try TextTowerDirectory(path: towers.text).weights
          .load(into: arena, at: description.place(of: .text), isStrict: true)
      }
    }
    let (uniter, vilbert) = (Self.kinds[0], Self.kinds[1])
    let report = try load(uniter) { $0.removeAll { $0.name.hasPrefix("pooler.") } }
    #expect(!report.loaded.contains { $0.name.contains("pooler") })
    #expect(throws: CheckpointError.self) { try load(uniter) { $0.removeAll { $0.name == "pooler.dense.bias" } } }
    #expect(throws: CheckpointError.self) {
      try load(vilbert) { tensors in
        tensors.append(
          NamedTensor(
            name: "encoder.layer.2.output.dense.bias", elementType: .float32, shape: [24],
            copying: [Float](repeating: 0, count: 24)))
      }
    }
  }

  @Test func whatDoesNotFitIsToldOf() throws {
    func refusal(_ request: ModelRequest) throws -> String {
      let error = #expect(throws: ModelRequestError.self) { try ModelCatalogue.description(request) }
      return error.map { $0.key + ": " + $0.problem } ?? ""
    }
    var clip = FoundTowers()
    clip.text = CLIPTextConfiguration(CLIPConfiguration.Text())
    for name in ["uniter", "vilbert", "vilt", "mmbert"] {
      #expect(
        try refusal(smallRequest(name, towers: clip)).hasPrefix("initialize.text: \(name) reads texts as a BERT does"))
      #expect(
        try refusal(request(name, stated: ["model.name", "model.text.width"]))
          .hasPrefix("model.text.width: the sizes of BERT are those of initialize.text"))
    }
    #expect(
      try refusal(request("vilbert", stated: ["model.text.context_length"]) { $0.text.contextLength = 40 })
        .hasPrefix("model.text.context_length: 40 tokens, and the text tower has positions for 12"))
    #expect(
      try refusal(request("vilt", stated: ["model.vision.width"]) { $0.vision.width = 16 })
        .hasPrefix("initialize.text: its words are 24 wide"))
    var network = FoundTowers()
    network.picture = smallResNet(.basic)
    #expect(
      try refusal(smallRequest("vilt", towers: network)).hasPrefix(
        "initialize.vision: a vilt is a transformer over patches"))
  }
}
