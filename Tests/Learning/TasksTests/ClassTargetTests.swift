import Tasks
import TestSupport
import Testing

/// What a classifier should say of samples, some of which are mixed of two.
@Suite struct ClassTargetTests {
  private static let targets = [
    ClassTarget([2]), ClassTarget([0], mixed: ([3], 0.75)), ClassTarget([1], mixed: ([1], 0.4)),
  ]

  @Test func classesCountByTheirShares() {
    let (shares, masses) = ClassTraining(TaskSettings(name: "classification")).shares(of: Self.targets, classes: 4)
    #expect(difference(shares, [0, 0, 1, 0, 0.75, 0, 0, 0.25, 0, 1, 0, 0], relative: 1e-6, floor: 1e-7) == nil)
    #expect(masses.allSatisfy { abs($0 - 1) < 1e-6 })
  }

  /// With weights of classes 1, 2, 0.5 and 4, and a tenth of each target for all classes alike.
  @Test func weightsAndSmoothingGoWithThem() {
    var settings = TaskSettings(name: "classification")
    (settings.smoothing, settings.weights) = (0.1, .balanced)
    var training = ClassTraining(settings)
    training.counts = [8, 4, 16, 2]
    let weights: [Float] = [30.0 / 32, 30.0 / 16, 30.0 / 64, 30.0 / 8]
    let (shares, masses) = training.shares(of: Self.targets, classes: 4)
    let wanted: [[Float]] = [[0, 0, 1, 0], [0.75, 0, 0, 0.25], [0, 1, 0, 0]]
    let expected = wanted.flatMap { row in zip(row, weights).map { ($0 * 0.9 + 0.025) * $1 } }
    #expect(difference(shares, expected, relative: 1e-6, floor: 1e-7) == nil)
    let own = [weights[2], 0.75 * weights[0] + 0.25 * weights[3], weights[1]]
    #expect(zip(masses, own).allSatisfy { abs($0 - Double($1)) < 1e-6 })
  }

  @Test func severalClassesAreThereByTheirShares() {
    let several = [ClassTarget([1, 3], mixed: ([3, 0], 0.75)), ClassTarget([]), ClassTarget([2, 2])]
    let expected: [Float] = [0.25, 0.75, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    #expect(difference(ClassTraining.isTrue(several, classes: 4), expected, relative: 1e-6, floor: 1e-7) == nil)
  }
}
