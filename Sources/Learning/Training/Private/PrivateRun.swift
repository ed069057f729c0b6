internal import Batching
internal import Collectives
internal import Configuration
internal import Files
internal import Layers
internal import Models
internal import Privacy
internal import TensorEngine

/// A private run that has begun: its noise, the secret that draws and noise follow from, and on rank 0 the ledger.
struct PrivateRun {
  let terms: PrivateTerms
  let noise: Double
  let secret: PrivacySecret
  /// Rank 0's.
  private let records: PrivacyRecords?
  private let communicator: any Communicator

  /// Collective.
  /// - Parameters:
  ///   - state: from which the run goes on.
  ///   - machine: what the bits of a step hang on, beside data, configuration and program.
  ///   - note: is told on rank 0 what a person should know.
  init(
    _ terms: PrivateTerms, _ setup: RunSetup, _ state: TrainingState, machine: String, note: (String) -> Void
  ) throws {
    (self.terms, communicator) = (terms, setup.communicator)
    let records = try onRoot("the ledger of the private run", setup.communicator) {
      try PrivacyRecords(
        in: setup.configuration.outputDirectory, try Self.binding(terms, setup, machine: machine),
        steps: state.step, chain: state.ledger)
    }
    let found = try onRoot("looking for the noise that keeps the target", setup.communicator) {
      try (records ?? nil).map { try terms.noise(after: $0, step: state.step) }
    }
    self.records = records ?? nil
    for line in self.records?.notes ?? [] { note(line) }
    // Every rank draws the units of all, and adds noise to its part.
    let bytes = try broadcastFromRoot(
      self.records.map { $0.secret.bytes + withUnsafeBytes(of: ((found ?? nil) ?? 0).bitPattern, Array.init) },
      "secret of the private run", setup.communicator)
    guard let secret = PrivacySecret(bytes: bytes.prefix(bytes.count - 8)) else {
      preconditionFailure("a secret has 32 bytes")
    }
    self.secret = secret
    noise = Double(bitPattern: bytes.suffix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
  }

  /// Which samples a step has; the same on all ranks.
  var draws: PoissonDraws { PoissonDraws(secret, terms.units, rate: terms.plan.rate) }

  /// Says that the result of a step will be used; it may be when this has returned. Collective.
  /// - Parameters:
  ///   - step: counted from 1.
  ///   - check: follows from the sum that the noise is added to.
  func record(step: Int, sum check: UInt64) throws {
    let name = secret.name(ofSum: check, step: step)
    _ = try onRoot("writing the ledger", communicator) {
      try records?.ledger.record(step: step, noise: noise, sum: name)
    }
  }

  /// The ledger's hash, on rank 0.
  var chain: String? { records?.ledger.ledger.chain }

  /// What all steps of the ledger have given away, on rank 0; by Rényi divergences where the accountant cannot say.
  func statement() -> PrivacyStatement? {
    records.map { records in
      PrivacyStatement(
        records.ledger.ledger, terms.settings.accountant, unit: terms.settings.unit, delta: terms.plan.delta)
    }
  }

  private static func binding(
    _ terms: PrivateTerms, _ setup: RunSetup, machine: String
  ) throws -> PrivacyLedger.Binding {
    PrivacyLedger.Binding(
      unit: terms.settings.unit, units: terms.plan.units, batch: terms.plan.batch, clip: terms.clip,
      delta: terms.plan.delta, data: setup.dataSet.fingerprint,
      plan: sha256(Array(setup.configuration.learningText.utf8)),
      program: String(try checksum(ofFile: "/proc/self/exe"), radix: 16), machine: machine, secret: "")
  }
}

extension RunSetup {
  /// What the bits of a step hang on here: libraries, the processor's kind, threads of a rank, and whether states of locked towers were computed beforehand.
  func privateMachine(_ products: ProductChoice, _ locked: LockedTowers, threads: Int, processor: String?) -> String {
    let kept = [locked.image?.kept, locked.text?.kept].map { $0 == nil ? "computed" : "kept" }.joined(separator: "/")
    return
      "\(processor ?? "?"), \(Engine.blasCore), products \(products), kernels \(KernelLevel.best.rawValue), \(threads) thread(s) a rank, states \(kept)"
  }
}
