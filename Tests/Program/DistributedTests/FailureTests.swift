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
      let result = try Ranks(2).run(run(data: nowhere).arguments)
      #expect(result.status == 66)
      #expect(result.errors.contains("error: rank 0: \(nowhere): no manifest.json there"))
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

    /// Rank 1's program is another build: one byte longer.
    @Test func programsThatDifferAreRefused() throws {
      let other = directory("mmtrain")
      try writeAtomically(readFile(builtProgram) + [0], to: other)
      #expect(chmod(other, 0o755) == 0)
      let result = try Ranks(2).run(
        run(data: workshop.data).arguments,
        shell: #"[ $OMPI_COMM_WORLD_RANK = 0 ] && exec "$@"; shift; exec "$OTHER_PROGRAM" "$@""#,
        environment: ["OTHER_PROGRAM": other])
      #expect(result.status == 81)
      #expect(result.errors.contains("the program mmtrain differs on rank 1 from rank 0"), "\(result.errors)")
    }

    @Test func aSecondJobInTheSameDirectoryIsRefused() throws {
      let long = TinyRun.long(data: workshop.data, output: directory("run"))
      let first = try Ranks(2).start(long.arguments + ["--set", "schedule.steps=1000000"])
      try wait(forStep: 1, of: long.output, first)
      let second = try Ranks(2).run(long.arguments)
      #expect(second.status == 73)
      #expect(second.errors.contains("is in use by process "), "\(second.errors)")
      first.send(SIGUSR1)
      #expect(try first.wait().status == 75)
    }

    /// A real file system of four mebibytes, which is full after some checkpoints. Only the last save must succeed.
    @Test(.enabled(if: canMount, "mounting a small file system takes root"))
    func aDiskThatIsReallyFullIsSurvivedUntilTheEnd() throws {
      let long = TinyRun.long(data: workshop.data, output: directory("small/run"))
      try makeDirectory(directory("small"))
      let result = try Ranks(1).run(
        long.arguments,
        shell: #"""
          unshare -m sh -c 'mount -t tmpfs -o size=4m tmpfs "$SMALL" && "$@"; code=$?
            cp -r "$SMALL/run" "$SMALL.seen"; "$1" inspect "$SMALL/run/last" > "$SMALL.inspection"; exit $code' sh "$@"
          """#, environment: ["SMALL": directory("small")])
      #expect(result.status == 74, "\(result.errors)")
      #expect(result.errors.contains("could not be saved"))
      #expect(result.errors.contains("No space left on device"))
      let seen = directory("small.seen")
      let names = try directoryEntries(seen + "/checkpoints")
      #expect(names.count > 1 && names.allSatisfy { !$0.contains(".tmp-") }, "\(names)")
      #expect(try readFile(directory("small.inspection")).count > 100, "the newest checkpoint is whole")
    }

    @Test func dataThatDifferAreRefused() throws {
      let result = try runWithOwnData([workshop.data, workshop.otherData])
      #expect(result.status == 66)
      #expect(result.errors.contains("the data set set differs on rank 1 from rank 0"))
    }

    @Test func aRankWithoutDataEndsAll() throws {
      let result = try runWithOwnData([workshop.data, nowhere])
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
      // Where it hangs: the stack of the thread that waits, down to the program's entry.
      #expect(result.errors.contains(/rank 0, thread \d+ \(mmtrain\):/), "\(result.errors)")
      #expect(result.errors.contains("__libc_start_main"), "\(result.errors)")
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

/// Whether a file system can be mounted for one process.
private let canMount: Bool = {
  let result = try? run("/usr/bin/env", ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
  return result?.status == 0
}()
