package import Files

/// What all draws and all noise of a private run follow from. Whoever has it can take the noise away again: it lies in a file of its own that
/// only its owner reads, and in no checkpoint and no log.
public struct PrivacySecret: Sendable, Equatable {
  let key: SecretKey

  /// From the operating system's entropy.
  public init() { key = SecretKey() }

  package init(_ key: SecretKey) { self.key = key }

  /// What it is known by that does not tell it.
  public var fingerprint: String { key.fingerprint }

  /// What a key is for.
  enum Purpose: UInt64 {
    case draws = 1
    case members = 2
    case noise = 3
  }

  func key(_ purpose: Purpose, step: Int) -> SecretKey { key.key(for: [purpose.rawValue, UInt64(step)]) }
}
