public import Models

/// A way to keep modalities in balance. A file each; `BalanceMethods` lists them. What it decides hangs on figures of the global batch
/// alone, which are the same on all ranks.
public protocol BalanceMethod: Sendable {
  static var method: BalanceSettings.Method { get }
  /// What it is, in a sentence.
  static var summary: String { get }
  /// The configuration's keys below `balance` that mean something to it.
  static var keys: [String] { get }
  /// What keeps it from working where modalities meet so, with what to set; nil where nothing does.
  static func obstacle(to join: ModalityJoin) -> String?
  /// What to know before it is used; nil where there is nothing.
  static var warning: String? { get }

  init(_ settings: BalanceSettings)

  /// Whether the heads of single modalities teach their towers; else they look at features that no gradient comes back through.
  var teachesTowers: Bool { get }
  /// Whether the gradient of these heads is needed apart from that of all together.
  var comparesGradients: Bool { get }
  /// Whether samples lose modalities while the model is trained.
  var hides: Bool { get }
  /// Whether it looks at what each modality adds to the sum that all make.
  var looksAtShares: Bool { get }

  /// What the loss of a modality's own head counts beside that of all together.
  func lossWeight(of modality: Modality) -> Double
  /// What the learning rate of its tower is multiplied by.
  func rateWeight(of modality: Modality) -> Double
  /// How often each modality is hidden; nil hides none.
  /// - Parameter scores: the mean probability that each modality gives what is true.
  func hiding(_ scores: [Double]) -> [Double]?
  /// What the gradient of each modality's tower is multiplied by; nil leaves all as they are.
  func factors(_ scores: [Double]) -> [Double]?
}

extension BalanceMethod {
  public static var keys: [String] { [] }
  public static func obstacle(to join: ModalityJoin) -> String? { nil }
  public static var warning: String? { nil }
  public var teachesTowers: Bool { false }
  public var comparesGradients: Bool { false }
  public var hides: Bool { false }
  public var looksAtShares: Bool { false }
  public func lossWeight(of modality: Modality) -> Double { 1 }
  public func rateWeight(of modality: Modality) -> Double { 1 }
  public func hiding(_ scores: [Double]) -> [Double]? { nil }
  public func factors(_ scores: [Double]) -> [Double]? { nil }
}

/// How modalities come together in what a task's head says.
public struct ModalityJoin: Equatable, Sendable {
  /// The model's name.
  public let model: String
  /// Whether what the head says is a sum of what each modality adds.
  public let isAdditive: Bool

  public init(model: String, isAdditive: Bool) { (self.model, self.isAdditive) = (model, isAdditive) }
}

/// The methods that there are: the only list of them.
public enum BalanceMethods {
  public static let all: [any BalanceMethod.Type] = [
    MeasuredOnly.self, WeighedModalities.self, TaughtHeads.self, HiddenModalities.self, GradientModulation.self,
    ParetoGradients.self,
  ]

  public static func kind(_ method: BalanceSettings.Method) -> any BalanceMethod.Type {
    guard let kind = all.first(where: { $0.method == method }) else { preconditionFailure("\(method) is not listed") }
    return kind
  }
}

/// How far each modality is ahead: its score over the mean of the others'. Of two it is the quotient of the two.
func leads(_ scores: [Double]) -> [Double] {
  let total = scores.reduce(0, +)
  return scores.map { score in
    let others = (total - score) / Double(max(1, scores.count - 1))
    return others > 0 ? score / others : score > 0 ? .infinity : 1
  }
}

/// A task's head that looks at several modalities, and may have a head for each alone.
public protocol BalancedHead: TaskHead {
  var reader: PooledReader { get }
  var join: ModalityJoin { get }
}
