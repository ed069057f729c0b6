/// Whether a model learns anything from what its captions are worth, and nothing bad: what is known of all ranks' captions.
package final class SelfCriticalWatch: ObjectiveWatch {
  /// Of one step's captions, or the mean over several steps.
  struct Figures: Equatable {
    var reward = 0.0
    var baseline = 0.0
    /// The mean of |r − b|: how much there is to learn from.
    var signal = 0.0
    /// Shares of all: of captions that were cut, that the model has ended in a word that something has to follow, that are worth what
    /// they are held against; and of the caption that is said most often.
    var cut = 0.0
    var badEndings = 0.0
    var silent = 0.0
    var mostFrequent = 0.0
    var captions = 0.0
  }

  /// Steps that a judgement is made of.
  package static let window = 20
  /// Fewer captions of a step are alike by chance.
  private static let fewestCaptions = 8.0

  private let isGreedy: Bool
  private var last: Figures?
  private var steps: [Figures] = []
  private var first: Figures?
  private var said: Set<Trouble> = []

  /// - Parameter isGreedy: whether the baseline is the likeliest caption.
  package init(isGreedy: Bool) { self.isGreedy = isGreedy }

  /// What drawn captions of all ranks are worth, as `DrawnCaption.row` has it.
  package func take(_ rows: [Double]) { last = rows.isEmpty ? nil : Figures(rows) }

  package var figures: [(name: String, value: Double)] {
    guard let last else { return [] }
    return [
      ("reward", last.reward), ("baseline", last.baseline), ("advantage", last.reward - last.baseline),
      ("signal", last.signal), ("cut", 100 * last.cut), ("bad_endings", 100 * last.badEndings),
      ("most_frequent", 100 * last.mostFrequent),
    ]
  }

  package func accept() {
    guard let last else { return }
    steps.append(last)
  }

  // MARK: What goes wrong

  private enum Trouble: CaseIterable { case worthless, silent, cut, badEndings, alike }

  package func takeWarnings() -> [String] {
    guard steps.count == Self.window else { return [] }
    let mean = Figures(meanOf: steps)
    steps = []
    defer { first = first ?? mean }
    return Trouble.allCases.compactMap { trouble in
      guard !said.contains(trouble), has(trouble, mean) else { return nil }
      said.insert(trouble)
      return words(trouble, mean)
    }
  }

  private func has(_ trouble: Trouble, _ mean: Figures) -> Bool {
    switch trouble {
    case .worthless: mean.reward < 0.1 && mean.baseline < 0.1
    case .silent: mean.silent > 0.9
    case .cut: mean.cut > 0.5
    case .badEndings: mean.badEndings > 0.2 && mean.badEndings > (first?.badEndings ?? mean.badEndings) + 0.1
    case .alike: mean.mostFrequent > 0.5 && mean.captions >= Self.fewestCaptions
    }
  }

  private func words(_ trouble: Trouble, _ mean: Figures) -> String {
    let name = "objective.\(SelfCriticalObjective.name)"
    return switch trouble {
    case .worthless:
      "\(name): captions have next to nothing in common with what people say (CIDEr-D \(decimals(mean.reward)) of 10), so there is nothing "
        + "to become better from; train by the next token first, and begin from those weights (initialize.weights)"
    case .silent:
      "\(name): \(percent(mean.silent)) of the drawn captions are worth just what they are held against, so hardly anything is learnt; "
        + (isGreedy
          ? "draw several of each photo (objective.self_critical_samples: 5)"
          : "the model draws the same again and again: begin from weights of fewer epochs, or lower the learning rate")
    case .cut:
      "\(name): \(percent(mean.cut)) of the drawn captions are cut before the model has ended them; raise "
        + "objective.self_critical_length, or train by the next token for longer first"
    case .badEndings:
      "\(name): \(percent(mean.badEndings)) of the drawn captions end in a word that something has to follow, where it were "
        + "\(percent(first?.badEndings ?? 0)); learn the next token beside it (objective.task: 1), or lower the learning rate"
    case .alike:
      "\(name): \(percent(mean.mostFrequent)) of the \(isGreedy ? "likeliest" : "drawn") captions of a step are the same, whatever the "
        + "photo; learn the next token beside it (objective.task: 1), lower the learning rate, or look at the photos' states"
    }
  }

  private func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
  private func decimals(_ value: Double) -> String { "\((100 * value).rounded() / 100)" }
}

extension SelfCriticalWatch.Figures {
  fileprivate init(_ rows: [Double]) {
    let width = DrawnCaption.rowWidth
    let starts = Array(stride(from: 0, to: rows.count, by: width))
    captions = Double(starts.count)
    func mean(_ value: (ArraySlice<Double>) -> Double) -> Double {
      starts.reduce(0) { $0 + value(rows[$1..<$1 + width]) } / captions
    }
    reward = mean { $0[$0.startIndex] }
    baseline = mean { $0[$0.startIndex + 1] }
    signal = mean { abs($0[$0.startIndex] - $0[$0.startIndex + 1]) }
    silent = mean { abs($0[$0.startIndex] - $0[$0.startIndex + 1]) < 1e-9 ? 1 : 0 }
    cut = mean { $0[$0.startIndex + 2] }
    badEndings = mean { $0[$0.startIndex + 3] }
    let said = Dictionary(grouping: starts) { rows[$0 + 4] }
    mostFrequent = Double(said.values.map(\.count).max() ?? 0) / captions
  }

  fileprivate init(meanOf steps: [Self]) {
    func mean(_ path: KeyPath<Self, Double>) -> Double {
      steps.reduce(0) { $0 + $1[keyPath: path] } / Double(max(1, steps.count))
    }
    (reward, baseline, signal) = (mean(\.reward), mean(\.baseline), mean(\.signal))
    (cut, badEndings, silent) = (mean(\.cut), mean(\.badEndings), mean(\.silent))
    (mostFrequent, captions) = (mean(\.mostFrequent), mean(\.captions))
  }
}
