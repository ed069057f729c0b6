import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// A stray OPENBLAS_CORETYPE, which some machines set, does not choose slower kernels.
  @Suite struct BLASCoreTests {
    private let stray = ["OPENBLAS_CORETYPE": "Haswell"]

    @Test func doctorFindsTheSameKernels() throws {
      let result = try TestSupport.run(builtProgram, ["doctor", "--json"], environment: stray)
      #expect(try core(result) == usualCore())
    }

    @Test func ranksTrainWithTheSameKernels() throws {
      let directory = try TemporaryDirectory()
      let run = TinyRun(model: .clip, data: try Workshop.open().data, output: directory("run"), steps: 2)
      let result = try Ranks(2).run(run.arguments, environment: stray)
      #expect(result.status == 0, "\(result.errors)")
      let line = try #require(try readFile(run.output + "/metrics.jsonl").split(separator: UInt8(ascii: "\n")).first)
      let start = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
      #expect(start["event"] as? String == "start")
      #expect(try start["blas_core"] as? String == usualCore())
    }

    /// The kernels that OpenBLAS chooses where nobody interferes.
    private func usualCore() throws -> String {
      try core(TestSupport.run("/usr/bin/env", ["-u", "OPENBLAS_CORETYPE", builtProgram, "doctor", "--json"]))
    }

    private func core(_ result: ProcessResult) throws -> String {
      let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      return try #require((document?["blas"] as? [String: Any])?["core"] as? String)
    }
  }
}
