public import Collectives

/// Whether a measuring that may take long is to be cut off, because somebody asked to stop: what was trained is saved first,
/// and measured when the run goes on.
public struct EvaluationCut {
  /// Whether this rank was asked; once it was, it stays so.
  let isAsked: () -> Bool
  let communicator: any Communicator

  public init(isAsked: @escaping () -> Bool, communicator: any Communicator) {
    (self.isAsked, self.communicator) = (isAsked, communicator)
  }

  /// Thrown on all ranks.
  public struct Request: Error {}

  /// Whether what only this rank has to do may be left out: at their next meeting all ranks will leave.
  var isPending: Bool { isAsked() }

  /// Collective.
  /// - Throws: `Request` where any rank was asked.
  func check() throws {
    if try communicator.any(isAsked(), "request to stop") { throw Request() }
  }

  /// Does the parts of all ranks' work one by one, as many meetings as the rank with the most parts has. Collective.
  func forEach<Part>(_ parts: [Part], _ body: (Part) throws -> Void) throws {
    var rounds = Int64(parts.count)
    try withUnsafeMutablePointer(to: &rounds) {
      try communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .maximum, "parts of the evaluation")
    }
    for round in 0..<Int(rounds) {
      try check()
      if round < parts.count, !isPending { try body(parts[round]) }
    }
    try check()
  }
}
