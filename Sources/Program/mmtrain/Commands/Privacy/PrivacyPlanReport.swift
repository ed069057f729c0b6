internal import Evaluation
internal import Privacy
internal import Reporting

/// What a plan costs at each noise, by every accountant, as words and as JSON.
struct PrivacyPlanReport {
  struct Row {
    let noise: Double
    /// What the noise was looked for.
    let target: Double?
    /// By each accountant, or why it cannot say.
    let costs: [(accountant: Accountant, cost: Result<PrivacyCost, AccountingError>)]
    /// Of somebody who has several units.
    let ofSeveral: PrivacyCost?
  }

  private let plan: PrivacyPlan
  /// Nil where only their number was given.
  private let units: PrivateUnits?
  private let unitsOfOne: Int
  private let rows: [Row]

  /// - Parameters:
  ///   - targets: ε for each of which a noise is looked for.
  ///   - accountant: by which.
  init(
    _ plan: PrivacyPlan, _ units: PrivateUnits?, noises: [Double], targets: [Double], accountant: Accountant,
    unitsOfOne: Int
  ) throws {
    (self.plan, self.units, self.unitsOfOne) = (plan, units, unitsOfOne)
    func cost(_ noise: Double, _ accountant: Accountant) -> Result<PrivacyCost, AccountingError> {
      Result { () throws(AccountingError) in try plan.cost(noise: noise, accountant) }
    }
    func row(_ noise: Double, target: Double?) -> Row {
      Row(
        noise: noise, target: target,
        costs: Accountant.allCases.map { (accountant: $0, cost: cost(noise, $0)) },
        ofSeveral: unitsOfOne > 1
          ? GroupPrivacy(units: unitsOfOne).epsilon(of: [plan.run(noise: noise)], delta: plan.delta) : nil)
    }
    rows =
      noises.map { row($0, target: nil) }
      + (try targets.map { row(try plan.noise(epsilon: $0, accountant), target: $0) })
  }

  // MARK: Words

  var table: String {
    var lines = [
      "\(plan.units) units, \(plan.batch) drawn a step in the mean (q = \(brief(plan.rate))), \(plan.steps) steps, δ = \(plan.delta)"
    ]
    if let units {
      if units.largest > 1 { lines.append("a unit has up to \(units.largest) samples, of which a step takes one") }
      if units.ungrouped > 0 {
        lines.append("\(units.ungrouped) samples are of no group: those with equal photos are one unit")
      }
    }
    let several = unitsOfOne > 1 ? ["ε of \(unitsOfOne) units"] : []
    let head = ["noise"] + Accountant.allCases.map { "ε by \($0.rawValue)" } + several
    let body = rows.map { row in
      [decimals(row.noise, 4)] + row.costs.map { words(try? $0.cost.get()) }
        + (unitsOfOne > 1 ? [words(row.ofSeveral)] : [])
    }
    return (lines + [""] + aligned([head] + body) + remarks).joined(separator: "\n") + "\n"
  }

  private func words(_ cost: PrivacyCost?) -> String {
    cost.map { $0.epsilon.isFinite ? decimals($0.epsilon, 3) : "∞" } ?? "–"
  }

  private var remarks: [String] {
    let costs = rows.flatMap(\.costs).map(\.cost)
    var remarks: [String] = []
    for case .failure(let error) in costs where !remarks.contains("– : \(error)") { remarks.append("– : \(error)") }
    if costs.contains(where: { (try? $0.get().isAtEdge) == true }) {
      remarks.append("rdp found the least ε at the first or the last of its orders: it may be less")
    }
    return remarks.isEmpty ? [] : [""] + remarks
  }

  // MARK: JSON

  var document: String {
    OrderedJSON.object([
      ("units", .integer(plan.units)), ("batch", .integer(plan.batch)), ("rate", .number(plan.rate)),
      ("steps", .integer(plan.steps)), ("delta", .number(plan.delta)),
      ("largest_unit", units.map { .integer($0.largest) } ?? .null),
      ("ungrouped_samples", units.map { .integer($0.ungrouped) } ?? .null),
      ("units_of_one", .integer(unitsOfOne)),
      ("noises", .list(rows.map(json))),
    ]).document
  }

  private func json(_ row: Row) -> OrderedJSON {
    func number(_ cost: PrivacyCost?) -> OrderedJSON { cost.map { .number($0.epsilon) } ?? .null }
    return .object(
      [("noise", .number(row.noise)), ("target_epsilon", row.target.map { .number($0) } ?? .null)]
        + row.costs.map { ("epsilon_\($0.accountant.rawValue)", number(try? $0.cost.get())) }
        + [("epsilon_of_several", number(row.ofSeveral))])
  }
}
