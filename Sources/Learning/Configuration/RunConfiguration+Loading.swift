internal import Files
internal import Models
internal import Reporting

extension RunConfiguration {
  /// Merges the built-in recipe, the preset, the files and the command line; later ones win.
  ///
  /// - Parameters:
  ///   - files: YAML files, each of at most 1 MiB; a later one wins over those before it.
  ///   - settings: what the command line says, in order.
  /// - Throws: `ConfigurationError` with everything that is wrong, or `FileError` when a file cannot be read.
  public init(files: [String], settings: [ConfigurationSetting] = []) throws {
    try self.init(layers: files.map { try ConfigurationLayer(file: $0) } + [ConfigurationLayer(settings: settings)])
  }

  /// The same with settings of several sources one above the other: a later one may say by steps what one before it said by epochs.
  public init(files: [String], sources: [[ConfigurationSetting]]) throws {
    try self.init(
      layers: files.map { try ConfigurationLayer(file: $0) } + sources.map { ConfigurationLayer(settings: $0) })
  }

  /// The same with one file, or none.
  public init(file: String?, settings: [ConfigurationSetting] = []) throws {
    try self.init(files: file.map { [$0] } ?? [], settings: settings)
  }

  /// The same from text, which messages call `name`.
  /// - Throws: `ConfigurationError`.
  public init(yaml text: String, name: String, settings: [ConfigurationSetting] = []) throws {
    try self.init(layers: [ConfigurationLayer(yaml: text, path: name), ConfigurationLayer(settings: settings)])
  }

  private init(layers: [ConfigurationLayer]) throws {
    self = builtInRecipe(for: name("model.name", in: layers) ?? ModelCatalogue.usual)
    let preset = name("model.preset", in: layers).flatMap(ModelPreset.init) ?? preset
    apply(preset.values, of: preset)
    if preset == .base {
      apply(ModelCatalogue.publishedSizes(of: model.name).map { ($0.key, .integer($0.size)) }, of: preset)
      apply(publishedRecipe(of: model.name), of: preset)
    }
    var problems = layers.flatMap(\.problems)
    for layer in layers {
      apply(layer)
      problems += settle("schedule.epochs", "schedule.steps", in: layer)
      problems += settle("schedule.warmup_steps", "schedule.warmup_fraction", in: layer)
    }
    let failed = layers.flatMap(\.failedKeys).map { ConfigurationKey.all[$0].path }
    problems += violations(of: ConfigurationCheck.all, except: failed)
    if problems.isEmpty { problems = violations(of: ConfigurationCheck.unsupported, except: []) }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }

  private mutating func apply(_ values: [(path: String, value: ConfigurationValue)], of preset: ModelPreset) {
    for (path, value) in values {
      guard let index = ConfigurationKey.index(of: path) else { preconditionFailure("no key is called \(path)") }
      ConfigurationKey.all[index].set(&self, value)
      origins[index] = .preset(preset.rawValue)
    }
  }

  private func publishedRecipe(of name: String) -> [(path: String, value: ConfigurationValue)] {
    ModelCatalogue.publishedRecipe(of: name).map { path, text in
      guard let index = ConfigurationKey.index(of: path),
        let value = try? ConfigurationKey.all[index].value(of: text, isQuoted: false)
      else { preconditionFailure("no key \(path) takes \(text)") }
      return (path, value)
    }
  }

  private mutating func apply(_ layer: ConfigurationLayer) {
    for entry in layer.entries {
      ConfigurationKey.all[entry.key].set(&self, entry.value)
      origins[entry.key] = entry.origin
    }
  }

  /// Of two keys that say the same thing in two ways a source gives one, and takes the other back.
  private mutating func settle(
    _ first: String, _ second: String, in layer: ConfigurationLayer
  ) -> [ConfigurationProblem] {
    switch (layer.origin(of: first), layer.origin(of: second)) {
    case (let other?, let place?):
      return [
        ConfigurationProblem(
          place: place.description, message: "\(second): \(first) is given too, at \(other); keep one")
      ]
    case (let origin?, nil): clear(second, origin)
    case (nil, let origin?): clear(first, origin)
    case (nil, nil): break
    }
    return []
  }

  private mutating func clear(_ path: String, _ origin: ConfigurationOrigin) {
    guard let index = ConfigurationKey.index(of: path) else { preconditionFailure("no key is called \(path)") }
    ConfigurationKey.all[index].set(&self, .absent)
    origins[index] = origin
  }
}

extension ConfigurationLayer {
  fileprivate init(file path: String) throws {
    var bytes = try readFile(path, limit: 1 << 20)[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      self.init()
      fail(printable(path), "is not UTF-8 text; save it as plain UTF-8")
      return
    }
    self.init(yaml: text, path: path)
  }
}

/// The last valid name that the layers give `path`: it decides what lies below all of them.
private func name(_ path: String, in layers: [ConfigurationLayer]) -> String? {
  for layer in layers.reversed() {
    if case .text(let name)? = layer.value(of: path) { return name }
  }
  return nil
}
