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
}
