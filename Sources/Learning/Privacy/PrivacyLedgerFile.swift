internal import Files

/// The ledger of a run that goes on: a step is in it before its result is used.
public final class PrivacyLedgerFile {
  public private(set) var ledger: PrivacyLedger
  /// Bytes of a line that was not finished when its process ended: its step was never used.
  public var torn: Int { file.torn }
  private let file: AppendOnlyFile
  /// Steps under the binding that holds, by their numbers.
  private var known: [Int: PrivacyLedger.Step] = [:]

  /// Begins a ledger, or goes on with the one that is there.
  /// - Throws: `PrivacyError.ledger` where it was changed.
  init(_ path: String) throws {
    file = try AppendOnlyFile(path)
    ledger = try file.isEmpty ? PrivacyLedger() : PrivacyLedger(path: path)
  }

  /// The same, for steps that all have something in common.
  /// - Throws: also `.otherBinding` where steps under this secret were of other data, another plan or another program.
  public convenience init(_ path: String, _ binding: PrivacyLedger.Binding) throws {
    try self.init(path)
    try bind(binding)
  }

  /// Says what the steps that come have in common.
  /// - Throws: `PrivacyError.otherBinding` where those under this secret had something else: the same noise on another gradient would tell the
  ///   difference of the two.
  func bind(_ binding: PrivacyLedger.Binding) throws {
    guard let section = ledger.sections.last(where: { $0.binding.secret == binding.secret }) else {
      known = [:]
      return try append { $0.line(beginning: binding) }
    }
    guard section.binding == binding, ledger.sections.last?.binding == binding else {
      throw PrivacyError.otherBinding(path: file.path, difference: section.binding.difference(from: binding))
    }
    known = Dictionary(section.steps.map { ($0.step, $0) }) { $1 }
  }

  /// Says that a step will be taken, with so much noise: its result may be used when this has returned. One that is there already, and is
  /// taken again as it was, is not written again.
  /// - Parameter sum: what the sum is known by that the noise is added to.
  /// - Throws: `PrivacyError.otherStep` where it comes out otherwise than before: the same noise on another sum would tell the difference. The
  ///   ledger then begins a section, so that who goes on does so with another noise.
  public func record(step number: Int, noise: Double, sum: String) throws {
    let taken = PrivacyLedger.Step(step: number, noise: noise, sum: sum)
    if let before = known[number] {
      guard before == taken else {
        if let binding = ledger.sections.last?.binding { try append { $0.line(beginning: binding) } }
        throw PrivacyError.otherStep(path: file.path, step: number)
      }
      return
    }
    try append { $0.line(of: taken) }
    known[number] = taken
  }

  /// A line that could not be written is not in the ledger of this process either.
  private func append(_ line: (inout PrivacyLedger) -> String) throws {
    var longer = ledger
    try file.append(line(&longer))
    ledger = longer
  }
}

extension PrivacyLedger.Binding {
  /// In words, what of two bindings differs first.
  func difference(from other: Self) -> String {
    if data != other.data { return "other data" }
    if program != other.program { return "another build of mmtrain" }
    if (unit, units, batch, clip, delta) != (other.unit, other.units, other.batch, other.clip, other.delta) {
      return "another privacy plan"
    }
    if plan != other.plan { return "another configuration" }
    return machine != other.machine ? "another machine" : "steps of another secret since then"
  }
}
