internal import Files
internal import Reporting

extension RunConfiguration {
  /// Merges the built-in recipe, the preset, the file and the command line; later ones win.
  ///
  /// - Parameters:
  ///   - file: a YAML file, at most 1 MiB; nil for none.
  ///   - settings: what the command line says, in order.
  /// - Throws: `ConfigurationError` with everything that is wrong, or `FileError` when the file cannot be read.
  public init(file: String?, settings: [ConfigurationSetting] = []) throws {
    var layers: [ConfigurationLayer] = []
    if let file { layers.append(try ConfigurationLayer(file: file)) }
    layers.append(ConfigurationLayer(settings: settings))
    try self.init(layers: layers)
  }

  /// The same from text, which messages call `name`.
  /// - Throws: `ConfigurationError`.
  public init(yaml text: String, name: String, settings: [ConfigurationSetting] = []) throws {
    try self.init(layers: [ConfigurationLayer(yaml: text, path: name), ConfigurationLayer(settings: settings)])
  }

  private init(layers: [ConfigurationLayer]) throws {
    self = builtInRecipe(for: choice("model.name", in: layers) ?? builtInModelName)
    let preset = choice("model.preset", in: layers) ?? model.preset
    apply(preset.values, of: preset)
    var problems = layers.flatMap(\.problems)
    for layer in layers {
      apply(layer)
      problems += settleLength(layer)
    }
    let failed = layers.flatMap(\.failedKeys).map { ConfigurationKey.all[$0].path }
    problems += violations(of: ConfigurationCheck.all, except: failed)
    if problems.isEmpty { problems = violations(of: ConfigurationCheck.unsupported, except: []) }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }

  private mutating func apply(_ values: [(path: String, value: ConfigurationValue)], of preset: ModelSettings.Preset) {
    for (path, value) in values {
      guard let index = ConfigurationKey.index(of: path) else { preconditionFailure("no key is called \(path)") }
      ConfigurationKey.all[index].set(&self, value)
      origins[index] = .preset(preset.rawValue)
    }
  }

  private mutating func apply(_ layer: ConfigurationLayer) {
    for entry in layer.entries {
      ConfigurationKey.all[entry.key].set(&self, entry.value)
      origins[entry.key] = entry.origin
    }
  }

  /// A run lasts so many epochs or so many steps: a source that gives one takes the other back.
  private mutating func settleLength(_ layer: ConfigurationLayer) -> [ConfigurationProblem] {
    let paths = ["schedule.epochs", "schedule.steps"]
    switch (layer.origin(of: paths[0]), layer.origin(of: paths[1])) {
    case (let epochs?, let steps?):
      return [
        ConfigurationProblem(
          place: steps.description, message: "schedule.steps: schedule.epochs is given too, at \(epochs); keep one")
      ]
    case (let epochs?, nil):
      schedule.steps = nil
      if let index = ConfigurationKey.index(of: paths[1]) { origins[index] = epochs }
    case (nil, let steps?):
      schedule.epochs = nil
      if let index = ConfigurationKey.index(of: paths[0]) { origins[index] = steps }
    case (nil, nil):
      break
    }
    return []
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

/// The last valid choice that the layers make for `path`: it decides what lies below all of them.
private func choice<Value: RawRepresentable>(_ path: String, in layers: [ConfigurationLayer]) -> Value?
where Value.RawValue == String {
  for layer in layers.reversed() {
    if case .text(let name)? = layer.value(of: path) { return Value(rawValue: name) }
  }
  return nil
}
