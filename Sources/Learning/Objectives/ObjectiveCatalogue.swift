/// The objectives that there are: the only list of them.
public enum ObjectiveCatalogue {
  /// In the order in which their losses are added up.
  public static var all: [any Objective.Type] {
    [
      ContrastiveObjective.self, SigmoidObjective.self, CosineMarginObjective.self, MatchingObjective.self,
      MaskedTextObjective.self,
    ]
  }
}
