import Safeguards
import Testing

/// When texts that say nothing of what they are about end a run.
@Suite struct TextWatchTests {
  private static func words(_ texts: String...) -> [[String]] {
    texts.map { $0.split(separator: " ").map(String.init) }
  }

  private static let people = words("a dog", "two cats", "a bus", "the sea")

  @Test func faultsAreTold() {
    let fault = { TextWatch.fault($0, references: Self.people) }
    #expect(fault(Self.words("a dog runs", "a cat sleeps", "a dog runs", "a dog runs")) == nil)
    #expect(fault(Self.words("a dog runs", "a dog runs", "a dog runs", "a dog runs")) == .alike)
    #expect(fault(Self.words("post post post", "a b a b a b", "the post post post", "a cat")) == .stuck)
    // Half of them, and two in a row, are no fault.
    #expect(fault(Self.words("post post post", "x x x x", "a cat sleeps", "a bus")) == nil)
    #expect(fault(Self.words("post post", "x x y y", "a b a b", "a cat")) == nil)
    // Of samples of which people say the same, one text is right.
    let same = Self.words("no finding", "no finding", "no finding", "no finding")
    #expect(TextWatch.fault(same, references: same) == nil && fault(same) == .alike)
    #expect(TextWatch.fault(Array(same.prefix(3)), references: Array(Self.people.prefix(3))) == nil)
  }

  /// A model that has just begun says the same of all for as long as it likes, if it gets better.
  @Test func aBeginningIsPutUpWith() {
    var watch = TextWatch()
    for _ in 0..<50 {
      #expect(watch.take(.alike, isVaried: false, isWarm: true, isBetter: true, limit: 2) == .warning(.alike, count: 0))
    }
    for _ in 0..<9 {
      #expect(
        watch.take(.stuck, isVaried: false, isWarm: false, isBetter: false, limit: 2) == .warning(.stuck, count: 0))
    }
    // Two that differ are no sign yet that it looks.
    #expect(watch.take(nil, isVaried: false, isWarm: true, isBetter: true, limit: 2) == .sound)
    #expect(watch.take(.alike, isVaried: false, isWarm: true, isBetter: true, limit: 2) == .warning(.alike, count: 0))
    #expect(watch.take(nil, isVaried: true, isWarm: true, isBetter: true, limit: 2) == .sound)
    #expect(watch.count == 0 && watch.wereVaried)
    #expect(TextWatch.isVaried(Self.people) && TextWatch.isVaried(Self.words("a", "b", "a", "a")))
    #expect(!TextWatch.isVaried(Self.words("a", "b", "a", "a", "a")))
  }

  @Test func whatGoesOnEndsTheRun() {
    var stuck = TextWatch()
    #expect(stuck.take(.alike, isVaried: false, isWarm: true, isBetter: false, limit: 3) == .warning(.alike, count: 1))
    #expect(stuck.take(.stuck, isVaried: false, isWarm: true, isBetter: false, limit: 3) == .warning(.stuck, count: 2))
    #expect(stuck.take(.alike, isVaried: false, isWarm: true, isBetter: false, limit: 3) == .stop(.alike, count: 3))
    // Whoever goes on has as many again.
    #expect(stuck.take(.alike, isVaried: false, isWarm: true, isBetter: false, limit: 3) == .warning(.alike, count: 1))
    #expect(stuck.take(.alike, isVaried: false, isWarm: true, isBetter: true, limit: 3) == .warning(.alike, count: 0))

    var lost = TextWatch()
    #expect(lost.take(nil, isVaried: true, isWarm: true, isBetter: true, limit: 2) == .sound)
    #expect(lost.take(.alike, isVaried: false, isWarm: true, isBetter: true, limit: 2) == .warning(.alike, count: 1))
    #expect(lost.take(nil, isVaried: false, isWarm: true, isBetter: false, limit: 2) == .sound)
    #expect(lost.take(.alike, isVaried: false, isWarm: true, isBetter: true, limit: 2) == .warning(.alike, count: 1))
    #expect(lost.take(.alike, isVaried: false, isWarm: true, isBetter: true, limit: 2) == .stop(.alike, count: 2))
    for _ in 0..<9 {
      guard case .warning = lost.take(.stuck, isVaried: false, isWarm: true, isBetter: false, limit: 0) else {
        Issue.record("a limit of 0 ends no run")
        return
      }
    }
  }
}
