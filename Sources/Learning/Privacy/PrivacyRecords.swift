internal import Files

/// What lies beside a private run: its secret, and the ledger of what was done with it. One is worth nothing without the other.
public struct PrivacyRecords {
  public let ledger: PrivacyLedgerFile
  /// What draws and noise follow from until something changes that makes other bits of a step.
  public let secret: PrivacySecret
  /// Whether steps of the ledger's last section are taken again, or followed by more; false where all that come have a noise of their own.
  public let goesOn: Bool
  /// What a person should know.
  public let notes: [String]

  /// Begins both, or goes on with those that are there.
  ///
  /// Steps that are taken again with what they were taken with before are the same release. With another machine, or another library
  /// for products, their last bits may be others: then a part of the ledger begins whose draws and noise are new, and they count again.
  /// - Parameters:
  ///   - directory: of the run, which nobody else has.
  ///   - binding: whose secret is filled in here.
  ///   - steps: that the weights have taken which the run goes on from.
  ///   - chain: the ledger's hash when these were saved; nil before the first step.
  /// - Throws: `PrivacyError` for a secret without its ledger, a ledger without its secret, and one that does not know of as many steps; and
  ///   where other data, another plan or another program would come under the same noise.
  public init(in directory: String, _ binding: PrivacyLedger.Binding, steps: Int, chain: String?) throws {
    let (ledgerPath, secretPath) = (directory + "/" + PrivacyLedger.fileName, directory + "/" + PrivacySecret.fileName)
    ledger = try PrivacyLedgerFile(ledgerPath)
    let (sections, lastStep, hasSecret) = (ledger.ledger.sections, ledger.ledger.lastStep, fileExists(secretPath))
    guard !sections.isEmpty || !hasSecret else { throw PrivacyError.noLedger(path: ledgerPath) }
    guard hasSecret || lastStep == 0 else { throw PrivacyError.noSecret(path: secretPath) }
    guard lastStep >= steps else { throw PrivacyError.shortLedger(path: ledgerPath, steps: lastStep, taken: steps) }
    if steps > 0, !ledger.ledger.knows(chain: chain ?? "") {
      throw PrivacyError.otherHistory(path: ledgerPath, step: steps)
    }
    let whole = hasSecret ? try PrivacySecret(path: secretPath) : PrivacySecret()
    // Sections without steps used nothing of their secret.
    let place = sections.lastIndex { !$0.steps.isEmpty }
    if let place {
      let last = sections[place].binding
      guard last.secret == whole.section(place, of: last).fingerprint else {
        throw PrivacyError.otherSecret(path: secretPath)
      }
      var same = binding
      (same.machine, same.secret) = (last.machine, last.secret)
      guard same == last else {
        throw PrivacyError.otherBinding(path: ledgerPath, difference: last.difference(from: same))
      }
    }
    goesOn = place == sections.count - 1 && sections.last?.binding.machine == binding.machine
    secret = whole.section(goesOn ? sections.count - 1 : sections.count, of: binding)
    var own = binding
    own.secret = secret.fingerprint
    try ledger.bind(own)
    if !hasSecret { try whole.write(to: secretPath) }
    notes =
      (ledger.torn == 0
        ? []
        : ["the last line of \(PrivacyLedger.fileName) was not finished: its step was never used, and is taken anew"])
      + (!goesOn && place != nil
        ? [
          "on another machine, or with another number of threads, a step may have other bits than before (machine in \(PrivacyLedger.fileName)): draws and noise are new, "
            + "and steps that are taken again count again"
        ] : [])
  }

  /// The noise that the steps had so far; nil before the first.
  public var noise: Double? { ledger.ledger.sections.last(where: { !$0.steps.isEmpty })?.steps.last?.noise }
}
