internal import Collectives

/// Throws on every rank where `value` is not the same on all of them.
func requireSame(
  _ value: UInt64, what: String, advice: String, _ communicator: any Communicator
) throws {
  var values = [UInt64](repeating: 0, count: communicator.size)
  try withUnsafeBytes(of: value) { local in
    try values.withUnsafeMutableBytes { all in
      try communicator.allGather(
        local, into: all, counts: [Int](repeating: 8, count: communicator.size), "comparison of \(what)")
    }
  }
  let different = values.indices.filter { values[$0] != values[0] }
  guard different.isEmpty else { throw TrainingError.ranksDisagree(what: what, ranks: different, advice: advice) }
}

/// The same for what the ranks read: the error says that an input differs, not a rank's doing.
func requireSameInput(
  _ value: UInt64, what: String, advice: String, _ communicator: any Communicator
) throws {
  do {
    try requireSame(value, what: what, advice: advice, communicator)
  } catch TrainingError.ranksDisagree(let what, let ranks, let advice) {
    throw TrainingError.inputsDiffer(what: what, ranks: ranks, advice: advice)
  }
}

/// Runs `work` on rank 0 while the others wait; where it fails, all ranks throw, rank 0 its own error.
func onRoot<Result>(
  _ what: String, _ communicator: any Communicator, _ work: () throws -> Result
) throws -> Result? {
  var result: Result?
  var failure: (any Error)?
  if communicator.rank == 0 {
    do { result = try work() } catch { failure = error }
  }
  var failed: Int64 = failure == nil ? 0 : 1
  try withUnsafeMutablePointer(to: &failed) {
    try communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .maximum, what)
  }
  if let failure { throw failure }
  guard failed == 0 else { throw TrainingError.otherRankFailed(what: what) }
  return result
}

/// Bytes of rank 0 to all: a length first, so that nobody has to know it.
func broadcastFromRoot(_ bytes: [UInt8]?, _ what: String, _ communicator: any Communicator) throws -> [UInt8] {
  var count = Int64(bytes?.count ?? 0)
  try withUnsafeMutableBytes(of: &count) { try communicator.broadcast($0, root: 0, "length of \(what)") }
  var content = communicator.rank == 0 ? bytes ?? [] : [UInt8](repeating: 0, count: Int(count))
  try content.withUnsafeMutableBytes { try communicator.broadcast($0, root: 0, what) }
  return content
}

/// FNV-1a, for comparing texts between ranks.
func fingerprint(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
