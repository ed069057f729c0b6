public import Models

/// The networks of Tests/Golden/convolutional.py.
public enum SmallTower: String, CaseIterable, Sendable {
  case basic, bottleneck, efficientnet

  public var description: any ImageTowerDescription {
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
