/// Numbers of words, and of runs of up to four of them, in the order in which they are met. A run is known by the run that it goes on
/// and its last word, so that no two share a number.
final class WordRuns {
  /// Words of the longest run.
  static let longest = 4

  private struct Step: Hashable {
    let run: Int32
    let word: Int32
  }

  /// What is known already, and does not change any more.
  private let known: WordRuns?
  private var words: [String: Int32] = [:]
  private var steps: [Step: Int32] = [:]

  /// - Parameter known: whose words and runs keep their numbers; what is met beside them is numbered here alone.
  init(over known: WordRuns? = nil) { self.known = known }

  private var wordCount: Int { words.count + (known?.wordCount ?? 0) }
  private var runCount: Int { steps.count + (known?.runCount ?? 0) }

  func number(of word: String) -> Int32 {
    if let known = known?.words[word] ?? words[word] { return known }
    let number = Int32(wordCount)
    words[word] = number
    return number
  }

  /// Of the run that goes on with a word.
  private func run(_ run: Int32, and word: Int32) -> Int32 {
    let step = Step(run: run, word: word)
    if let known = known?.steps[step] ?? steps[step] { return known }
    let number = Int32(runCount)
    steps[step] = number
    return number
  }

  /// A caption's words and its runs of one to four words, counted.
  func counted(_ caption: [String]) -> CountedCaption { counted(caption.map(number)) }

  /// The same of a caption by the numbers of its words.
  func counted(_ words: [Int32]) -> CountedCaption {
    var runs = words
    var counts = [RunCount.counts(of: runs)]
    for length in 1..<WordRuns.longest {
      runs = words.count > length ? (length..<words.count).map { run(runs[$0 - length], and: words[$0]) } : []
      counts.append(RunCount.counts(of: runs))
    }
    return CountedCaption(words: words, runs: counts)
  }
}

/// How often a run of words is there.
struct RunCount: Equatable {
  let run: Int32
  var count: Int32

  /// In the order of their numbers.
  static func counts(of runs: [Int32]) -> [RunCount] {
    var counts: [RunCount] = []
    for run in runs.sorted() {
      if counts.last?.run == run {
        counts[counts.count - 1].count += 1
      } else {
        counts.append(RunCount(run: run, count: 1))
      }
    }
    return counts
  }
}

/// A caption as scores look at it.
struct CountedCaption {
  /// Numbers of words, in the caption's order.
  let words: [Int32]
  /// Of runs of one, two, three and four words.
  let runs: [[RunCount]]
}

/// Calls with the runs that two lists share, and how often each has them.
func eachShared(_ a: [RunCount], _ b: [RunCount], _ body: (_ run: Int32, _ a: Int32, _ b: Int32) -> Void) {
  var (i, j) = (0, 0)
  while i < a.count, j < b.count {
    if a[i].run == b[j].run {
      body(a[i].run, a[i].count, b[j].count)
      (i, j) = (i + 1, j + 1)
    } else if a[i].run < b[j].run {
      i += 1
    } else {
      j += 1
    }
  }
}
