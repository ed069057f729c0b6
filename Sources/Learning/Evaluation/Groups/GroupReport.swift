/// How groups of samples fare beside each other; encoded it stands under `groups`.
public protocol GroupReport: Encodable, Sendable {
  /// All of it, for a terminal.
  var lines: [String] { get }
}

extension GroupMetrics: GroupReport {}
extension CaseGroups: GroupReport {}
