/// A description of a model whose published files have the heads that somebody wanted, and may call arrays otherwise than the model
/// does.
public protocol PublishedDescription: ModelDescription {
  /// What the names of the heads' parameters begin with: a run may begin from weights without a head, and adds it.
  static var headPrefixes: [String] { get }
  /// What else files call a parameter that they do not hold under its own name.
  static func otherKeys(of parameter: String) -> [String]
  /// Whether such files hold a key that nothing is computed from: a copy of another array, or a layer that is never called.
  static func isDead(_ key: String) -> Bool
}

extension ModelCatalogue {
  private static var published: [any PublishedDescription.Type] {
    descriptions.compactMap { $0 as? any PublishedDescription.Type }
  }

  /// What else files call a parameter that they do not hold under its own name.
  public static func otherKeys(of parameter: String) -> [String] { published.flatMap { $0.otherKeys(of: parameter) } }

  /// Whether published files hold a key that nothing is computed from.
  public static func isDead(_ key: String) -> Bool { published.contains { $0.isDead(key) } }
}

extension ModelDescription {
  /// What the names of parameters begin with that a run may put on the weights that it begins from.
  public var addedPrefixes: [String] {
    ownPrefixes + ((Self.self as? any PublishedDescription.Type)?.headPrefixes ?? [])
      + ["logit_bias", taskHeadPrefix + "."]
  }
}
