internal import Models

extension ConfigurationCheck {
  /// What `model.match` goes together with.
  static let match: [ConfigurationCheck] = [
    ConfigurationCheck("model.match.what", "model.match.with") {
      switch ($0.model.match.budget, $0.model.match.other) {
      case (nil, .some): "nobody says what is to be equal; set it to parameters or operations"
      case (.some, nil): "nobody says which model it is to be like; name one with model.match.with"
      default: nil
      }
    },
    ConfigurationCheck("model.match.vary", "model.match.what") {
      $0.model.match.size != nil && $0.model.match.budget == nil
        ? "nothing is to be equal; set model.match.what too, or leave the key out" : nil
    },
    ConfigurationCheck("model.match.what", "initialize.weights") {
      $0.model.match.budget != nil && $0.initialize.weights != nil
        ? "the sizes are those of initialize.weights; leave one of the two out" : nil
    },
    ConfigurationCheck("model.match.vary") {
      guard $0.model.match.budget != nil, let key = $0.model.match.size.map({ "model." + $0 }) else { return nil }
      if !ModelCatalogue.hasUse($0.model.name, for: key) {
        return "\($0.model.name) makes no use of \(key); vary another"
      }
      return $0.isStated(key) ? "\(key) is stated, and would be looked for; leave one of the two out" : nil
    },
    ConfigurationCheck("model.match.what") {
      $0.model.match.budget != nil && $0.sizesToMatch.isEmpty
        ? "every size that could be looked for is stated; leave one out, or name another with model.match.vary" : nil
    },
  ]
}

extension RunConfiguration {
  /// The keys of sizes that may be looked for, in the order in which they are tried: the one that is named, or those of where image
  /// and text meet that nobody has stated.
  public var sizesToMatch: [String] {
    if let size = model.match.size { return ["model." + size] }
    let group = MatchSettings.groups.map { "model." + $0 }.first {
      ModelCatalogue.hasUse(model.name, for: $0 + ".width")
    }
    return group.map { group in
      MatchSettings.kinds.map { "\(group).\($0)" }.filter { !isStated($0) }
    } ?? []
  }
}
