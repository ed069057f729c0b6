import Batching
import Collectives
import Foundation
import Objectives
import TensorEngine
import TestSupport
import Testing

/// The loss of a batch whose samples are of groups.
@Suite struct GroupLossesTests {
  private static let counts = [400, 90, 25, 7]

  private func losses(
    _ method: GroupSettings.Method, rate: Double = 0.01, adjustment: Double = 0, counts: [Int] = counts
  ) throws -> GroupLosses {
    var settings = GroupSettings()
    (settings.method, settings.rate, settings.adjustment) = (method, rate, adjustment)
    let grouping = try #require(Grouping(["group"]))
    let groups = counts.enumerated().map { (name: "g\($0)", samples: $1) }
    return GroupLosses(LossGroups(grouping, groups), settings)
  }

  // MARK: Group DRO

  /// Eight steps of a classifier by a rewritten form of the authors' code in PyTorch (`Tests/Golden/groups.py`), on any number of ranks:
  /// losses of groups, their weights and averages, the loss, and its gradient by the logits.
  @Test(arguments: [1, 2, 3]) func stepsAreThoseOfTheAuthors(ranks: Int) throws {
    let golden = try GoldenFile("groups.safetensors")
    _ = try InProcessCommunicator.run(ranks: ranks) { communicator in
      let losses = try losses(.dro, rate: 0.5, adjustment: 1.5)
      for step in 0..<8 { try expect(losses, golden, "\(step)/", communicator) }
    }
  }

  private func expect(
    _ losses: GroupLosses, _ golden: GoldenFile, _ step: String, _ communicator: any Communicator
  ) throws {
    let (logits, labels) = (try golden.floats(step + "logits"), try golden.integers(step + "labels"))
    let own = share(of: labels.count, rank: communicator.rank, ranks: communicator.size)
    let groups = try golden.integers(step + "groups")[own].map { Optional($0) }
    let engine = Engine(threadCount: 1)
    let tape = Tape(engine)
    let numbers = own.lowerBound * 4..<own.upperBound * 4
    let x = engine.tensor(Array(logits[numbers]), shape: [own.count, 4], requiresGradient: true)
    let targets = labels[own].flatMap { label in (0..<4).map { Float($0 == label ? 1 : 0) } }
    let rows = tape.crossEntropyOfRows(x, targets: engine.tensor(targets, shape: [own.count, 4]))
    let loss = try losses.loss(rows, numbers: groups, communicator, tape)
    try tape.backward(from: loss)
    losses.accept()
    let total = try communicator.sum(Double(loss.value), "loss")
    #expect(difference([Float(total)], try golden.floats(step + "loss"), relative: 1e-6) == nil, "step \(step)")
    let gradient = try golden.floats(step + "gradient")[numbers]
    #expect(difference(try #require(x.gradient).values(), Array(gradient), relative: 2e-6, scale: .largest) == nil)
    let told = losses.lastStep
    #expect(try told.map(\.count) == golden.integers(step + "count"))
    let seen = told.map { Float($0.loss ?? 0) }
    #expect(difference(seen, try golden.floats(step + "losses"), relative: 1e-6) == nil)
    #expect(difference(losses.state.weights.map { Float($0) }, try golden.floats(step + "q"), relative: 1e-6) == nil)
    let averages = losses.state.averages.map { Float($0 ?? 0) }
    #expect(difference(averages, try golden.floats(step + "average"), relative: 1e-6) == nil)
  }

  /// One step, of single losses.
  private func step(_ losses: GroupLosses, _ values: [Float], _ groups: [Int?]) throws -> Float {
    let tape = Tape(Engine(threadCount: 1))
    let rows = tape.engine.tensor(values, shape: [values.count, 1])
    return try losses.loss(rows, numbers: groups, SoloCommunicator(), tape).value
  }

  /// By hand: q = e^(0.1 · 2), e^(0.1 · 1) and 1 for nobody, over their sum; the loss is without C.
  @Test func theAdjustmentMovesWeightsAlone() throws {
    let losses = try losses(.dro, rate: 0.1, adjustment: 10, counts: [100, 25, 4])
    let loss = try step(losses, [1.5, 0.5, -1], [0, 0, 1])
    let (a, b) = (exp(0.1 * (1 + 10 / 10.0)), exp(0.1 * (-1 + 10 / 5.0)))
    let weights = losses.lastStep.map(\.weight)
    let sum: Double = a + b + 1
    #expect(difference(weights, [a / sum, b / sum, 1 / sum], relative: 1e-12) == nil)
    let expected: Double = (a - b) / sum
    #expect(difference(Double(loss), expected, relative: 1e-6) == nil)
    #expect(losses.lastStep[2].loss == nil && losses.lastStep[2].average == nil)
  }

