import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// A rank that fails ends the whole job, with its own words and its own exit code.
  @Suite struct FailureTests {
    private let directory: TemporaryDirectory
    private let workshop: Workshop

    init() throws {
      directory = try TemporaryDirectory()
      workshop = try Workshop.open()
    }

    @Test func missingDataIsToldOnce() throws {
      let result = try Ranks(2).run(run(data: "/nonexistent").arguments)
      #expect(result.status == 66)
      #expect(result.errors.contains("error: rank 0: /nonexistent: no manifest.json there"))
      #expect(result.errors.components(separatedBy: "error: rank").count == 2, "one rank speaks for all")
    }

    @Test func aWrongConfigurationIsToldOnce() throws {
      let result = try Ranks(4).run(run(data: workshop.data, ["batch.global=3"]).arguments)
      #expect(result.status == 78)
      #expect(result.errors.contains("error: rank 0: --set: batch.global: 3 pairs cannot be divided over 4 ranks"))
      #expect(result.errors.components(separatedBy: "error: rank").count == 2, "one rank speaks for all")
    }

    @Test func configurationsThatDifferAreRefused() throws {
      let result = try Ranks(2).run(
        run(data: workshop.data).arguments, shell: #"exec "$@" --set seed=$OMPI_COMM_WORLD_RANK"#)
      #expect(result.status == 81)
      #expect(result.errors.contains("the configuration differs on rank 1 from rank 0"))
    }

    @Test func dataThatDifferAreRefused() throws {
      let result = try runWithOwnData([workshop.data, workshop.otherData])
      #expect(result.status == 66)
      #expect(result.errors.contains("the data set set differs on rank 1 from rank 0"))
    }

    @Test func aRankWithoutDataEndsAll() throws {
      let result = try runWithOwnData([workshop.data, "/nonexistent"])
      #expect(result.status == 66)
      #expect(result.errors.contains("error: rank 1: set: no manifest.json there"))
      #expect(!result.errors.contains("error: rank 0"))
    }

    /// The other rank waits in a collective call when this is found.
    @Test func aRankWithDamagedPhotosEndsAll() throws {
      let damaged = directory("damaged")
      try FileManager.default.copyItem(atPath: workshop.data, toPath: damaged)
      try breakPhotos(damaged + "/shards/train-000000.tar")
      let result = try runWithOwnData([workshop.data, damaged])
      #expect(result.status == 65)
      #expect(result.errors.contains("error: rank 1: sample "))
      #expect(result.errors.contains("set/shards/train-000000.tar: not a JPEG"))
      #expect(!result.errors.contains("error: rank 0"))
    }

    /// MPI would wait for ever: the watchdog says for whom, and ends the job.
    @Test(arguments: [Ranks(2), Ranks(2, nodeSize: 1)])
    func aStoppedRankEndsAll(ranks: Ranks) throws {
      let long = TinyRun.long(data: workshop.data, output: directory("run"))
      let process = try ranks.start(
        long.arguments + ["--set", "schedule.steps=1000000"],
        shell: #"echo $$ > "$PROCESS_OF_RANK$OMPI_COMM_WORLD_RANK"; exec "$@""#,
        environment: ["MMTRAIN_HANG_SECONDS": "5", "PROCESS_OF_RANK": directory("process-")])
      try wait(forStep: 3, of: long.output, process)
      kill(try processNumber(directory("process-1")), SIGSTOP)
      let result = try process.wait()
      #expect(result.status == 82)
      #expect(result.errors.contains("error: rank 0: has waited 5s in '"), "\(result.errors)")
      #expect(result.errors.contains(" for \(ranks.nodes == 1 ? "rank 1" : "other nodes"); ending the run"))
      #expect(!result.errors.contains("error: rank 1"), "\(result.errors)")
    }

    private func run(data: String, _ settings: [String] = []) -> TinyRun {
      TinyRun(data: data, output: directory("run"), steps: 4, settings: settings)
    }

    /// The same command on two ranks, each of which finds its own data set under the same path.
    private func runWithOwnData(_ sets: [String]) throws -> ProcessResult {
      for (rank, set) in sets.enumerated() {
        try makeDirectory(directory("rank-\(rank)"))
        try replaceLink(directory("rank-\(rank)/set"), target: set)
      }
      return try Ranks(2).run(
        run(data: "set").arguments, shell: #"cd "$PLACE_OF_RANK$OMPI_COMM_WORLD_RANK" && exec "$@""#,
        environment: ["PLACE_OF_RANK": directory("rank-")])
    }

    /// Takes the first byte from every JPEG file in a shard.
    private func breakPhotos(_ shard: String) throws {
      var bytes = try readFile(shard)
      var count = 0
      for index in bytes.indices.dropLast(2) where bytes[index...].starts(with: [0xFF, 0xD8, 0xFF]) {
        bytes[index] = 0
        count += 1
      }
      #expect(count >= 64)
      try writeAtomically(bytes, to: shard)
    }
  }
}
