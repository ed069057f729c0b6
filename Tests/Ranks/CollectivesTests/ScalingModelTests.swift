import Collectives
import TestSupport
import Testing

@Suite struct LinkCostTests {
  private let cost = LinkCost(latency: 25e-6, secondsPerByte: 0.8e-9)

  private func transfers(_ noise: [Double]) -> [TimedTransfer] {
    zip([4096.0, 65_536, 1_048_576, 16_777_216, 67_108_864], noise).map { bytes, noise in
      TimedTransfer(messages: 3, bytes: bytes, seconds: cost.seconds(messages: 3, bytes: bytes) * noise)
    }
  }

  @Test func exactTimesGiveBack() throws {
    let fitted = try #require(LinkCost(fitting: transfers([1, 1, 1, 1, 1])))
    #expect(difference(fitted.latency, 25e-6, relative: 1e-9) == nil)
    #expect(difference(fitted.secondsPerByte, 0.8e-9, relative: 1e-9) == nil)
  }

  @Test func noiseOfAFewPercentStaysThat() throws {
    let fitted = try #require(LinkCost(fitting: transfers([1.03, 0.98, 1.02, 0.97, 1.01])))
    #expect(difference(fitted.latency, 25e-6, relative: 0.05) == nil)
    #expect(difference(fitted.secondsPerByte, 0.8e-9, relative: 0.05) == nil)
  }

  @Test func neitherBecomesNegative() throws {
    // The short one takes less than its bytes would.
    let rows = [(1000.0, 1e-7), (1e6, 1e-3), (2e6, 2e-3)]
    let fitted = try #require(
      LinkCost(fitting: rows.map { TimedTransfer(messages: 1, bytes: $0.0, seconds: $0.1) }))
    #expect(fitted.latency == 0 && fitted.secondsPerByte > 0)
    let falling = [(1e3, 2e-3), (1e6, 1e-3)].map { TimedTransfer(messages: 1, bytes: $0.0, seconds: $0.1) }
    #expect(try #require(LinkCost(fitting: falling)).secondsPerByte == 0)
  }

  @Test func whatTellsNothingGivesNothing() {
    #expect(LinkCost(fitting: []) == nil)
    #expect(LinkCost(fitting: [TimedTransfer(messages: 1, bytes: 8, seconds: 1)]) == nil)
    let same = TimedTransfer(messages: 1, bytes: 8, seconds: 1)
    #expect(LinkCost(fitting: [same, same, same]) == nil)
  }
}

/// Against numbers worked out by hand from the table of docs/scaling.md.
@Suite struct ScalingModelTests {
  /// 100 MiB of gradient, features of 1024 bytes, 32 pairs a node; 10 GB/s of memory.
  private let model = ScalingModel(
    computeSeconds: 0.6, optimizerSeconds: 0.05, gradientBytes: 104_857_600, featureBytes: 1024, pairsPerNode: 32,
    memory: LinkCost(latency: 1e-6, secondsPerByte: 1e-10))
  private let network = LinkCost(latency: 1e-4, secondsPerByte: 1e-9)

  private func cluster(_ nodes: Int, _ ranksPerNode: Int, isSimulated: Bool = false) -> Cluster {
    Cluster(nodes: nodes, ranksPerNode: ranksPerNode, network: network, isSimulated: isSimulated)
  }

  /// So many messages of 0.1 ms, so many times S at 1 GB/s between nodes, and at 10 GB/s in memory.
  private func slices(messages: Double, link: Double, memory: Double) -> Double {
    let (latency, between, within) = (messages * 1e-4, link * 0.104_857_6, memory * 0.010_485_76)
    return latency + between + within
  }

  private func close(_ a: Double, _ b: Double) -> Bool { difference(a, b, relative: 1e-9, floor: 1e-15) == nil }

  @Test func oneRankHasNothingToExchange() {
    let step = model.step(on: cluster(1, 1))
    #expect(step.total == 0.65)
    #expect(model.efficiency(of: step, ranksPerNode: 1) == 1)
  }

  @Test func ranksOfANode() {
    let step = model.step(on: cluster(1, 2))
    // 5·S bytes, four meetings.
    #expect(close(step.nodeSum, 0.052_428_8 + 4e-6))
    // 2 towers · 13 · 32 KiB
    #expect(close(step.features, 2 * 13 * 32_768 * 1e-10))
    #expect(close(step.smallCalls, 16e-6))
    #expect(step.sliceSum == 0)
  }

  @Test func slicesBetweenNodes() {
    // 50 MiB a rank are two buckets; 4 nodes: 2 · 2 · (3 + 2) messages.
    let step = model.step(on: cluster(4, 2))
    #expect(close(step.sliceSum, slices(messages: 20, link: 1.5, memory: 1.25)))
    // ⌈log₂ 4⌉ = 2
    #expect(close(step.smallCalls, 16e-6 + 32e-4))
    // F = 128 KiB: one round, one chunk.
    let tower: Double = 9e-4 + 2.25 * 131_072e-9 + 13 * 131_072e-10
    #expect(close(step.features, 2 * tower))
    #expect(close(model.step(on: cluster(5, 2)).smallCalls, 16e-6 + 48e-4))
  }

  @Test func halfTheBytesOnTheWire() {
    let step = model.step(on: cluster(4, 2), wire: .bf16)
    #expect(close(step.sliceSum, slices(messages: 20, link: 0.75, memory: 1.25)))
  }

  @Test func overlapHidesAllButTheLastBucket() {
    // 0.170 s of slices behind 0.4 s of backward: one of four buckets is seen.
    let slices = slices(messages: 40, link: 1.5, memory: 1.25)
    #expect(close(model.step(on: cluster(4, 2), overlaps: true).sliceSum, slices / 4))
    var quick = model
    quick.computeSeconds = 0.06
    #expect(close(quick.step(on: cluster(4, 2), overlaps: true).sliceSum, slices - 0.04))
  }

  @Test func simulatedNodesShareTheMachine() {
    let step = model.step(on: cluster(4, 1, isSimulated: true))
    #expect(step.compute == 0.6)
    #expect(close(step.optimizer, 0.2))
    // 4 buckets; the way measured with two nodes is shared by four; adding counts four times.
    #expect(close(step.sliceSum, slices(messages: 40, link: 3, memory: 5)))
  }

  @Test func efficiencyFallsWithNodesAndSlowNetworks() {
    let steps = [1, 2, 8, 64, 512].map { model.step(on: cluster($0, 2)) }
    for (fewer, more) in zip(steps, steps.dropFirst()) {
      #expect(model.efficiency(of: more, ranksPerNode: 2) < model.efficiency(of: fewer, ranksPerNode: 2))
    }
  }
}
