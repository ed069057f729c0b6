internal import Foundation

extension ModelDescription {
  /// With a bias of all logits, where the loss needs one and the model has none. The sigmoid loss begins with a bias of -10
  /// and a temperature of 1/10, so that the many pairs that do not belong together cost little at first (Zhai et al.,
  /// "Sigmoid Loss for Language Image Pre-Training", 2023, §3.2); weights that are loaded keep their own temperature.
  public func withLogitBias(if isNeeded: Bool) -> ModelDescription {
    guard isNeeded, var towers = transformers, towers.initialLogitBias == nil else { return self }
    (towers.initialLogitBias, towers.initialLogitScale) = (-10, Float(log(10.0)))
    if case .crossAttention(_, let fusion) = self { return .crossAttention(towers, fusion) }
    return .clip(towers)
  }
}
