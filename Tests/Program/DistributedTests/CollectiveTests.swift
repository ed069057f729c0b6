import TestSupport
import Testing

extension UnderMPIRun {
  /// Every collective call, with every element of every result compared.
  @Suite struct CollectiveTests {
    @Test(arguments: [Ranks(2), Ranks(4), Ranks(4, nodeSize: 2), Ranks(3, nodeSize: 2)])
    func everyCallGivesWhatItShould(ranks: Ranks) throws {
      let result = try ranks.run(["self-test"])
      #expect(result.status == 0, "\(result.errors)")
      let lines = result.output.split(separator: "\n")
      #expect(lines.count >= 10)
      for line in lines { #expect(line.hasSuffix(": ok on \(ranks)")) }
    }

    @Test func oneRankNeedsNoMPI() throws {
      let result = try Ranks(1).run(["self-test"], environment: ["PATH": nowhere])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains(": ok on 1 rank(s), 1 node(s)\n"))
    }

    @Test func theCommandIsNotListed() throws {
      #expect(try !Ranks(1).run(["--help"]).output.contains("self-test"))
    }
  }
}
