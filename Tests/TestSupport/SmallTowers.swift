internal import Checkpoints
internal import Files
internal import Foundation
public import Layers
public import Models

/// The networks of Tests/Golden/convolutional.py.
public enum SmallTower: String, CaseIterable, Sendable {
  case basic, bottleneck, efficientnet

  public var description: any PictureTowerDescription {
    switch self {
    case .basic: smallResNet(.basic)
    case .bottleneck: smallResNet(.bottleneck)
    case .efficientnet: smallEfficientNet
    }
  }

  public static let imageSize = 44
  public static let batch = 3
}

public func smallResNet(_ block: ResNetDescription.Block) -> ResNetDescription {
  var made = ResNetDescription()
  (made.block, made.stemWidth, made.depths) = (block, 8, [2, 1, 1, 1])
  made.widths = [8, 12, 16, 20].map { block == .basic ? $0 : 4 * $0 }
  made.pictures.imageSize = SmallTower.imageSize
  return made
}

/// Of the MobileCLIP of Tests/Golden/mobileclip.py.
public let smallFastViT: MobileCLIPConfiguration.Vision = {
  var made = MobileCLIPConfiguration.Vision()
  (made.imageSize, made.depths, made.widths) = (56, [1, 1, 2, 1], [8, 8, 16, 32])
  return made
}()

private var smallEfficientNet: EfficientNetDescription {
  var made = EfficientNetDescription()
  (made.stemWidth, made.headWidth) = (8, 40)
  made.stages = [
    .init(depth: 1, kernel: 3, stride: 1, expansion: 1, width: 8),
    .init(depth: 2, kernel: 3, stride: 2, expansion: 6, width: 12),
    .init(depth: 2, kernel: 5, stride: 2, expansion: 6, width: 16),
    .init(depth: 1, kernel: 5, stride: 1, expansion: 3, width: 20),
  ]
  made.pictures.imageSize = SmallTower.imageSize
  return made
}

extension SmallTower {
  /// A directory with the drawn tower as torchvision or timm names its arrays, and a `config.json` of transformers'.
  /// - Parameter change: of an array's values; an array without any is left out.
  public func write(to directory: String, change: (_ name: String, _ values: inout [Float]) -> Void) throws {
    try writeTower(description, to: directory, change: change)
  }
}

/// Writes a drawn tower with the names of `keys`, a counter of batches beside it.
/// - Parameters:
///   - keys: the first of its kind's unless given.
///   - change: of an array's values by its name in the tower; an array without any is left out.
/// - Returns: all its weights, below `vision_model`.
@discardableResult
public func writeTower(
  _ description: any PictureTowerDescription, as keys: PublishedKeys? = nil, prefix: String = "",
  hasConfiguration: Bool = true, to directory: String,
  change: (_ name: String, _ values: inout [Float]) -> Void = { _, _ in }
) throws -> ParameterArena {
  let keys = keys ?? type(of: description).publishedKeys[0]
  let builder = ParameterBuilder()
  _ = description.makeEncoder(builder["vision_model"])
  let arena = ParameterArena(builder)
  arena.draw()
  var tensors = [NamedTensor(name: "bn1.num_batches_tracked", elementType: .float32, shape: [1], copying: [Float(3)])]
  for slice in arena.slices {
    var values = Array(arena.weights(of: slice))
    let name = String(slice.name.dropFirst("vision_model.".count))
    change(name, &values)
    guard !values.isEmpty else { continue }
    tensors.append(
      NamedTensor(name: prefix + keys.key(name), elementType: .float32, shape: slice.shape, copying: values))
  }
  try makeDirectory(directory)
  try writeSafetensors(tensors, to: directory + "/model.safetensors")
  if hasConfiguration { try writeAtomically(JSONEncoder().encode(description), to: directory + "/config.json") }
  return arena
}
