internal import Reporting

/// A collective call as the ranks compare it: the same on all of them, or something is wrong.
package struct Call: Sendable {
  package enum Kind: Int32, Sendable {
    case barrier, broadcast, reduceFloat, reduceDouble, reduceInteger, gather, reduceScatter, makeArena, sumArena
    case sumPart, sumBucket, shareParts, finish, start
  }

  package let kind: Kind
  /// Elements or bytes.
  package let count: Int
  /// What else has to agree, in one number: root, reduction, counts of the ranks, the phase of the call.
  package let detail: UInt64
  package let label: String

  init(_ kind: Kind, count: Int = 0, detail: UInt64 = 0, _ label: String) {
    self.kind = kind
    self.count = count
    self.detail = detail
    self.label = label
  }

  /// The same call at its next meeting.
  func phase(_ number: Int) -> Call {
    Call(kind, count: count, detail: detail &+ UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15, label)
  }

  /// Bytes of what the ranks exchange or combine, each element once however many ranks there are.
  var byteCount: Int {
    switch kind {
    case .barrier, .makeArena, .finish, .start: 0
    case .broadcast, .gather: count
    case .reduceFloat, .reduceScatter, .sumArena, .sumPart, .sumBucket, .shareParts: 4 * count
    case .reduceDouble, .reduceInteger: 8 * count
    }
  }

  /// For example "allReduce of 3 floats".
  var operation: String {
    switch kind {
    case .barrier: "barrier"
    case .broadcast: "broadcast of \(count) bytes"
    case .reduceFloat: "allReduce of \(count) floats"
    case .reduceDouble: "allReduce of \(count) doubles"
    case .reduceInteger: "allReduce of \(count) integers"
    case .gather: "allGather of \(count) bytes"
    case .reduceScatter: "reduceScatter of \(count) floats"
    case .makeArena: "makeSharedArena of \(count) floats"
    case .sumArena: "sumOverRanks of \(count) floats"
    case .sumPart: "sumOwnPart of \(count) floats"
    case .sumBucket: "sum of a bucket of \(count) floats"
    case .shareParts: "shareOwnParts of \(count) floats"
    case .finish: "finish"
    case .start: "start of MPI"
    }
  }

  package var description: String { "\(operation) '\(label)'" }
}

/// The counts of all ranks in one number (FNV-1a over their bytes).
func fingerprint(_ counts: [Int]) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for count in counts {
    var rest = UInt64(bitPattern: Int64(count))
    for _ in 0..<8 {
      hash = (hash ^ (rest & 0xff)) &* 0x100_0000_01b3
      rest >>= 8
    }
  }
  return hash
}
