package import Configuration
internal import Glibc
package import Layers
package import Models
internal import Reporting

/// Which parameters keep the weights that they begin with: those that a glob of `initialize.freeze` matches, and those of
/// a tower that `initialize.lock` locks (Zhai et al., "LiT: Zero-Shot Transfer with Locked-image text Tuning", 2022); where
/// layers have low-rank updates, all but these.
package struct FrozenParameters {
  /// Looked up, never walked through.
  private let names: Set<String>

  /// - Throws: `ConfigurationError` for a glob that matches nothing, a lock that locks nothing, arrays that are computed as
  ///   one and would part, and where nothing is left to train.
  package init(_ configuration: RunConfiguration, _ description: any ModelDescription, _ parameters: [Parameter]) throws
  {
    let all = parameters.flatMap { $0.slices.map(\.name) }
    let locked = try Self.locked(configuration, description)
    let adaptation = Adaptation(configuration, description)
    var (names, problems): (Set<String>, [ConfigurationProblem]) = ([], [])
    if let adaptation { names.formUnion(all.filter { !adaptation.trains($0) }) }
    for glob in configuration.model.lora.train where !all.contains(where: { matches($0, glob: glob) }) {
      problems.append(Self.unmatched(glob, all, configuration))
    }
    for glob in configuration.initialize.freeze + locked {
      let matched = all.filter { matches($0, glob: glob) }
      if matched.isEmpty, !locked.contains(glob) { problems.append(Self.unmatched(glob, all, configuration)) }
      names.formUnion(matched)
    }
    self.names = names
    problems += parameters.compactMap { Self.parted($0, names, configuration) }
    problems += Self.unlockedStandardized(names, configuration, description, parameters)
    if problems.isEmpty, parameters.allSatisfy({ $0.isConstant || names.contains($0.slices[0].name) }) {
      problems.append(Self.problem("freezes every parameter, so nothing would be learned; freeze less", configuration))
    }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }

  package func contains(_ name: String) -> Bool { names.contains(name) }

  /// How many blocks of a tower the backward pass comes through: those behind the first stage that has something to train.
  func blocksWithBackwardPass(of tower: TowerLayers, _ parameters: [Parameter]) -> Int {
    let trained = parameters.filter { !$0.isConstant }.map { $0.slices[0].name }.filter { !contains($0) }
    let depths = trained.compactMap(tower.depth)
    return tower.blocks.count - max(0, (depths.min() ?? tower.blocks.count + 1) - 1)
  }

  /// The globs that a lock stands for. Not all of them must match: nothing leads to the first stage of a FastViT.
  package static func locked(_ configuration: RunConfiguration, _ description: any ModelDescription) throws -> [String]
  {
    try Modality.allCases.flatMap { modality -> [String] in
      guard let open = configuration.initialize.lock[modality], let layers = description.towers[modality] else {
        return []
      }
      let key = "initialize.lock." + modality.towerKey
      let groups = layers.groups
      guard open < groups.count else {
        throw locking(
          key, "\(open) open groups are all that the tower has; give 0 to \(groups.count - 1), or none to lock nothing",
          configuration)
      }
      return groups.dropLast(open).flatMap { $0.map { $0 + "*" } }
    }
  }

  private static func locking(
    _ key: String, _ message: String, _ configuration: RunConfiguration
  ) -> ConfigurationError {
    ConfigurationError(problems: [
      ConfigurationProblem(
        place: configuration.origins.origin(of: key).description, message: "\(key): \(message)")
    ])
  }

  // MARK: What can be wrong

  private static func problem(_ message: String, _ configuration: RunConfiguration) -> ConfigurationProblem {
    let keys = ["initialize.freeze", "initialize.lock.vision", "initialize.lock.text", "model.lora.train"]
    let key = keys.first { configuration.origins.origin(of: $0).isStated } ?? keys[0]
    return ConfigurationProblem(
      place: configuration.origins.origin(of: key).description, message: "\(key): \(message)")
  }

  private static func unmatched(
    _ glob: String, _ names: [String], _ configuration: RunConfiguration
  ) -> ConfigurationProblem {
    var groups: [String] = []
    for name in names {
      var parts = name.split(separator: ".")
      while parts.popLast() != nil, !parts.isEmpty {
        let group = parts.joined(separator: ".") + ".*"
        if groups.last != group, !groups.contains(group) { groups.append(group) }
      }
    }
    let guess = nearest(to: glob, among: groups + names).map { "; did you mean \($0)?" }
    return problem(
      "'\(printable(glob, limit: 80))' matches no parameter" + (guess ?? "; names look like \(names.last ?? "")"),
      configuration)
  }

  /// Features are standardised by what they are before the first step, so that they must not change. Statistics that come
  /// with weights are constants of a model that is trained further.
  private static func unlockedStandardized(
    _ frozen: Set<String>, _ configuration: RunConfiguration, _ description: any ModelDescription,
    _ parameters: [Parameter]
  ) -> [ConfigurationProblem] {
    guard configuration.firstWeights == nil, let features = description as? any FeatureDescription else { return [] }
    let trained = parameters.filter { !$0.isConstant }.flatMap(\.slices).map(\.name).filter { !frozen.contains($0) }
    let key = "model.projection.standardize"
    return Modality.allCases.filter(features.standardized.contains).compactMap { modality in
      guard let tower = description.towers[modality], let open = trained.first(where: tower.holds) else { return nil }
      let message =
        "\(key): \(modality.towerName) is trained (\(open)), so that its features change; lock it, "
        + "initialize.lock.\(modality.towerKey): 1 say, or leave it out"
      return ConfigurationProblem(place: configuration.origins.origin(of: key).description, message: message)
    }
  }

  /// What is stored end to end is updated as one.
  private static func parted(
    _ parameter: Parameter, _ frozen: Set<String>, _ configuration: RunConfiguration
  ) -> ConfigurationProblem? {
    let names = parameter.slices.map(\.name)
    let open = names.filter { !frozen.contains($0) }
    guard !open.isEmpty, open.count < names.count else { return nil }
    return problem(
      "\(names.filter(frozen.contains).joined(separator: ", ")) would be frozen and "
        + "\(open.joined(separator: ", ")) would not, but they are computed as one; freeze all of them or none",
      configuration)
  }
}

/// Whether a shell's glob matches the whole of a name: `*` any characters, dots too, `?` one, `[0-5]` one of a range.
func matches(_ name: String, glob: String) -> Bool { fnmatch(glob, name, 0) == 0 }
