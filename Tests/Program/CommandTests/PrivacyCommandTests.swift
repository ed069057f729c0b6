import Batching
import Files
import Foundation
import Images
import Privacy
import TestSupport
import Testing

/// `mmtrain privacy plan` and `audit`, typed.
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

  /// What an accountant cannot say, and an order at the end of all orders, are told.
  @Test func whatIsNotKnownIsSaid() throws {
    let result = try plan("--units", "1600", "--batch", "1500", "--steps", "100", "--noise", "0.1")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.output.contains("– : the accountant prv would need 36384638 points"), "\(result.output)")
    #expect(result.output.contains("rdp found the least ε at the first or the last of its orders"))
  }

  /// Units of a prepared set: patients, and what has none.
  @Test func whatIsCountedIsSaid() throws {
    let place = try TemporaryDirectory()
    let writer = try PreparedDataSetWriter(directory: place("set"), description: DataSetDescription(name: "units"))
    for number in 0..<6 {
      var columns = SampleColumns()
      columns.group = number < 4 ? "patient \(number / 2)" : nil
      let record = SampleRecord(
        key: "k\(number)", fileName: "f\(number).png", split: "train", captions: ["a"], columns: columns)
      let picture = Image(width: 2, height: 2, pixels: [UInt8](repeating: UInt8(number), count: 12))
      try writer.add(image: storedPNG(picture), width: 2, height: 2, record: record)
    }
    try writer.finish()
    let common = ["--data", place("set"), "--batch", "2", "--steps", "5", "--noise", "2", "--accountant", "rdp"]
    let photos = try Program.run(Program.path, ["privacy", "plan"] + common)
    #expect(photos.output.hasPrefix("6 units, 2 drawn a step in the mean"), "\(photos.output)\(photos.errors)")
    #expect(!photos.output.contains("up to") && !photos.output.contains("no group"))
    let groups = try Program.run(Program.path, ["privacy", "plan", "--unit", "group"] + common)
    #expect(groups.output.hasPrefix("4 units, 2 drawn a step in the mean"), "\(groups.output)\(groups.errors)")
    #expect(groups.output.contains("a unit has up to 2 samples, of which a step takes one"))
    #expect(groups.output.contains("2 samples are of no group: those with equal photos are one unit"))
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

  /// A ledger, told by itself and by the directory of its run; another δ has another ε; one that was changed is refused.
  @Test func whatALedgerComesTo() throws {
    let place = try TemporaryDirectory()
    let path = place("privacy.jsonl")
    let binding = PrivacyLedger.Binding(
      unit: .group, units: 1000, batch: 50, clip: 0.5, delta: 1e-5, data: "d", plan: "p", program: "m", machine: "c",
      secret: "s")
    do {
      let ledger = try PrivacyLedgerFile(path, binding)
      for step in [1, 2, 3, 2, 3, 4] { try ledger.record(step: step, noise: 1.1, sum: "x") }
    }
    func audit(_ arguments: String...) throws -> [String: Any] {
      let result = try Program.run(Program.path, ["privacy", "audit"] + arguments + ["--json"])
      #expect(result.exitCode == 0, "\(result.errors)")
      return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }
    let plan = try PrivacyPlan(units: 1000, batch: 50, steps: 4, delta: 1e-5)
    for told in [try audit(path), try audit(place.path)] {
      for accountant in Accountant.allCases {
        let epsilon = try plan.cost(noise: 1.1, accountant).epsilon
        let found = told["epsilon_\(accountant.rawValue)"] as? Double
        #expect(abs((found ?? 0) - epsilon) < 1e-9, "\(found ?? 0) \(epsilon)")
      }
      #expect(((told["sections"] as? [[String: Any]])?[0]["steps"]) as? Int == 4)
    }
    let epsilon = try plan.cost(noise: 1.1, .prv).epsilon
    #expect(try audit(path, "--delta", "1e-7")["epsilon_prv"] as? Double ?? 0 > epsilon)
    let table = try Program.run(Program.path, ["privacy", "audit", path])
    #expect(table.output.hasPrefix("1000 units (group), 50 drawn a step in the mean, clipped to 0.5: 4 steps\n"))
    let text = String(decoding: try readFile(path), as: UTF8.self)
    try writeAtomically(Array(text.replacingOccurrences(of: "\"units\":1000", with: "\"units\":9000").utf8), to: path)
    let changed = try Program.run(Program.path, ["privacy", "audit", path])
    #expect(changed.exitCode == 65 && changed.errors.contains("line 1"), "\(changed.errors)")
    #expect(try Program.run(Program.path, ["privacy", "audit", place("none")]).exitCode == 66)
  }

  /// What an accountant cannot say of a ledger is told, too.
  @Test func whatIsNotKnownOfALedgerIsSaid() throws {
    let place = try TemporaryDirectory()
    let binding = PrivacyLedger.Binding(
      unit: .image, units: 1600, batch: 1500, clip: 1, delta: 1e-5, data: "", plan: "", program: "", machine: "",
      secret: "")
    do {
      let ledger = try PrivacyLedgerFile(place("privacy.jsonl"), binding)
      for step in 1...100 { try ledger.record(step: step, noise: 0.1, sum: "") }
    }
    let result = try Program.run(Program.path, ["privacy", "audit", place.path])
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.output.contains("– : the accountant prv would need"), "\(result.output)")
  }
}
