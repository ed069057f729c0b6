/// What a private run has done so far: a line a step, written before its result is used, in a file that is only ever added to. What the run gives
/// away is counted from it, whatever became of the steps' results.
///
/// Each line ends with a hash of itself and the line before, so that a line that was changed, or taken out, is found.
public struct PrivacyLedger: Equatable, Sendable {
  /// What all steps have in common. Draws and noise follow from the secret, so that a step that is taken again under the same of all these is the same
  /// release, and is counted once.
  public struct Binding: Codable, Equatable, Sendable {
    public var unit: PrivacyUnit
    public var units: Int
    public var batch: Int
    public var clip: Double
    public var delta: Double
    /// Of the data, of the configuration and of the program.
    public var data: String
    public var plan: String
    public var program: String
    /// What computes the steps, as far as the bits of a step hang on it.
    public var machine: String
    /// The secret's.
    public var secret: String

    enum CodingKeys: String, CodingKey {
      case unit, units, batch, delta, data, plan, program, machine, secret
      case clip = "clipped_to"
    }

    public init(
      unit: PrivacyUnit, units: Int, batch: Int, clip: Double, delta: Double, data: String, plan: String,
      program: String, machine: String, secret: String
    ) {
      (self.unit, self.units, self.batch, self.clip, self.delta) = (unit, units, batch, clip, delta)
      (self.data, self.plan, self.program, self.machine, self.secret) = (data, plan, program, machine, secret)
    }

    /// All but the secret.
    var words: String {
      "\(unit.rawValue) \(units) \(batch) \(clip) \(delta) \(data) \(plan) \(program) \(machine)"
    }

    var rate: Double { Double(batch) / Double(units) }
  }

  /// A step that was taken, by its number, and σ.
  public struct Step: Codable, Hashable, Sendable {
    public let step: Int
    public let noise: Double
    /// What the sum was known by that the noise was added to, which tells it to nobody without the secret.
    public let sum: String
  }

  /// One binding, and the steps that were taken under it, in their order.
  public struct Section: Equatable, Sendable {
    public let binding: Binding
    public internal(set) var steps: [Step] = []
  }

  /// In a run directory.
  public static let fileName = "privacy.jsonl"

  public internal(set) var sections: [Section] = []
  /// The hash of the last line; empty before the first.
  public internal(set) var chain = "" { didSet { chains.insert(chain) } }
  private var chains: Set<String> = []

  /// The last step that is in it; 0 where none is.
  public var lastStep: Int { sections.flatMap { $0.steps.map(\.step) }.max() ?? 0 }

  /// Whether a line with this hash is in it.
  public func knows(chain: String) -> Bool { chains.contains(chain) }

  /// What was done, as accountants take it: steps in a row with the same noise together, one that was taken again with the same noise once.
  public var run: [SampledGaussian] {
    sections.flatMap { section in
      var known: Set<Step> = []
      return section.steps.reduce(into: [SampledGaussian]()) { run, step in
        guard known.insert(step).inserted else { return }
        if run.last?.noise == step.noise {
          run[run.count - 1].steps += 1
        } else {
          run.append(SampledGaussian(rate: section.binding.rate, noise: step.noise, steps: 1))
        }
      }
    }
  }
}
