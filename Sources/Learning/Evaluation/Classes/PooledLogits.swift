internal import Foundation

/// The logits of several models together: those whose probabilities are the mean of theirs (Lakshminarayanan et al., "Simple and Scalable
/// Predictive Uncertainty Estimation using Deep Ensembles", 2017). Whatever is told of logits, a temperature among it, is then told of
/// the mean.
///
/// Of a softmax these are logarithms of the mean probabilities, of a sigmoid each log p − log (1 − p), both parts summed by themselves,
/// so that nothing is lost near 0 and 1. Those of one model are given back as they are.
/// - Parameters:
///   - members: of one sample [A], one each; NaN where one of them has a logit that is no number.
///   - isExclusive: whether one class is true, and not each by itself.
public func pooledLogits(_ members: [ArraySlice<Float>], isExclusive: Bool) -> [Float] {
  guard members.count > 1, let first = members.first else { return members.first.map { Array($0) } ?? [] }
  guard members.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return first.map { _ in .nan } }
  let logits = members.map { $0.map { Double($0) } }
  let count = log(Double(members.count))
  if isExclusive {
    let sums = logits.map(logSumExp)
    return first.indices.map { $0 - first.startIndex }.map { number in
      Float(logSumExp(zip(logits, sums).map { $0[number] - $1 }) - count)
    }
  }
  return first.indices.map { $0 - first.startIndex }.map { number in
    let (yes, no) = (logits.map { -softplus(-$0[number]) }, logits.map { -softplus($0[number]) })
    return Float(logSumExp(yes) - logSumExp(no))
  }
}

extension ClassPredictions {
  /// What several models say together of the same samples.
  /// - Throws: `EvaluationError` where they have not as many.
  public static func pooled(_ members: [ClassPredictions]) throws(EvaluationError) -> ClassPredictions? {
    guard var all = members.first else { return nil }
    for member in members where member.logits.count != all.logits.count {
      throw .count(what: "logits of a member", found: member.logits.count, expected: all.logits.count)
    }
    all.logits = all.targets.indices.flatMap { sample in
      pooledLogits(members.map { $0.logits(of: sample) }, isExclusive: !all.isSeveral)
    }
    return all
  }
}
