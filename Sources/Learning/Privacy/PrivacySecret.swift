package import Files

/// What all draws and all noise of a private run follow from. Whoever has it can take the noise away again: it lies in a file of its own that
/// only its owner reads, and in no checkpoint and no log.
public struct PrivacySecret: Sendable, Equatable {
  let key: SecretKey

  /// From the operating system's entropy.
  public init() { key = SecretKey() }

  package init(_ key: SecretKey) { self.key = key }

  /// What ranks tell each other.
  package var bytes: [UInt8] { key.exposed }

  /// - Parameter bytes: nil is returned for another number than 32 of them.
  package init?(bytes: some Sequence<UInt8>) {
    guard let key = SecretKey(bytes: bytes) else { return nil }
    self.key = key
  }

  /// What it is known by that does not tell it.
  public var fingerprint: String { key.fingerprint }

  /// What a key is for.
  enum Purpose: UInt64 {
    case draws = 1
    case members = 2
    case noise = 3
    case section = 4
    case sums = 5
  }

  /// That of a part of a run whose steps are no others': where a run goes on with what makes other bits of a step, draws and noise
  /// are new. What its steps have in common is in it: of a run that was copied, and goes on otherwise, neither has the other's noise.
  func section(_ number: Int, of binding: PrivacyLedger.Binding) -> PrivacySecret {
    let digest = sha256(Array(binding.words.utf8))
    let name = stride(from: 0, to: 64, by: 16).compactMap { UInt64(digest.dropFirst($0).prefix(16), radix: 16) }
    return PrivacySecret(key.key(for: [Purpose.section.rawValue, UInt64(number)] + name))
  }

  /// What a step's sum is known by in a ledger.
  /// - Parameter check: follows from the sum.
  package func name(ofSum check: UInt64, step: Int) -> String {
    String(key(.sums, step: step).key(for: [check]).fingerprint.prefix(16))
  }

  func key(_ purpose: Purpose, step: Int) -> SecretKey { key.key(for: [purpose.rawValue, UInt64(step)]) }
}
