import Foundation
import Testing

/// `mmtrain privacy plan`, typed.
@Suite struct PrivacyCommandTests {
  private func plan(_ arguments: String...) throws -> Program.Result {
    try Program.run(Program.path, ["privacy", "plan"] + arguments)
  }

  /// The statement that TensorFlow Privacy prints for such a run: ε 1.616 by Rényi divergences.
  @Test func whatItCosts() throws {
    let result = try plan(
      "--units", "10000", "--batch", "64", "--steps", "782", "--noise", "1", "--delta", "1e-6", "--json")
    #expect(result.exitCode == 0, "\(result.errors)")
    let told = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(told["rate"] as? Double == 0.0064 && told["units"] as? Int == 10_000)
    let noises = try #require(told["noises"] as? [[String: Any]])
    let (rdp, prv) = (noises[0]["epsilon_rdp"] as? Double ?? 0, noises[0]["epsilon_prv"] as? Double ?? 0)
    #expect(abs(rdp - 1.6164) < 1e-3, "\(rdp)")
    #expect(prv < rdp && prv > 1)
  }

  @Test func whatATargetTakes() throws {
    let result = try plan(
      "--units", "1000", "--batch", "40", "--epochs", "20", "--target-epsilon", "1", "8", "--units-of-one", "3")
    #expect(result.exitCode == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("1000 units, 40 drawn a step in the mean (q = 0.0400), 500 steps, δ = 0.0001"))
    #expect(lines[1].contains("ε of 3 units"))
    #expect(lines.count == 4)
  }

  @Test func whatIsRefused() throws {
    let whole = ["--units", "100", "--batch", "10", "--steps", "5", "--noise", "1"]
    func refusal(_ more: String...) throws -> (Int32, String) {
      let result = try Program.run(Program.path, ["privacy", "plan"] + whole + more)
      return (result.exitCode, result.errors)
    }
    #expect(try refusal("--delta", "0.01").0 == 78)
    #expect(try refusal("--delta", "0.01").1.contains("1 / 100"))
    #expect(try refusal("--batch", "101").0 == 78)
    for more in [
      ["--noise", "0"], ["--target-epsilon", "-1"], ["--epochs", "3"], ["--unit", "patient"], ["--accountant", "gdp"],
      ["--data", "somewhere"], ["--units-of-one", "0"],
    ] {
      let result = try Program.run(Program.path, ["privacy", "plan"] + whole + more)
      #expect(result.exitCode == 64, "\(more): \(result.errors)")
    }
  }
}
