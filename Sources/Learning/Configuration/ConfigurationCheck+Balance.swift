internal import Models
internal import Objectives
internal import Tasks

extension ConfigurationCheck {
  /// How modalities are kept in balance.
  static let balance: [ConfigurationCheck] =
    [
      ConfigurationCheck("balance.method", "balance.measure", "task.name") { configuration in
        guard configuration.task.balance.hasHeads, !TaskCatalogue.hasApartHeads(configuration.task) else { return nil }
        return
          "\(configuration.task.name) has no heads of single modalities; set balance.method to none and balance.measure to false, "
          + "or name a task of classes"
      },
      ConfigurationCheck("balance.method", "balance.measure", "task.inputs") { configuration in
        let balance = configuration.task.balance
        guard balance.hasHeads, TaskCatalogue.hasApartHeads(configuration.task),
          TaskCatalogue.task(configuration.task).modalities.count < 2
        else { return nil }
        return
          "the task looks at one modality alone, which nothing is out of balance with; name several with task.inputs"
      },
      ConfigurationCheck("balance.method", "objective.group") {
        $0.task.balance.hasHeads && $0.objective.group.method != .none
          ? "single modalities are learnt from all samples alike, and objective.group counts groups; set one of the two to none"
          : nil
      },
    ] + weightKeys.map(areWeights) + keys.map(hasUseToMethod)

  private static let weightKeys = ["balance.loss_weights", "balance.rate_weights"]
  private static let keys = ConfigurationKey.all.map(\.path).filter {
    $0.hasPrefix("balance.") && $0 != "balance.method" && $0 != "balance.measure"
  }

  private static func areWeights(_ key: String) -> ConfigurationCheck {
    ConfigurationCheck(key) { configuration in
      let balance = configuration.task.balance
      let texts = key == weightKeys[0] ? balance.lossWeights : balance.rateWeights
      let known = Modality.allCases.map(\.rawValue)
      var seen: [String] = []
      for text in texts {
        guard let weight = BalanceSettings.weight(text), known.contains(weight.modality),
          !seen.contains(weight.modality)
        else {
          return "'\(text)' is no weight; give a list of MODALITY=NUMBER, each once, of "
            + known.joined(separator: ", ")
        }
        seen.append(weight.modality)
      }
      return nil
    }
  }

  /// A key that would have no effect is refused, rather than believed to have had one.
  private static func hasUseToMethod(_ key: String) -> ConfigurationCheck {
    ConfigurationCheck(key, "balance.method") { $0.isStated(key) ? $0.whatBalanceLacks(for: key) : nil }
  }
}

extension RunConfiguration {
  /// Why a key below `balance` means nothing, as another method would have to use it; nil for one that has a use.
  func whatBalanceLacks(for key: String) -> String? {
    guard key.hasPrefix("balance."), key != "balance.method", key != "balance.measure" else { return nil }
    let method = task.balance.method
    guard !BalanceMethods.kind(method).keys.contains(key) else { return nil }
    let users = BalanceMethods.all.filter { $0.keys.contains(key) }.map { $0.method.rawValue }
    return
      "means something to balance.method \(users.joined(separator: ", ")) alone, and that is \(method.rawValue); change one of the two"
  }
}
