public import Models

/// The objectives that there are: the only list of them.
public enum ObjectiveCatalogue {
  /// In the order in which their losses are added up.
  public static var all: [any Objective.Type] {
    [
      ContrastiveObjective.self, SigmoidObjective.self, CosineMarginObjective.self, PairwiseObjective.self,
      MatchingObjective.self,
      MaskedTextObjective.self, AlignmentObjective.self, SelfCriticalObjective.self,
      MaskedRegionObjective<MaskedRegionFeatures>.self,
      MaskedRegionObjective<MaskedRegionClasses>.self, MaskedRegionObjective<MaskedRegionDistribution>.self,
      MaskedRegionObjective<MaskedRegionPixels>.self,
    ]
  }

  /// The weights where a configuration says nothing.
  /// - Parameter parts: that the model has of its own.
  public static func usualWeights(for parts: [ModelPart]) -> [String: Double] {
    let fitting = all.filter { $0.usualWeight > 0 && $0.needs.allSatisfy(parts.contains) }
    return Dictionary(uniqueKeysWithValues: fitting.map { ($0.name, $0.usualWeight) })
  }
}
