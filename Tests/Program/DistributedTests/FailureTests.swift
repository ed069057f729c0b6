import Files
import Foundation
import Synchronization
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

    /// MPI's own start waits for a rank that does not come to it.
    @Test func aRankThatDoesNotStartEndsAll() throws {
      let result = try Ranks(2).run(
        run(data: workshop.data).arguments, shell: #"[ $OMPI_COMM_WORLD_RANK = 1 ] && exec sleep 60; exec "$@""#,
        environment: ["MMTRAIN_HANG_SECONDS": "3"])
      #expect(result.status == 82)
      let words =
        "error: rank 0: has waited 3s in 'start' (start of MPI, call 0) for the other ranks; ending the run. Look "
      #expect(result.errors.contains(words + "whether all machines are up"), "\(result.errors)")
    }

    /// One rank draws, and its disk does not answer: opening a file that somebody has a lease on takes up to a minute.
    @Test func workThatIsStuckEndsAll() throws {
      let lease = try Lease(on: directory("prepared/scenes.lock"))
      let result = try Ranks(2).run(
        ["train", "--threads", "1", "--output", directory("run")], shell: "cd '\(directory.path)' && exec \"$@\"",
        environment: ["MMTRAIN_HANG_SECONDS": "3"])
      withExtendedLifetime(lease) {}
      #expect(result.status == 82)
      #expect(
        result.errors.contains(
          "error: rank 0: 'built-in data' has not got on for 3s, at: its beginning; ending the run"),
        "\(result.errors)")
      #expect(
        result.errors.contains(/rank 0, thread \d+ \(.*\):/) && result.errors.contains("open"), "\(result.errors)")
      #expect(!result.errors.contains("error: rank 1"), "\(result.errors)")
    }

    /// A server that takes half a second for each answer: long in all, but each is a sign of life.
    @Test func workThatGetsOnIsNoHang() throws {
      let hub = try ToyHub()
      hub.interfere { _ in
        usleep(500_000)
        return nil
      }
      let begin = Date()
      let result = try Ranks(2).run(
        run(data: workshop.data, ["initialize.weights=owner/model"]).arguments,
        environment: hub.environment.merging(["MMTRAIN_HANG_SECONDS": "4"]) { $1 })
      #expect(Date().timeIntervalSince(begin) > 6)
      #expect(fileExists(hub.directory + "/snapshots/\(hub.commit)/model.safetensors"), "\(result.errors)")
      #expect(result.status != 82, "\(result.errors)")
    }

    /// Somebody else fetches the same model, for longer than a wait may take.
    @Test func waitingForAnotherProcessIsNoHang() throws {
      let hub = try ToyHub()
      let lock = hub.cache(".locks/models--owner--model/\(sha256(ToyHub.weights)).lock")
      var held: FileLock? = try FileLock(lock) { _ in Issue.record("nobody holds it") }
      let process = try Ranks(2).start(
        run(data: workshop.data, ["initialize.weights=owner/model"]).arguments,
        environment: hub.environment.merging(["MMTRAIN_HANG_SECONDS": "3"]) { $1 })
      Thread.sleep(forTimeInterval: 8)
      #expect(process.isRunning)
      withExtendedLifetime(held) {}
      held = nil
      let result = try process.wait()
      #expect(result.errors.contains("waiting for another process that fetches it (\(lock))"), "\(result.errors)")
      #expect(fileExists(hub.directory + "/snapshots/\(hub.commit)/model.safetensors"), "\(result.errors)")
    }

    /// What a server begins to send and does not go on with.
    @Test func aDownloadThatIsStuckEndsAll() throws {
      let hub = try ToyHub()
      let isOver = Atomic(false)
      hub.interfere { request in
        guard request.path.hasPrefix("/storage/") else { return nil }
        var answer = LoopbackAnswer.file(ToyHub.weights, etag: "\"storage\"", to: request)
        answer.pause = (150_000, { while !isOver.load(ordering: .relaxed) { usleep(1000) } })
        return answer
      }
      let result = try Ranks(2).run(
        run(data: workshop.data, ["initialize.weights=owner/model"]).arguments,
        environment: hub.environment.merging(["MMTRAIN_HANG_SECONDS": "3"]) { $1 })
      isOver.store(true, ordering: .relaxed)
      #expect(result.status == 82)
      let words = "looks for the model' has not got on for 3s, at: owner/model model.safetensors, byte "
      #expect(result.errors.contains(words), "\(result.errors)")
    }

    /// The log is worth less than the run: that it cannot be written is said, with what to do.
    @Test(arguments: [Ranks(1), Ranks(2)]) func aLogOfSomebodyElseIsNamed(ranks: Ranks) throws {
      let run = run(data: workshop.data)
      try makeDirectory(run.output)
      try writeAtomically("{}\n".utf8, to: run.output + "/metrics.jsonl")
      #expect(chmod(run.output + "/metrics.jsonl", 0) == 0)
      let result = try ranks.run(
        run.arguments, shell: (["exec"] + boundByPermissions + [#""$@""#]).joined(separator: " "))
      #expect(result.status == 0, "\(result.errors)")
      let words = "\(run.output)/metrics.jsonl: cannot write metrics: Permission denied; training goes on without them"
      #expect(result.errors.components(separatedBy: words).count == 2, "said once: \(result.errors)")
      #expect(result.errors.contains("The file is somebody else's: remove it, or choose another --output"))
      #expect(linkTarget(run.output + "/last") == "checkpoints/step-0000004")
      #expect(try treeSize(run.output + "/metrics.jsonl") == 3, "it is left as it was")
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

/// A lease on a file that is made for it: whoever opens it waits until the lease is given back, or the kernel's time for that
/// (45 s) is over.
private final class Lease {
  private let descriptor: Int32
  /// `F_SETLEASE` of fcntl(2), which Swift does not see.
  private let setLease: Int32 = 1024

  init(on path: String) throws {
    try makeDirectory(parentDirectory(of: path))
    signal(SIGIO, SIG_IGN)  // the kernel's request to give it back
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    try #require(descriptor >= 0 && fcntl(descriptor, setLease, F_WRLCK) == 0)
  }

  deinit { close(descriptor) }
}

/// Whether a file system can be mounted for one process.
private let canMount: Bool = {
  let result = try? run("/usr/bin/env", ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
  return result?.status == 0
}()
