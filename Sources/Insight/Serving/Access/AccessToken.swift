/// The word without which nothing is answered.
public struct AccessToken: Sendable, Equatable {
  package let text: String

  /// Fewest characters of one that somebody chooses.
  public static let fewest = 16

  /// Drawn by the system: 32 hexadecimal digits.
  public static func drawn() -> AccessToken {
    var random = SystemRandomNumberGenerator()
    let halves = [random.next(), random.next()]
    let digits = halves.map { half in
      let text = String(half, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return AccessToken(text: digits.joined())
  }

  /// - Returns: nil for one that is too short, or of other characters than letters, digits, `-`, `.`, `_` and `~`, which stand for
  ///   themselves in an address.
  public init?(_ text: String) {
    guard Self.fewest...200 ~= text.utf8.count, addressed(text) == text else { return nil }
    self.text = text
  }

  private init(text: String) { self.text = text }

  /// Takes as long whatever is given, so that nobody finds the word letter by letter.
  package func equals(_ given: String) -> Bool {
    let (own, other) = (Array(text.utf8), Array(given.utf8))
    var difference = own.count ^ other.count
    for place in own.indices { difference |= Int(own[place] ^ (place < other.count ? other[place] : 0)) }
    return difference == 0
  }
}
