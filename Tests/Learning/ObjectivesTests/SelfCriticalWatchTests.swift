import Models
import Objectives
import Testing

/// What is said where learning from captions goes wrong, once.
@Suite struct SelfCriticalWatchTests {
  /// Rows of a step: reward, baseline, whether cut, whether it ends badly, what it is held against.
  private typealias Caption = (reward: Double, baseline: Double, cut: Double, ends: Double, says: Double)

  private static let usual: [Caption] = (0..<10).map { (Double($0) / 10, 0.4, 0, 0, Double($0)) }

  private func warnings(_ watch: SelfCriticalWatch, steps: Int = SelfCriticalWatch.window, _ captions: [Caption])
    -> [String]
  {
    (0..<steps).flatMap { _ in
      watch.take(captions.flatMap { [$0.reward, $0.baseline, $0.cut, $0.ends, $0.says] })
      watch.accept()
      return watch.takeWarnings()
    }
  }

  @Test func figuresAreMeansOverAll() {
    let watch = SelfCriticalWatch(isGreedy: true)
    watch.take([[1, 0.5, 1, 0, 3], [0, 0.5, 0, 1, 3], [2, 1, 0, 0, 4], [1, 1, 0, 0, 5]].flatMap(\.self))
    let figures = watch.figures
    #expect(
      figures.map(\.name) == ["reward", "baseline", "advantage", "signal", "cut", "bad_endings", "most_frequent"])
    #expect(figures.map(\.value) == [1, 0.75, 0.25, 0.5, 25, 25, 50])
  }

  @Test func nothingIsSaidWhereAllIsWell() {
    #expect(warnings(SelfCriticalWatch(isGreedy: true), steps: 100, Self.usual).isEmpty)
  }

  static let troubles: [(words: String, change: @Sendable (inout [Double]) -> Void)] = [
    ("nothing in common with what people say", { ($0[0], $0[1]) = (0.01, 0.05) }),
    ("worth just what they are held against", { $0[0] = $0[1] }), ("are cut before", { $0[2] = 1 }),
    ("100 % of the likeliest captions of a step are the same", { $0[4] = 1 }),
  ]

  @Test(arguments: troubles.indices) func eachTroubleIsSaidOnce(_ index: Int) {
    let (words, change) = Self.troubles[index]
    let captions = Self.usual.map { caption -> Caption in
      var row = [caption.reward, caption.baseline, caption.cut, caption.ends, caption.says]
      change(&row)
      return (row[0], row[1], row[2], row[3], row[4])
    }
    let watch = SelfCriticalWatch(isGreedy: true)
    #expect(warnings(watch, steps: SelfCriticalWatch.window - 1, captions).isEmpty)
    let said = warnings(watch, steps: 1, captions)
    #expect(said.count == 1 && said[0].contains(words) && said[0].hasPrefix("objective.self_critical: "), "\(said)")
    #expect(warnings(watch, steps: 60, captions).isEmpty)
  }

  /// How often captions end badly is told where it rises, whatever it was at first.
  @Test func badEndingsAreSaidWhereTheyRise() {
    let bad = Self.usual.enumerated().map { index, caption -> Caption in
      (caption.reward, caption.baseline, 0, index < 4 ? 1 : 0, caption.says)
    }
    #expect(warnings(SelfCriticalWatch(isGreedy: true), steps: 60, bad).isEmpty)
    let watch = SelfCriticalWatch(isGreedy: true)
    #expect(warnings(watch, Self.usual).isEmpty)
    let said = warnings(watch, steps: 40, bad)
    #expect(
      said.count == 1
        && said[0].contains("40 % of the drawn captions end in a word that something has to follow, where it were 0 %"))
  }

  /// A step whose gradient was not used counts for nothing.
  @Test func stepsThatAreNotUsedDoNotCount() {
    let watch = SelfCriticalWatch(isGreedy: false)
    for _ in 0..<100 {
      watch.take([0, 0, 1, 0, 0])
      #expect(watch.takeWarnings().isEmpty)
    }
  }
}
