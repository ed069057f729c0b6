import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// One command measures steps on ranks and simulated nodes, and sets the formula beside them.
  @Suite struct ScalingTests {
    @Test func measuredAndPredicted() throws {
      let directory = try TemporaryDirectory()
      let result = try Ranks(1).run([
        "bench", "scaling", "--preset", "tiny", "--batch", "8", "--steps", "1", "--data", try Workshop.open().data,
        "--json", "--write", directory("scaling.md"),
      ])
      try #require(result.status == 0, "\(result.errors)")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let points = try #require(document["points"] as? [[String: Any]])
      #expect(points.map { $0["ranks"] as? Int } == [1, 2, 4, 2, 4, 4])
      #expect(points.map { $0["nodes"] as? Int } == [1, 1, 1, 2, 2, 4])
      for point in points {
        for key in ["step_seconds", "predicted_seconds"] { #expect(point[key] as? Double ?? 0 > 0) }
      }
      #expect((document["predictions"] as? [Any])?.count == 33)
      let page = String(decoding: try readFile(directory("scaling.md")), as: UTF8.self)
      for part in ["--preset tiny --batch 8", "## The formula", "## Measured", "| 1024 | "] {
        #expect(page.contains(part), "\(part)")
      }
    }
  }
}
