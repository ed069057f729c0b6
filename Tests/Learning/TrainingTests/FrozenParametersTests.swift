import Configuration
import Layers
import Models
import Reporting
import TestSupport
import Testing
import Training

/// What globs and locks freeze, and what is wrong with those that cannot be meant.
@Suite struct FrozenParametersTests {
  private func frozen(_ settings: String...) throws -> [String] {
    let configuration = try RunConfiguration(
      file: nil, settings: (["model.name=clip", "model.preset=tiny"] + settings).map { ConfigurationSetting($0) })
    let (description, builder) = (try configuration.benchmarkModel(), ParameterBuilder())
    _ = description.make(builder)
    let frozen = try FrozenParameters(configuration, description, builder.parameters)
    return builder.parameters.flatMap { $0.slices.map(\.name) }.filter(frozen.contains)
  }

  @Test func aGlobIsMatchedWithTheWholeName() throws {
    #expect(try frozen().isEmpty)
    #expect(try frozen("initialize.freeze=logit_scale") == ["logit_scale"])
    #expect(
      try frozen("initialize.freeze=text_model.encoder.layers.[0-5].mlp.fc?.bias") == [
        "text_model.encoder.layers.0.mlp.fc1.bias", "text_model.encoder.layers.0.mlp.fc2.bias",
        "text_model.encoder.layers.1.mlp.fc1.bias", "text_model.encoder.layers.1.mlp.fc2.bias",
      ])
    #expect(
      try frozen("initialize.freeze=[vision_model.*, visual_projection.weight]").allSatisfy { $0.hasPrefix("vis") })
    #expect(try frozen("initialize.freeze=*.bias").allSatisfy { $0.hasSuffix(".bias") })
    // Not a part of a name.
    #expect(throws: ConfigurationError.self) { try frozen("initialize.freeze=position_embedding.*") }
  }

  @Test(arguments: 0...5)
  func aLockIsAListOfGlobs(open: Int) throws {
    let groups = [
      ["vision_model.embeddings.*", "vision_model.pre_layrnorm.*"], ["vision_model.encoder.layers.0.*"],
      ["vision_model.encoder.layers.1.*"], ["vision_model.encoder.layers.2.*"],
      ["vision_model.encoder.layers.3.*", "vision_model.post_layernorm.*"], ["visual_projection.*"],
    ]
    let globs = groups.dropLast(open).joined().joined(separator: ", ")
    let locked = try frozen("initialize.lock.vision=\(open)")
    #expect(locked == (try frozen("initialize.freeze=[\(globs)]")))
    #expect(!locked.isEmpty)
    let text = try frozen("initialize.lock.text=2")
    #expect(text == (try frozen("initialize.freeze=[text_model.embeddings.*, text_model.encoder.layers.0.*]")))
    #expect(try frozen("initialize.lock.text=2", "initialize.lock.vision=\(open)").count == locked.count + text.count)
  }

  @Test func aLockedTowerIsAllOfIt() throws {
    let names = try frozen("initialize.lock.vision=0")
    #expect(names == (try frozen("initialize.freeze=[vision_model.*, visual_projection.*]")))
    #expect(try frozen("initialize.lock.text=0").count + names.count == frozen("initialize.freeze=*.*").count)
  }

  /// timm's groups, in open_clip's order: stem, each block with what leads to it, last convolution and head.
  @Test func aFastViTIsLockedBlockByBlock() throws {
    let description = MobileCLIPConfiguration.s1
    let builder = ParameterBuilder()
    _ = description.make(builder)
    func frozen(_ settings: String...) throws -> [String] {
      let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
      let frozen = try FrozenParameters(configuration, description, builder.parameters)
      return builder.parameters.flatMap { $0.slices.map(\.name) }.filter(frozen.contains)
    }
    #expect(description.towers[.image]?.groups.count == 42)
    #expect(try frozen("initialize.lock.vision=0") == frozen("initialize.freeze=visual.*"))
    // Statistics are locked with the norms that they belong to.
    #expect(try frozen("initialize.lock.vision=0").contains { $0.hasSuffix("running_var") })
    #expect(
      try frozen("initialize.lock.vision=5")
        == frozen("initialize.freeze=[visual.trunk.stem.*, \"visual.trunk.stages.[0-2].*\"]"))
    #expect(
      try frozen("initialize.lock.vision=4")
        == frozen(
          "initialize.freeze=[visual.trunk.stem.*, \"visual.trunk.stages.[0-2].*\", "
            + "visual.trunk.stages.3.downsample.*, visual.trunk.stages.3.pos_emb.*, visual.trunk.stages.3.blocks.0.*]"))
    #expect(
      try frozen("initialize.lock.text=1")
        == frozen(
          "initialize.freeze=[text.token_embedding.*, text.positional_embedding, "
            + "text.transformer.*, text.ln_final.*]"))
    #expect(try frozen("initialize.lock.text=0") == frozen("initialize.freeze=text.*"))
  }

  @Test(arguments: [
    ("initialize.freeze=visoin_model.*", "'visoin_model.*' matches no parameter; did you mean vision_model.*?"),
    (
      "initialize.freeze=vision_model.encoder.layer.0.*",
      "'vision_model.encoder.layer.0.*' matches no parameter; did you mean vision_model.encoder.layers.0.*?"
    ),
    ("initialize.freeze=logit_bias", "'logit_bias' matches no parameter; names look like text_projection.weight"),
    (
      "initialize.freeze=text_model.encoder.layers.0.self_attn.q_proj.bias",
      "q_proj.bias would be frozen and text_model.encoder.layers.0.self_attn.k_proj.bias, "
        + "text_model.encoder.layers.0.self_attn.v_proj.bias would not, but they are computed as one"
    ),
    ("initialize.freeze=*", "freezes every parameter"),
    ("initialize.lock.vision=6", "6 open groups are all that the tower has; give 0 to 5"),
  ])
  func mistakesAreNamed(setting: String, expected: String) {
    let error = #expect(throws: ConfigurationError.self) { try frozen(setting) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    #expect(error?.problems.first?.place == "--set")
    #expect(error?.exitCode == .configuration)
  }

  @Test func aDryRunCountsThem() throws {
    let configuration = try RunConfiguration(
      file: nil, settings: [.init("model.name=clip"), .init("initialize.freeze=visual_projection.*")])
    let plan = try RunForecast(configuration, dataPath: nowhere, ranks: 1)
    #expect(plan.frozenParameters == 128 * 128)
    #expect(plan.parameters > 10 * plan.frozenParameters)
  }
}