  /// A step that is computed again, or not used, leaves nothing behind.
  @Test func onlyStepsThatAreUsedCount() throws {
    let losses = try losses(.dro, rate: 0.5)
    let begin = losses.state
    let first = try step(losses, [1, 2, 3], [0, 1, 2])
    #expect(try step(losses, [1, 2, 3], [0, 1, 2]) == first && losses.state == begin)
    losses.accept()
    #expect(losses.state != begin && losses.state.weights[2] > losses.state.weights[0])
  }

  /// Neither a loss without bounds nor one that is no number spoils the weights of the steps after it.
  @Test func largeLossesAreWeighed() throws {
    let losses = try losses(.dro, rate: 10)
    let loss = try step(losses, [1e30, 1, 1], [0, 1, 2])
    losses.accept()
    #expect(loss.isFinite && losses.state.weights == [1, 0, 0, 0])
    _ = try step(losses, [.nan], [1])
    #expect(losses.state.weights == [1, 0, 0, 0])
    // A batch in which nobody is of a group is a step without a loss.
    #expect(try step(losses, [3, 3], [nil, nil]) == 0)
  }

  // MARK: Reweighting

  /// Over an epoch, the mean of the steps' losses is the mean of the groups' losses, whatever the batches are.
  @Test func groupsCountAlikeOverAnEpoch() throws {
    let counts = [12, 5, 3]
    let groups = counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    let order = groups.indices.sorted { ($0 * 7 % 20, $0) < ($1 * 7 % 20, $1) }
    let values = groups.indices.map { Float(($0 * 5) % 11) / 4 }
    let losses = try losses(.reweighting, counts: counts)
    let steps = try stride(from: 0, to: 20, by: 4).map { first in
      let batch = order[first..<first + 4]
      return try Double(step(losses, batch.map { values[$0] }, batch.map { groups[$0] }))
    }
    let means = (0..<3).map { group in
      let own = groups.indices.filter { groups[$0] == group }
      return own.reduce(0.0) { $0 + Double(values[$1]) } / Double(own.count)
    }
    let (epoch, all): (Double, Double) = (steps.reduce(0, +) / 5, means.reduce(0, +) / 3)
    #expect(difference(epoch, all, relative: 1e-6) == nil)
    let weights: [Double] = [20.0 / 36, 20.0 / 15, 20.0 / 9]
    #expect(losses.lastStep.map(\.weight) == weights)
  }

  /// Samples of no group teach nothing: what is left counts as if it were all.
  @Test func samplesOfNoGroupTeachNothing() throws {
    let losses = try losses(.reweighting, counts: [3, 1])
    let with = try step(losses, [1, 9, 2, 4], [0, nil, 0, 1])
    #expect(try step(losses, [1, 2, 4], [0, 0, 1]) == with)
  }

  // MARK: What stays

  @Test func weightsAreKeptToTheLastBit() throws {
    let losses = try losses(.dro, rate: 0.37, adjustment: 0.1)
    for round in 0..<5 {
      _ = try step(losses, [0.1, 0.7, Float(round) / 3], [0, 1, 3])
      losses.accept()
    }
    let saved = try JSONDecoder().decode(GroupState.self, from: JSONEncoder().encode(losses.state))
    #expect(saved == losses.state)
    let other = try self.losses(.dro, rate: 0.37, adjustment: 0.1)
    let taken = other.takeUp(saved)
    #expect(taken)
    let values: [Float] = [0.3, 0.4]
    #expect(try step(other, values, [0, 2]) == step(losses, values, [0, 2]) && other.lastStep == losses.lastStep)
    let ofOthers = try self.losses(.dro, counts: [3, 4])
    let isTaken = ofOthers.takeUp(saved)
    #expect(!isTaken && ofOthers.state.weights == [0.5, 0.5])
  }
}

@Suite struct GroupingTests {
  @Test(arguments: [
    ("group", "group"), ("label:finding", "label:finding"), ("label:bird,label:place", "label:bird,label:place"),
    ("label:a,b", "label:a,b"),
  ]) func columnsAreRead(text: String, name: String) {
    #expect(Grouping(list: text)?.name == name)
  }

  @Test(arguments: ["", "image", "text:report", "patients", "label:", "group,group", "label:a,image"])
  func otherWordsMakeNone(text: String) {
    #expect(text == "label:a,image" || Grouping(list: text) == nil)
    #expect(Grouping(text.split(separator: ",").map(String.init)) == nil)
  }

  @Test func severalColumnsMakeOneGroup() throws {
    let grouping = try #require(Grouping(["label:bird", "label:place"]))
    var sample = SampleColumns()
    sample.labels = ["bird": ["landbird"], "place": ["water"]]
    #expect(grouping.group(of: sample) == "landbird, water")
    sample.labels["place"] = nil
    #expect(grouping.group(of: sample) == nil)
  }
}
