internal import Randomness

/// Training samples that are mixed with others of their split (mix-up: Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018): what
/// is seen and heard of both is added up by shares, and what is told of them is divided by the same.
public struct MixUp: Equatable, Sendable {
  /// The part of samples that are mixed, by lot, in 0 ... 1.
  public var part: Float

  public init(part: Float) {
    precondition((0...1).contains(part), "\(part) of all samples")
    self.part = part
  }

  public static let none = MixUp(part: 0)

  /// Shares are drawn from Beta(10, 10), as AST's authors draw them: most lie near a half.
  static let shape = 10
}

/// Another sample that one is mixed with.
struct MixedSample {
  var task: SampleTask
  /// The share of the sample itself; the rest is the other one's.
  var own: Float
}

extension MixUp {
  /// The other sample, each of the split as likely, and the shares; nil where a sample stays as it is. Seed, epoch and sample decide.
  func drawn(for task: SampleTask, of count: Int, seed: UInt64) -> MixedSample? {
    guard part > 0, count > 1 else { return nil }
    var random = RandomStream(seed: seed, .mixedSamples, UInt64(task.epoch), UInt64(task.index))
    guard random.uniform() < part else { return nil }
    let other = random.integer(below: count - 1)
    return MixedSample(
      task: SampleTask(index: other < task.index ? other : other + 1, epoch: task.epoch),
      own: Float(random.beta(Self.shape)))
  }
}

/// What a sample of a batch is mixed of, beside itself.
public struct Mixture: Equatable, Sendable {
  /// The share of the sample itself.
  public var own: Float
  /// The classes of the other one, by the name of their kind.
  public var labels: [String: [String]]
}

extension SampleMaker {
  /// What a sample is mixed with: one that has what it has of what is seen and heard, and classes of each label, as it has.
  /// - Returns: nil where it stays as it is.
  func mixed(_ task: SampleTask) throws -> (sample: MixedSample, mixture: Mixture)? {
    guard let drawn = mixUp.drawn(for: task, of: samples.count, seed: seed) else { return nil }
    let (own, other) = (samples[task.index], samples[drawn.task.index])
    let (has, others) = (try media(of: own), try media(of: other))
    let kinds = wanted.columns.filter { if case .labels = $0 { true } else { false } }
    guard has == others, has.contains(true) else { return nil }
    let (labels, othersLabels) = (try labels(kinds, of: own), try labels(kinds, of: other))
    guard (labels + othersLabels).allSatisfy({ !$0.names.isEmpty }) else { return nil }
    let told = Dictionary(othersLabels.map { ($0.kind, $0.names) }) { first, _ in first }
    return (drawn, Mixture(own: drawn.own, labels: told))
  }

  /// Whether there is a photo and a clip, where these are wanted.
  private func media(of sample: SampleReference) throws -> [Bool] {
    [
      wanted.contains(.image) && sample.hasPhoto,
      try wanted.contains(.audio) && dataSet.withClip(sample) { _, _ in true } == true,
    ]
  }

  private func labels(_ kinds: [Column], of sample: SampleReference) throws -> [(kind: String, names: [String])] {
    let found = try dataSet.columns(ColumnSet(kinds), of: sample).columns.labels
    return kinds.compactMap { if case .labels(let kind) = $0 { (kind, found[kind] ?? []) } else { nil } }
  }
}
