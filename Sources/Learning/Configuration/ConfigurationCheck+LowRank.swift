internal import Models

extension ConfigurationCheck {
  /// What `model.lora` goes together with. What is drawn or changes beside the updates would be lost: checkpoints hold the
  /// updates and what is trained whole, and take everything else from the model that the run began with.
  static let lowRank: [ConfigurationCheck] = [
    ConfigurationCheck("model.lora.targets", "model.lora.rank") {
      $0.model.lora.rank > 0 && $0.model.lora.targets.isEmpty
        ? "no layer is to have an update; name some, [q_proj, v_proj] say" : nil
    },
    ConfigurationCheck("model.lora.targets", "model.lora.alpha", "model.lora.train") {
      let recipe = builtInRecipe(for: $0.model.name).model.lora
      let isOff = $0.model.lora.rank == 0 && $0.model.lora != recipe
      return isOff ? "without a rank no layer has an update; give model.lora.rank, 8 say, or leave the key out" : nil
    },
    withUpdates("initialize.freeze") {
      $0.initialize.freeze.isEmpty
        ? nil : "beside updates everything is frozen but what model.lora.train names; leave the key out"
    },
    withUpdates("initialize.lock.vision", "initialize.lock.text") {
      $0.initialize.lock.vision == nil && $0.initialize.lock.text == nil
        ? nil
        : "beside updates everything is frozen; leave the key out, and choose what learns by model.lora.targets, as "
          + "text_model.*q_proj"
    },
    withUpdates("initialize.strict") {
      $0.initialize.strict ? nil : "updates need all of the model that they are added to; leave the key out"
    },
    withUpdates("model.batch_norm") {
      $0.model.batchNorm == .synchronised
        ? "statistics that move would not be kept with the updates; leave the key out" : nil
    },
    withUpdates("model.projection.standardize") {
      $0.isStated("model.projection.standardize") && $0.model.projection.standardize != .none
        ? "statistics of features would not be kept with the updates; leave the key out" : nil
    },
    withUpdates("optimizer.average") {
      ($0.optimizer.average ?? 0) > 0 ? "an average of updates cannot be kept yet; leave the key out" : nil
    },
    withUpdates("model.reparameterize") {
      $0.model.reparameterize ? "updates are for the weights as they are published; leave the key out" : nil
    },
  ]

  /// A rule that holds where layers have updates.
  private static func withUpdates(
    _ keys: String..., complaint: @escaping @Sendable (RunConfiguration) -> String?
  ) -> ConfigurationCheck {
    ConfigurationCheck(keys) { $0.model.lora.rank > 0 ? complaint($0) : nil }
  }
}
