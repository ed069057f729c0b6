internal import Configuration
internal import Files
internal import Layers
internal import Models
internal import Pretrained
internal import Reporting

/// What a run learns of a model by low-rank updates, as `model.lora` says: the layers that get one, and what is trained whole
/// beside them. Everything else keeps its weights (Hu et al., "LoRA", 2022).
struct Adaptation {
  private let configuration: RunConfiguration
  private let settings: LowRankSettings
  /// Globs over what is trained whole. What a model or a task adds to the towers that it begins from is drawn, and no update
  /// could help it.
  private let whole: [String]

  /// Nil where the weights themselves are trained.
  init?(_ configuration: RunConfiguration, _ description: any ModelDescription) {
    guard configuration.model.lora.rank > 0 else { return nil }
    (self.configuration, settings) = (configuration, configuration.model.lora)
    whole = settings.train + description.addedPrefixes.map { $0 + "*" }
  }

  /// Whether a parameter is learnt.
  func trains(_ name: String) -> Bool { LowRankParameters.own(name) || isWhole(name) }

  private func isWhole(_ name: String) -> Bool { whole.contains { matches(name, glob: $0) } }

  /// What linear layers are made with.
  var layers: LowRankAdaptation {
    let scale = LowRankAdaptation.scale(rank: settings.rank, alpha: settings.alpha)
    return LowRankAdaptation(rank: settings.rank, scale: scale) { layer in
      settings.targets.contains { Self.names($0, layer) } && !isWhole(layer.name + ".weight")
    }
  }

  /// As PEFT has it: the whole of a name, or its end after a dot; with an asterisk and the like a glob over the whole of it.
  private static func names(_ target: String, _ layer: LinearLayer) -> Bool {
    if target.contains(where: "*?[".contains) { return matches(layer.name, glob: target) }
    return layer.name == target || layer.name.hasSuffix("." + target)
  }

  /// What is learnt, and what therefore is not, in words.
  func remark(on parameters: [Parameter]) -> String {
    let slices = parameters.filter { !$0.isConstant }.flatMap(\.slices)
    let updates = slices.filter { LowRankParameters.own($0.name) }
    let others = slices.filter { isWhole($0.name) }
    let globs = whole.filter { glob in others.contains { matches($0.name, glob: glob) } }
    func numbers(_ slices: [ParameterSlice]) -> Int { slices.reduce(0) { $0 + $1.count } }
    return
      "model.lora: \(updates.count / 2) layers learn updates of rank \(settings.rank), \(numbers(updates)) numbers; "
      + (globs.isEmpty ? "" : "\(numbers(others)) are trained whole, of \(globs.joined(separator: ", ")); ")
      + "all others keep their weights"
  }

  // MARK: What can be wrong

  /// - Parameter made: the linear layers of the model.
  /// - Throws: `ConfigurationError` for a target that no layer has, and for a rank that makes no layer smaller.
  func check(_ made: [LinearLayer]) throws {
    var problems = settings.targets.compactMap { target in
      made.contains { Self.names(target, $0) } ? nil : unmatched(target, made)
    }
    let adapted = made.filter(layers.isTarget)
    if problems.isEmpty, adapted.isEmpty {
      problems.append(problem("model.lora.targets", "names only layers that are trained whole; name others"))
    }
    if let small = adapted.first(where: { settings.rank > min($0.inputs, $0.outputs) }) {
      problems.append(
        problem(
          "model.lora.rank",
          "\(settings.rank) is more than \(small.name) has, which is \(small.outputs) × \(small.inputs); give at most "
            + "\(min(small.inputs, small.outputs))"))
    }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }

  /// - Throws: `ConfigurationError` where there is no model to adapt, or only another adapter.
  func checkBase() throws {
    guard let weights = configuration.firstWeights else {
      throw ConfigurationError(problems: [
        problem(
          "model.lora.rank", "updates are added to a model that knows something; name one with initialize.weights")
      ])
    }
    guard !isAdapter(weights) else {
      throw ConfigurationError(problems: [
        problem(
          "initialize.weights",
          "\(printable(weights)) is an adapter, and updates are added to a whole model; make it one with mmtrain export"
        )
      ])
    }
  }

  private func unmatched(_ target: String, _ made: [LinearLayer]) -> ConfigurationProblem {
    var ends: [String] = []
    for layer in made {
      let parts = layer.name.split(separator: ".")
      for count in 1...min(2, parts.count) {
        let end = parts.suffix(count).joined(separator: ".")
        if !ends.contains(end) { ends.append(end) }
      }
    }
    let guess = nearest(to: target, among: ends + made.map(\.name)).map { "; did you mean \($0)?" }
    let known = ends.filter { !$0.contains(".") }.joined(separator: ", ")
    return problem(
      "model.lora.targets",
      "'\(printable(target, limit: 80))' matches no linear layer" + (guess ?? "; their names end in \(known)"))
  }

  private func problem(_ key: String, _ message: String) -> ConfigurationProblem {
    ConfigurationProblem(place: configuration.origins.origin(of: key).description, message: "\(key): \(message)")
  }
}

extension RunConfiguration {
  /// How checkpoints hold a model whose layers have updates; nil where they hold all of it.
  var adapterFiles: AdapterFiles? {
    guard model.lora.rank > 0, let weights = firstWeights else { return nil }
    return AdapterFiles(rank: model.lora.rank, alpha: model.lora.alpha, base: absolutePath(weights) ?? weights)
  }

  /// The model as it is trained, its layers with the updates that they are to have.
  /// - Throws: `ConfigurationError` for updates that it cannot have.
  func make(_ description: any ModelDescription) throws -> (model: any Model, builder: ParameterBuilder) {
    let adaptation = Adaptation(self, description)
    let builder = ParameterBuilder(adapting: adaptation?.layers)
    let model = description.make(builder)
    try adaptation?.check(builder.linearLayers)
    return (model, builder)
  }
}
