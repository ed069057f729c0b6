internal import Files

/// The ledger of a run that goes on: a step is in it before its result is used.
public final class PrivacyLedgerFile {
  public private(set) var ledger: PrivacyLedger
  private let file: AppendOnlyFile
  /// Steps under the binding that holds.
  private var known: Set<PrivacyLedger.Step>

  /// Begins a ledger, or goes on with the one that is there.
  /// - Throws: `PrivacyError.ledger` where it was changed, `.otherBinding` where steps under this secret were of other data, another plan or
  ///   another program: the same noise on another gradient would tell the difference of the two.
  public init(_ path: String, _ binding: PrivacyLedger.Binding) throws {
    file = try AppendOnlyFile(path)
    ledger = try file.isEmpty ? PrivacyLedger() : PrivacyLedger(path: path)
    known = Set(ledger.sections.last?.steps ?? [])
    if let section = ledger.sections.last(where: { $0.binding.secret == binding.secret }) {
      guard section.binding == binding, ledger.sections.last?.binding == binding else {
        throw PrivacyError.otherBinding(path: path, difference: section.binding.difference(from: binding))
      }
    } else {
      known = []
      try file.append(ledger.line(beginning: binding))
    }
  }

  /// Says that a step will be taken, with so much noise: its result may be used when this has returned. One that is there already, and is
  /// taken again, is not written again.
  public func record(step number: Int, noise: Double) throws {
    let taken = PrivacyLedger.Step(step: number, noise: noise)
    guard !known.contains(taken) else { return }
    // A line that could not be written is not in the ledger of this process either.
    var longer = ledger
    try file.append(longer.line(of: taken))
    ledger = longer
    known.insert(taken)
  }
}

extension PrivacyLedger.Binding {
  /// In words, what of two bindings differs first.
  fileprivate func difference(from other: Self) -> String {
    if data != other.data { return "other data" }
    if program != other.program { return "another build of mmtrain" }
    if (unit, units, batch, clip, delta) != (other.unit, other.units, other.batch, other.clip, other.delta) {
      return "another privacy plan"
    }
    return plan != other.plan ? "another configuration" : "steps of another secret since then"
  }
}
