internal import Collectives
internal import Configuration
internal import Layers
internal import Models
internal import Objectives
internal import Tasks
internal import TensorEngine

extension RunPlan {
  /// Refuses a balance of modalities that the model's join cannot have, and says what to know of the others.
  mutating func planBalance() throws {
    let settings = configuration.task.balance
    guard settings.hasHeads else { return }
    let (model, builder) = try configuration.make(description)
    let kind = BalanceMethods.kind(settings.method)
    if let head = try task.makeHead(on: model, builder[taskHeadPrefix]) as? any BalancedHead,
      let obstacle = kind.obstacle(to: head.join)
    {
      throw TrainingError.unsupported(key: "balance.method", what: obstacle)
    }
    if kind.init(settings).comparesGradients, configuration.model.batchNorm == .synchronised {
      throw TrainingError.unsupported(
        key: "model.batch_norm",
        what:
          "balance.method \(settings.method.rawValue) looks at each batch twice, so that statistics would move twice; set it to frozen"
      )
    }
    if let warning = kind.warning { tell("WARNING: " + warning) }
  }
}

extension ModelSetup {
  /// How the modalities of a task are kept in balance; nil where nobody asks.
  static func modalityBalance(
    _ configuration: RunConfiguration, _ task: any Task, _ head: (any TaskHead)?
  ) -> ModalityBalance? {
    let settings = configuration.task.balance
    guard settings.hasHeads, head is any BalancedHead else { return nil }
    return ModalityBalance(settings, task.modalities, seed: configuration.seed)
  }

  /// What is done with the gradients of their towers.
  static func towerBalance(
    _ balance: ModalityBalance?, _ head: (any TaskHead)?, _ model: any Model, _ arena: ParameterArena, part: Range<Int>,
    _ engine: Engine, _ communicator: any Communicator, seed: UInt64
  ) throws -> TowerBalance? {
    guard let balance, let head = head as? any BalancedHead else { return nil }
    let towers = try TowerParameters(head.reader, model, arena, engine)
    return TowerBalance(balance, towers, arena, part: part, engine, communicator, seed: seed)
  }
}
