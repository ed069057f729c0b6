import Files
import TestSupport
import Testing

extension UnderMPIRun {
  /// Whole runs, from the photos to the updated weights, give the same on any number of ranks: the samples come in the
  /// same order, and losses and gradients are those of the global batch.
  @Suite struct RankInvarianceTests {
    /// Two epochs, of four steps and of two. Three ranks get unequal shares of the 16 pairs.
    @Test(arguments: TinyModel.allCases)
    func lossesAndGradients(model: TinyModel) throws {
      let alone = try steps(model, Ranks(1))
      try #require(alone.map(\.step) == Array(1...6))
      #expect(alone.map(\.epoch) == [0, 0, 0, 0, 1, 1])
      // With three ranks on nodes of two, one rank owns no part of the sums.
      for ranks in [Ranks(2), Ranks(3), Ranks(4), Ranks(4, nodeSize: 2), Ranks(3, nodeSize: 2)] {
        let together = try steps(model, ranks)
        #expect(together.map(\.step) == alone.map(\.step), "\(ranks)")
        #expect(together.map(\.epoch) == alone.map(\.epoch), "\(ranks)")
        #expect(difference(together.map(\.loss), alone.map(\.loss), relative: 1e-5) == nil, "\(ranks)")
        #expect(
          difference(together.map(\.gradientNorm), alone.map(\.gradientNorm), relative: 1e-4) == nil, "\(ranks)")
      }
    }

    /// Photos that are decoded by more threads come in the same order, and look the same.
    @Test func workersChangeNothing() throws {
      let few = try steps(.clip, Ranks(2), ["data.workers=1"])
      let many = try steps(.clip, Ranks(2), ["data.workers=3"])
      #expect(few.count == 6)
      #expect(few.map(\.loss) == many.map(\.loss))
    }

    /// Neither a rank's share in parts nor blocks that run again change what is learned.
    @Test func waysToSaveMemoryChangeNothing() throws {
      let whole = try steps(.clip, Ranks(2))
      let parts = try steps(.clip, Ranks(2), ["batch.micro=3"])
      #expect(whole.count == 6)
      #expect(difference(parts.map(\.loss), whole.map(\.loss), relative: 1e-5) == nil)
      #expect(difference(parts.map(\.gradientNorm), whole.map(\.gradientNorm), relative: 1e-5) == nil)
      for model in TinyModel.allCases {
        let again = try steps(model, Ranks(2), ["memory.recompute=blocks"])
        #expect(try again.map(\.loss) == steps(model, Ranks(2)).map(\.loss))
      }
    }

    /// Rounding what travels between nodes moves losses by less than a thousandth in six steps; within one node nothing
    /// is rounded.
    @Test func bfloat16BetweenNodes() throws {
      let rounded = ["communication.wire=bf16"]
      for model in TinyModel.allCases {
        let exact = try steps(model, Ranks(4, nodeSize: 2))
        let near = try steps(model, Ranks(4, nodeSize: 2), rounded)
        #expect(near.count == 6 && near.map(\.loss) != exact.map(\.loss))
        #expect(difference(near.map(\.loss), exact.map(\.loss), relative: 1e-3) == nil)
        #expect(difference(near.map(\.gradientNorm), exact.map(\.gradientNorm), relative: 1e-2) == nil)
      }
      #expect(try steps(.clip, Ranks(2), rounded).map(\.loss) == steps(.clip, Ranks(2)).map(\.loss))
    }

    /// Summing gradients while the backward pass goes on changes no bit of the weights. Wide enough for several buckets.
    @Test(arguments: [("fp32", "fp32"), ("bf16", "fp32"), ("fp32", "bf16")])
    func overlapChangesNothing(wire: String, precision: String) throws {
      let settings = [
        "model.vision.width=256", "model.vision.layers=3", "model.text.width=256", "communication.wire=\(wire)",
        "precision=\(precision)",
      ]
      let directory = try TemporaryDirectory()
      for ranks in [Ranks(2, nodeSize: 1), Ranks(4, nodeSize: 2), Ranks(3, nodeSize: 2), Ranks(2)] {
        let weights = try ["off", "on"].map { overlap in
          let run = TinyRun(
            data: try Workshop.open().data, output: directory("\(ranks) \(overlap)"), steps: 4,
            settings: settings + ["communication.overlap=\(overlap)"])
          let result = try ranks.run(run.arguments)
          #expect(result.status == 0, "\(ranks): \(result.errors)")
          return try readFile(run.output + "/last/model.safetensors")
        }
        #expect(weights[0].count > 8 << 20)
        #expect(weights[0] == weights[1], "\(ranks)")
      }
    }

    private func steps(_ model: TinyModel, _ ranks: Ranks, _ settings: [String] = []) throws -> [StepLine] {
      let directory = try TemporaryDirectory()
      let run = TinyRun(
        model: model, data: try Workshop.open().data, output: directory("run"), steps: 6, settings: settings)
      let result = try ranks.run(run.arguments)
      #expect(result.status == 0, "\(ranks): \(result.errors)")
      return try stepLines(of: run.output)
    }
  }
}
