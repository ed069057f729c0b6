extension RunConfiguration {
  /// The same with the sizes that a model has by itself, whatever a preset says; those that somebody stated stay.
  /// - Parameter sizes: by the keys that would have said them; nil for what the model has none of, which is not shown.
  public func with(sizes: [(key: String, size: Int?)]) -> RunConfiguration {
    var made = self
    for (path, size) in sizes {
      guard let index = ConfigurationKey.index(of: path) else { preconditionFailure("no key is called \(path)") }
      let key = ConfigurationKey.all[index]
      guard !origins[index].isStated else { continue }
      if let size { key.set(&made, .integer(size)) }
      made.origins[index] = size == nil ? .unused : .model
    }
    return made
  }

  /// The whole number that a key has; nil where it has none.
  public func size(of path: String) -> Int? {
    guard let index = ConfigurationKey.index(of: path), case .integer(let size) = ConfigurationKey.all[index].get(self)
    else { return nil }
    return size
  }

  /// The same with a size that was looked for.
  /// - Parameter reason: for people.
  public func with(_ size: Int, for path: String, matching reason: String) -> RunConfiguration {
    guard let index = ConfigurationKey.index(of: path) else { preconditionFailure("no key is called \(path)") }
    var made = self
    ConfigurationKey.all[index].set(&made, .integer(size))
    made.origins[index] = .matched(reason)
    return made
  }

  /// The same with nothing to look for any more: the sizes say all, and the other model need not be there again.
  public var withoutMatch: RunConfiguration {
    var made = self
    for (index, key) in ConfigurationKey.all.enumerated() where key.path.hasPrefix("model.match.") {
      key.set(&made, .absent)
      made.origins[index] = .unused
    }
    return made
  }
}
