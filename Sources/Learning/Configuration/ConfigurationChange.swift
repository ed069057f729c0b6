internal import Models
internal import Objectives

/// A key whose value differs between the run that wrote a checkpoint and the run that goes on from it.
public struct ConfigurationChange: Sendable, Equatable, CustomStringConvertible {
  public let path: String
  public let before: ConfigurationValue
  public let after: ConfigurationValue
  /// Where the new value comes from.
  public let origin: ConfigurationOrigin
  /// The weights, the optimizer's state or the order of the samples would not fit the new value.
  public let isRefused: Bool

  public var description: String {
    "\(path): \(before.yaml(absentWord: nil)) → \(after.yaml(absentWord: nil)) (\(origin))"
  }
}

extension RunConfiguration {
  /// What differs from `earlier`, in the order of the keys.
  public func changes(since earlier: RunConfiguration) -> [ConfigurationChange] {
    ConfigurationKey.all.enumerated().compactMap { index, key in
      let (before, after) = (key.get(earlier), key.get(self))
      guard before != after else { return nil }
      return ConfigurationChange(
        path: key.path, before: before, after: after, origin: origins[index], isRefused: isFixedAfterStart(key.path))
    }
  }

  /// Refuses changes that a resumed run cannot make.
  /// - Returns: the changes that it can.
  /// - Throws: `ConfigurationError` that names each refused change and where it was asked for.
  @discardableResult
  public func checkResume(from earlier: RunConfiguration) throws -> [ConfigurationChange] {
    let changes = changes(since: earlier)
    let refused = changes.filter(\.isRefused).map {
      ConfigurationProblem(
        place: $0.origin.description,
        message: "\($0): this cannot change in a run that has begun; take the old value, or begin a new run with "
          + "--output or --resume never")
    }
    guard refused.isEmpty else { throw ConfigurationError(problems: refused) }
    return changes
  }
}

/// The architecture, what is trained of it, and what decides which samples a step sees. The preset is only a name for other
/// keys; some objectives bring parameters of their own. The data are known by their fingerprint, wherever they lie.
private func isFixedAfterStart(_ path: String) -> Bool {
  if path == "model.preset" { return false }
  let brings = ObjectiveCatalogue.all.contains { path == "objective.\($0.name)" && $0.needs.contains(where: \.isAdded) }
  return brings || path.hasPrefix("model.") || path.hasPrefix("task.") || path.hasPrefix("initialize.lock.")
    || path.hasPrefix("privacy.")
    || [
      "objective.group", "objective.group_by", "balance.method", "balance.measure", "data.split", "data.shuffle",
      "batch.global", "optimizer.name",
      "initialize.freeze", "seed",
    ].contains(path)
}

extension RunConfiguration {
  /// Of all that decides what a step learns of its samples: two runs that differ in it take other steps. Where files lie, what is written and
  /// what is measured is not in it.
  public var learningText: String {
    let others = ["output", "data.path", "data.workers", "memory.cache_locked", "communication.overlap"]
    let sections = ["checkpoint.", "evaluation.", "guard.", "log."]
    return ConfigurationKey.all.filter { key in
      !others.contains(key.path) && !sections.contains { key.path.hasPrefix($0) }
    }.map { "\($0.path): \($0.get(self).yaml(absentWord: "–"))\n" }.joined()
  }
}
