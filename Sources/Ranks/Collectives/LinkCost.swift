/// What moving bytes costs on a way between ranks: α for each message, β for each byte (Thakur, Rabenseifner and Gropp,
/// "Optimization of Collective Communication Operations in MPICH", 2005, §2).
public struct LinkCost: Codable, Equatable, Sendable {
  /// α, in seconds.
  public var latency: Double
  /// β
  public var secondsPerByte: Double

  public init(latency: Double, secondsPerByte: Double) {
    (self.latency, self.secondsPerByte) = (latency, secondsPerByte)
  }

  /// α·messages + β·bytes
  public func seconds(messages: Double, bytes: Double) -> Double { latency * messages + secondsPerByte * bytes }
}

/// A transfer whose time was taken.
public struct TimedTransfer: Equatable, Sendable {
  public let messages: Double
  public let bytes: Double
  public let seconds: Double

  public init(messages: Double, bytes: Double, seconds: Double) {
    (self.messages, self.bytes, self.seconds) = (messages, bytes, seconds)
  }
}

extension LinkCost {
  /// The α and β that bring α·messages + β·bytes nearest to the measured times: least squares of the relative errors, so
  /// that short messages, which say what α is, count as much as long ones. Neither becomes negative.
  /// - Returns: nil for fewer than two transfers, or where they do not tell α from β.
  public init?(fitting transfers: [TimedTransfer]) {
    let rows = transfers.filter { $0.seconds > 0 }.map { ($0.messages / $0.seconds, $0.bytes / $0.seconds) }
    func sum(_ term: ((Double, Double)) -> Double) -> Double { rows.reduce(0) { $0 + term($1) } }
    let (aa, ab, bb) = (sum { $0.0 * $0.0 }, sum { $0.0 * $0.1 }, sum { $0.1 * $0.1 })
    let (a, b) = (sum { $0.0 }, sum { $0.1 })
    let determinant = aa * bb - ab * ab
    guard rows.count >= 2, determinant > 1e-9 * aa * bb else { return nil }
    let (alpha, beta) = ((a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant)
    self.init(
      latency: beta < 0 ? a / aa : max(0, alpha), secondsPerByte: alpha < 0 ? b / bb : max(0, beta))
  }
}
