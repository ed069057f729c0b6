import Files
import Foundation
import TestSupport
import Testing

/// The figures have names that scripts rely on, and stand beside what they were measured with.
@Suite struct BenchCommandTests {
  @Test func productsAreListed() throws {
    let document = try json("bench", "gemm", "--preset", "tiny", "--batch", "2", "--json")
    #expect(document["precision"] as? String == "fp32")
    #expect(document["threads"] as? Int == 1)
    #expect(document["products_by"] as? String == "openblas")
    let other = try json("bench", "gemm", "--preset", "tiny", "--batch", "2", "--products", "onednn", "--json")
    #expect(other["products_by"] as? String == "onednn")
    #expect(document["peak_gflops"] as? Double ?? 0 > 0)
    let products = try #require(document["products"] as? [[String: Any]])
    #expect(products.count == 24)
    // What they reach is no test: another program may be slowing down one measurement and not the other.
    for product in products { #expect(product["gflops"] as? Double ?? 0 > 0) }
  }

  @Test func convolutionsStandBesideOneDNN() throws {
    let document = try json("bench", "convolutions", "--batch", "1", "--repetitions", "1", "--json")
    #expect(document["batch"] as? Int == 1)
    let rows = try #require(document["convolutions"] as? [[String: Any]])
    #expect(rows.prefix(3).map { $0["pass"] as? String } == ["forward", "weights", "inputs"])
    #expect(rows.count == 39 && rows.first?["name"] as? String == "7×7 3→64 @224 /2")
    for row in rows {
      for key in ["seconds", "gflops", "onednn_seconds", "ratio"] { #expect(row[key] as? Double ?? 0 > 0, "\(row)") }
    }
  }

  @Test func kernelsStandBesideATriad() throws {
    let document = try json("bench", "kernels", "--level", "baseline", "--json")
    #expect(document["level"] as? String == "baseline")
    let kernels = try #require(document["kernels"] as? [[String: Any]])
    #expect((kernels.first?["name"] as? String)?.hasPrefix("triad") == true && kernels.count == 9)
    for kernel in kernels { #expect((kernel["gb_per_second"] as? Double ?? 0) > 0) }
  }

  @Test func aSumOverOneRankNeedsNoMPI() throws {
    let document = try json("bench", "allreduce", "--sizes", "1,4k", "--repetitions", "2", "--json")
    let sizes = try #require(document["sizes"] as? [[String: Any]])
    #expect(sizes.map { $0["bytes"] as? Int } == [1 << 20, 4096])
    #expect(sizes[0]["links"] is NSNull)
    #expect(sizes[0]["mpi_allreduce"] is NSNull)
  }

  @Test func stepsNeedNoDataSet() throws {
    let document = try json(
      "bench", "step", "--preset", "tiny", "--batch", "4", "--caption-lengths", "8,12,20", "--steps", "1", "--json")
    #expect(document["caption_tokens"] as? Double == (8 + 12 + 20 + 8) / 4.0)
    #expect(document["batch"] as? Int == 4)
    #expect(document["step_seconds"] as? Double ?? 0 > 0)
    #expect((document["counts"] as? [String: Int])?["system_allocations"] == 0)
  }

  @Test func anyModelIsEncodedWithTextsOfAnyLengths() throws {
    let document = try json(
      "bench", "embed", "--preset", "tiny", "--set", "model.name=dual-encoder", "--set", "model.text.encoder=bert",
      "--batch", "2", "--texts", "5", "--tokens", "8,12,20", "--repetitions", "1", "--json")
    #expect(document["tokens"] as? Int == 8 + 12 + 20 + 8 + 12)
    #expect(document["images_per_second"] as? Double ?? 0 > 0)
    #expect(document["texts_per_second"] as? Double ?? 0 > 0)
  }

  @Test(arguments: [
    (["--tokens", "8,1"], "at least 2"), (["--preset", "tiny", "--tokens", "8,41"], "the model reads 40 at most"),
    (["--model", "m", "--set", "model.text.width=8"], "--set goes with --preset"),
  ])
  func whatCannotBeEncodedIsSaid(arguments: [String], words: String) throws {
    let result = try Program.run(Program.path, ["bench", "embed"] + arguments)
    #expect(result.exitCode == 64)
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  @Test(arguments: [1, 3]) func captionsHaveTheLengthThatIsAsked(beams: Int) throws {
    let document = try json(
      "bench", "write", "--preset", "tiny", "--set", "model.name=blip", "--set", "task.name=captioning", "--batch", "2",
      "--beams", "\(beams)", "--tokens", "9", "--repetitions", "1", "--json")
    #expect(document["written_tokens"] as? Int == 2 * 8)
    #expect(document["texts_per_second"] as? Double ?? 0 > 0)
    #expect(document["tokens_per_second"] as? Double ?? 0 > 0)
  }

  @Test(arguments: [
    (["--set", "model.name=clip"], 78, "writes no captions"), (["--beams", "0"], 64, "1 to 64 are possible"),
    (["--tokens", "4000"], 64, "ask for fewer"),
    (["--model", "m", "--set", "model.text.width=8"], 64, "--set goes with"),
  ])
  func whatCannotBeWrittenIsSaid(arguments: [String], code: Int32, words: String) throws {
    let captioner = ["--set", "model.name=blip", "--set", "task.name=captioning"]
    let asked = arguments.contains("model.name=clip") || arguments.contains("m") ? [] : captioner
    let result = try Program.run(Program.path, ["bench", "write", "--preset", "tiny"] + asked + arguments)
    #expect(result.exitCode == code)
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  /// In a process of its own, as page faults are counted for all threads of one. OpenBLAS touches its packing memory a page
  /// at a time in the first few dozen steps; what faulted in every step would be counted 300 times.
  @Test func warmStepsCauseNoPageFaults() throws {
    let document = try json(
      "bench", "step", "--preset", "tiny", "--batch", "4", "--caption-lengths", "8,12,20", "--steps", "300",
      "--threads",
      "1", "--json")
    let counts = try #require(document["counts"] as? [String: Int])
    #expect(counts["page_faults"] ?? .max < 150, "\(counts)")
    #expect(counts["system_allocations"] == 0)
  }

  @Test(arguments: [
    ([], "--caption-lengths for random ones"), (["--data", "x", "--caption-lengths", "8"], "not both"),
    (["--caption-lengths", "8,x"], "whole numbers"), (["--caption-lengths", "1"], "at least 2"),
    (["--caption-lengths", "8,"], "whole numbers"),
    (["--preset", "tiny", "--caption-lengths", "41"], "the context of tiny has 40"),
  ])
  func pairsComeFromOnePlace(arguments: [String], words: String) throws {
    let result = try Program.run(Program.path, ["bench", "step"] + arguments)
    #expect(result.exitCode == 64)
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  @Test func aCheckpointIsSavedAndLoaded() throws {
    let directory = try TemporaryDirectory(inMemory: true)
    let document = try json(
      "bench", "checkpoint", "--preset", "tiny", "--repetitions", "2", "--output", directory.path, "--json")
    let (bytes, parameters) = (document["bytes"] as? Int ?? 0, document["parameters"] as? Int ?? 0)
    // Weights and two moments of four bytes each, and headers with the names.
    #expect(parameters > 1_000_000 && (12 * parameters...12 * parameters + 100_000).contains(bytes))
    for key in ["blocked_seconds", "blocked_seconds_worst", "gb_per_second", "disk_seconds", "load_seconds"] {
      #expect(document[key] as? Double ?? 0 > 0, "\(key)")
    }
    #expect(try directoryEntries(directory.path) == [], "nothing stays")
  }

  @Test func theStartIsTimed() throws {
    let document = try json("bench", "startup", "--repetitions", "1", "--json")
    let seconds = try #require(document["help_seconds"] as? Double)
    #expect(seconds > 0 && seconds < 60)
  }

  @Test(arguments: [
    ["bench", "gemm", "--precision", "fp8"], ["bench", "gemm", "--batch", "0"],
    ["bench", "convolutions", "--batch", "0"], ["bench", "allreduce", "--sizes", "x"],
    ["bench", "loader"], ["bench", "checkpoint", "--repetitions", "0"], ["bench", "kernels", "--level", "sse9"],
    ["bench", "allreduce", "--sizes", "4,"], ["bench", "scaling"], ["bench", "scaling", "--data", "d", "--batch", "3"],
    ["bench", "hosts"], ["bench", "hosts", "--hostfile", "h"],
    ["bench", "hosts", "--hostfile", "h", "--data", "d", "--batch", "0"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    #expect(try Program.run(Program.path, arguments).exitCode == 64)
  }

  @Test func hostsAreSeveral() throws {
    let directory = try TemporaryDirectory()
    let rest = ["--preset", "tiny", "--caption-lengths", "8"]
    let missing = try Program.run(Program.path, ["bench", "hosts", "--hostfile", directory("none")] + rest)
    #expect(missing.exitCode == 66 && missing.errors.contains("none"), "\(missing.errors)")
    try writeAtomically(Array("# nobody\none slots=2\n".utf8), to: directory("one"))
    let one = try Program.run(Program.path, ["bench", "hosts", "--hostfile", directory("one")] + rest)
    #expect(one.exitCode == 64 && one.errors.contains("a network has two at least"), "\(one.errors)")
  }

  private func json(_ arguments: String...) throws -> [String: Any] {
    let result = try Program.run(Program.path, arguments)
    #expect(result.exitCode == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }
}
