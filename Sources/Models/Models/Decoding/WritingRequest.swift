/// How texts are to be written, as somebody asks; what nobody says is as the task has it.
public struct WritingRequest: Sendable, Equatable {
  /// Texts that are gone on with side by side; 1 takes the likeliest token each time.
  public var beams: Int?
  /// The probability that those tokens have together of which one is drawn, its temperature, and what seeds the draws.
  public var nucleus: Double?
  public var temperature: Double?
  public var seed: UInt64?
  public var lengthReward: Double?
  public var blockedRepetition: Int?
  public var repetitionPenalty: Double?
  public var minimumLength: Int?
  public var maximumLength: Int?
  /// What each text begins with.
  public var prompt: String?

  public init() {}

  public var isAsked: Bool { self != WritingRequest() }

  /// What no model could do; nil where some could.
  public var flaw: String? {
    if nucleus != nil, beams != nil {
      return "beams are compared, and of a nucleus tokens are drawn; ask for one of the two"
    }
    if nucleus == nil, temperature != nil || seed != nil {
      return "a temperature and a seed are for drawing; name the nucleus that tokens are drawn from"
    }
    if lengthReward != nil, nucleus != nil || beams == 1 {
      return "a length reward chooses among several texts, and one alone is written; ask for 2 beams or more"
    }
    var usual = DecodingSettings(maximumLength: .max)
    if let maximumLength { usual.maximumLength = maximumLength }
    return settings(usual).flaw(contextLength: .max)
  }

  /// - Parameter usual: what holds where nobody asks.
  public func settings(_ usual: DecodingSettings) -> DecodingSettings {
    var settings = usual
    if let nucleus {
      settings.search = .nucleus(mass: nucleus, temperature: temperature ?? 1, seed: seed ?? 0)
    } else if let beams {
      settings.search = beams == 1 ? .greedy : .beams(beams)
    }
    settings.lengthReward = lengthReward ?? usual.lengthReward
    settings.blockedRepetition = blockedRepetition ?? usual.blockedRepetition
    settings.repetitionPenalty = repetitionPenalty ?? usual.repetitionPenalty
    settings.minimumLength = minimumLength ?? usual.minimumLength
    settings.maximumLength = maximumLength ?? usual.maximumLength
    return settings
  }
}
