import Files
import Foundation
import Glibc
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

    /// Two daemons of mpirun on this machine, who take each other for another one, in the place of two machines.
    @Test func hostsBesideTheFormula() throws {
      let directory = try TemporaryDirectory()
      let agent = directory("agent")
      let script =
        "#!/bin/sh\nexport TMPDIR='\(directory.path)/'$1; shift; mkdir -p \"$TMPDIR\"\n"
        + "exec env -i PATH=/usr/bin:/bin HOME=/tmp TMPDIR=\"$TMPDIR\" sh -c \"$*\"\n"
      try writeAtomically(Array(script.utf8), to: agent)
      #expect(chmod(agent, 0o755) == 0)
      try writeAtomically(Array("127.0.0.2 slots=1\n127.0.0.3 slots=1\n".utf8), to: directory("hosts"))
      let result = try Ranks(1).start(
        [
          "bench", "hosts", "--hostfile", directory("hosts"), "--preset", "tiny", "--batch", "4", "--steps", "1",
          "--caption-lengths", "8,12", "--threads", "1", "--json",
        ], environment: ["OMPI_MCA_plm_rsh_agent": agent]
      ).wait(timeout: 240)
      try #require(result.status == 0, "\(result.errors)")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let points = try #require(document["points"] as? [[String: Any]])
      #expect(points.map { $0["hosts"] as? Int } == [2, 2, 2, 2])
      #expect(Set(points.compactMap { $0["sums"] as? String }).count == 4)
      let alone = try #require(document["alone_seconds"] as? Double)
      for point in points {
        #expect(point["step_seconds"] as? Double ?? 0 > 0)
        // A network costs something, and the formula has it on top of what one machine takes.
        #expect(point["predicted_seconds"] as? Double ?? 0 > alone * 0.5)
      }
      #expect(document["seconds_per_byte"] as? Double ?? 0 > 0)
      let predictions = try #require(document["predictions"] as? [[String: Any]])
      #expect(predictions.count == 40 && predictions.last?["hosts"] as? Int == 1024)
    }
  }
}
