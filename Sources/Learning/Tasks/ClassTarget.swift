internal import Batching

/// What a sample that is trained on should be told to be: its own classes, by their numbers, or those of the two that it is mixed of.
package struct ClassTarget: Equatable {
  var numbers: [Int]
  /// The other one's, and the share of its own.
  var mixed: (numbers: [Int], own: Float)?

  package init(_ numbers: [Int], mixed: (numbers: [Int], own: Float)? = nil) {
    (self.numbers, self.mixed) = (numbers, mixed)
  }

  /// Shares add up to 1.
  var parts: [(numbers: [Int], share: Float)] {
    guard let mixed else { return [(numbers, 1)] }
    return [(numbers, mixed.own), (mixed.numbers, 1 - mixed.own)]
  }

  package static func == (a: ClassTarget, b: ClassTarget) -> Bool {
    a.numbers == b.numbers && a.mixed?.numbers == b.mixed?.numbers && a.mixed?.own == b.mixed?.own
  }
}

extension ClassificationHead {
  /// Of each sample of a batch; without classes where nobody knows any.
  func trainingTargets(_ columns: BatchColumns) -> [ClassTarget] {
    let own = targets(columns)
    guard let label = task.label, let mixtures = columns.mixtures else { return own.map { ClassTarget($0) } }
    return zip(own, mixtures).map { numbers, mixture in
      ClassTarget(
        numbers,
        mixed: mixture.map { (($0.labels[label] ?? []).compactMap { task.classes[$0] }, $0.own) })
    }
  }
}
