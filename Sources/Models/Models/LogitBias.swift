internal import Foundation

extension ModelDescription {
  /// With a bias of all logits, where the loss needs one and the model has none. The sigmoid loss begins with a bias of -10
  /// and a temperature of 1/10, so that the many pairs that do not belong together cost little at first (Zhai et al.,
  /// "Sigmoid Loss for Language Image Pre-Training", 2023, §3.2); weights that are loaded keep their own temperature.
  public func withLogitBias(if isNeeded: Bool) -> ModelDescription {
    guard isNeeded, initialLogitBias == nil else { return self }
    let (bias, scale) = (Float(-10), Float(log(10.0)))
    switch self {
    case .clip(var towers):
      (towers.initialLogitBias, towers.initialLogitScale) = (bias, scale)
      return .clip(towers)
    case .crossAttention(var towers, let fusion):
      (towers.initialLogitBias, towers.initialLogitScale) = (bias, scale)
      return .crossAttention(towers, fusion)
    case .mobileClip(var model):
      (model.initialLogitBias, model.initialLogitScale) = (bias, scale)
      return .mobileClip(model)
    }
  }
}
