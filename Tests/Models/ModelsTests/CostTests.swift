import Foundation
import Layers
import Models
import Settings
import TestSupport
import Testing

/// What published models cost: as many parameters as PyTorch counts, as many operations as its FlopCounterMode
/// (`Tests/Golden/costs.py`).
@Suite struct CostTests {
  struct Published: CustomTestStringConvertible {
    let name: String
    let kind: String
    let config: [UInt8]
    let parameters: Int
    let forward: Double
    /// Nil where PyTorch's count is of another thing.
    let training: Double?

    var testDescription: String { name }
  }

  static let published: [Published] = {
    guard let file = FileManager.default.contents(atPath: goldenDirectory + "/costs.json"),
      let models = try? JSONSerialization.jsonObject(with: file) as? [[String: Any]]
    else { return [] }
    return models.compactMap { model in
      guard let name = model["name"] as? String, let kind = model["kind"] as? String, let config = model["config"],
        let json = try? JSONSerialization.data(withJSONObject: config), let parameters = model["parameters"] as? Int,
        let forward = model["forward"] as? Double
      else { return nil }
      return Published(
        name: name, kind: kind, config: [UInt8](json), parameters: parameters, forward: forward,
        training: model["training"] as? Double)
    }
  }()

  @Test func noneIsLost() { #expect(Self.published.count == 11) }

  @Test(arguments: published) func costsWhatPyTorchCounts(_ model: Published) throws {
    let (parameters, operations) = try costs(of: model)
    #expect(parameters == model.parameters)
    #expect(operations(shapes(hasBackwardPass: false)) == model.forward)
    if let training = model.training { #expect(operations(shapes(hasBackwardPass: true)) == training) }
  }

  /// An image and a text of 20 tokens that meet once, and meet no others.
  private func shapes(hasBackwardPass: Bool) -> BatchShapes {
    var shapes = BatchShapes(textLengths: [20], globalBatch: 0, isJoining: true, joinings: 1)
    shapes.hasBackwardPass = hasBackwardPass
    return shapes
  }

  private func costs(of model: Published) throws -> (parameters: Int, operations: (BatchShapes) -> Double) {
    let (builder, settings) = (ParameterBuilder(), try Settings(json: model.config, file: "costs.json"))
    switch model.kind {
    case "image":
      let tower = try TowerCatalogue.image(settings)
      _ = tower.makeEncoder(builder)
      return (count(builder), { tower.operations([1], $0) })
    case "text":
      let tower = try TowerCatalogue.text(settings)
      _ = tower.makeEncoder(builder)
      return (count(builder), { tower.operations($0.textLengths, $0) })
    default:
      let description = try ModelCatalogue.description(json: model.config)
      return (description.parameterCount, description.operations)
    }
  }

  private func count(_ builder: ParameterBuilder) -> Int {
    builder.parameters.reduce(0) { $0 + ($1.isConstant ? 0 : $1.count) }
  }
}
