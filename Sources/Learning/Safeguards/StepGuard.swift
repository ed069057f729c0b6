/// Decides for each step whether its gradient is to be used: not one that is not finite, and none that stands out far
/// among the last ones, as a damaged batch or a flipped bit makes it (the loss spikes of Chowdhery et al., "PaLM", 2022,
/// section 5.1, which also skip the batch).
///
/// It sees numbers that are the same on all ranks, so all ranks decide alike without asking each other. Its state belongs
/// into the checkpoint: a run that is resumed decides as an unbroken one.
public struct StepGuard: Codable, Equatable, Sendable {
  /// How strict it is.
  public struct Settings: Equatable, Sendable {
    /// A loss of more than this times the median of the window, or a gradient norm of more than this times its largest, is
    /// a spike; 0 knows no spikes.
    public var spikeFactor: Double
    /// Steps that are looked back at, and in which skipped steps are counted.
    public var window: Int
    /// Skipped steps among the last `window` ones that are put up with.
    public var maximumSkips: Int

    public init(spikeFactor: Double, window: Int, maximumSkips: Int) {
      (self.spikeFactor, self.window, self.maximumSkips) = (spikeFactor, window, maximumSkips)
    }
  }

  /// What is wrong with a step.
  public enum Fault: String, Codable, Sendable {
    case notFinite = "not_finite"
    case spike
  }

  /// Of the last steps whose gradients were used, the newest last.
  private var losses: [Double] = []
  private var norms: [Double] = []
  /// Steps that were skipped, counted from 1, as far as they count.
  public private(set) var skipped: [Int] = []

  public init() {}

  /// Nothing is called a spike before so many steps were seen: the first ones differ much by themselves.
  static let fewestSteps = 20

  /// What is wrong with a step of this loss and this norm of the whole gradient, before clipping; nil where nothing is.
  public func fault(loss: Double, gradientNorm: Double, _ settings: Settings) -> Fault? {
    guard loss.isFinite, gradientNorm.isFinite else { return .notFinite }
    guard let limit = limit(settings) else { return nil }
    return loss > limit.loss || gradientNorm > limit.gradientNorm ? .spike : nil
  }

  /// What a step may have at most; nil where spikes are not looked for, or not yet.
  public func limit(_ settings: Settings) -> (loss: Double, gradientNorm: Double)? {
    guard settings.spikeFactor > 0, norms.count >= min(Self.fewestSteps, settings.window) else { return nil }
    // Not the median: where a run has learnt nearly all there is, most gradients vanish, and sound ones are hundreds of times
    // larger than those.
    let norm = settings.spikeFactor * (norms.max() ?? 0)
    // A loss near zero says nothing about the next one; its floor is the loss of a coin's toss.
    let loss = settings.spikeFactor * max(median(losses), 0.7)
    return norm > 0 ? (loss, norm) : nil
  }

  /// Takes in a step whose gradient was used.
  public mutating func accept(loss: Double, gradientNorm: Double, _ settings: Settings) {
    losses.append(loss)
    norms.append(gradientNorm)
    losses.removeFirst(max(0, losses.count - settings.window))
    norms.removeFirst(max(0, norms.count - settings.window))
  }

  /// Forgets the steps that were skipped: the weights are again those of a time before them.
  public mutating func forgetSkips() { skipped = [] }

  /// Takes in a step that was skipped.
  /// - Parameter step: counted from 1.
  /// - Returns: whether this was one too many.
  public mutating func skip(step: Int, _ settings: Settings) -> Bool {
    skipped.append(step)
    skipped.removeAll { $0 <= step - settings.window }
    return skipped.count > settings.maximumSkips
  }
}

/// The middle of the values, the lower one of two; 0 where there is none.
public func median(_ values: some Collection<Double>) -> Double {
  values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
}
