import Checkpoints
import Layers
import Models
import Pretrained
import Reporting
import TestSupport
import Testing

/// Files of towers of convolutions as their libraries write them, and what is wrong with some.
@Suite struct ConvolutionalFileTests {
  @Test func filesOfTransformersAreReadByTheirNames() throws {
    try withTower(smallResNet(.bottleneck), ResNetDescription.publishedKeys[1], prefix: "resnet.") { directory, arena in
      let found = try ImageTowerDirectory(path: directory)
      #expect(found.description.isEqual(to: smallResNet(.bottleneck)))
      try expectEqual(found, arena)
    }
  }

  @Test func weightsOfPackagesNeedNoConfiguration() throws {
    let lite = EfficientNetDescription()
    try withTower(lite, EfficientNetDescription.publishedKeys[1], hasConfiguration: false) { directory, arena in
      let found = try ImageTowerDirectory(path: directory + "/model.safetensors")
      #expect(found.description.isEqual(to: lite))
      #expect(found.preprocessing == lite.usualPreprocessing)
      #expect(found.remarks.count == 2 && found.remarks[0].contains("EfficientNet-Lite"))
      try expectEqual(found, arena)
    }
  }

  @Test func negativeVarianceIsRefused() throws {
    let damage = { (name: String, values: inout [Float]) in
      if name == "layer2.0.bn2.running_var" { values[3] = -0.01 }
    }
    try withTower(smallResNet(.basic), ResNetDescription.publishedKeys[0], change: damage) { directory, arena in
      let found = try ImageTowerDirectory(path: directory)
      #expect {
        try found.weights.load(into: arena, at: .whole(.image), isStrict: true)
      } throws: {
        ($0 as? PretrainedError)?.exitCode == .badData
          && "\($0)".contains("layer2.0.bn2.running_var has a negative variance")
      }
    }
  }

  @Test func missingStatisticsAreNamed() throws {
    let damage = { (name: String, values: inout [Float]) in
      if name.hasSuffix("running_mean") { values = [] }
    }
    try withTower(smallResNet(.basic), ResNetDescription.publishedKeys[0], change: damage) { directory, arena in
      let found = try ImageTowerDirectory(path: directory)
      #expect { try found.weights.load(into: arena, at: .whole(.image), isStrict: true) } throws: {
        "\($0)".contains("bn1.running_mean")
      }
    }
  }

  /// What the file fills is what was written.
  private func expectEqual(_ found: ImageTowerDirectory, _ written: ParameterArena) throws {
    let builder = ParameterBuilder()
    _ = found.description.makeEncoder(builder["vision_model"])
    let arena = ParameterArena(builder)
    let report = try found.weights.load(into: arena, at: .whole(.image), isStrict: true)
    #expect(report.isExact && report.unused == ["bn1.num_batches_tracked"])
    for (own, other) in zip(arena.slices, written.slices) {
      #expect(own.name == other.name && Array(arena.weights(of: own)) == Array(written.weights(of: other)))
    }
  }
}

/// Runs `body` on a directory with a drawn tower as `keys` names its arrays, a classifier and a counter of batches beside it.
private func withTower(
  _ description: any PictureTowerDescription, _ keys: PublishedKeys, prefix: String = "", hasConfiguration: Bool = true,
  change: (_ name: String, _ values: inout [Float]) -> Void = { _, _ in },
  _ body: (_ directory: String, _ arena: ParameterArena) throws -> Void
) throws {
  let directory = try TemporaryDirectory()
  let arena = try writeTower(
    description, as: keys, prefix: prefix, hasConfiguration: hasConfiguration, to: directory("tower"), change: change)
  try body(directory("tower"), arena)
}
