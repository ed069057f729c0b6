import Checkpoints
import Files
import TestSupport
import Testing

@Suite struct CheckpointStoreTests {
  @Test func savesInHuggingFaceLayout() throws {
    let run = try TemporaryDirectory()
    let store = CheckpointStore(runDirectory: run("run"))
    #expect(try store.newestValid().checkpoint == nil)
    let saved = try store.save(step: 100, sampleContents(100))
    #expect(saved.path == run("run/checkpoints/step-0000100"))
    #expect(
      try directoryEntries(saved.path) == [
        "DONE", "README.md", "config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json",
        "tokenizer_config.json", "training_state",
      ])
    #expect(try directoryEntries(saved.path + "/training_state") == ["optimizer.safetensors", "state.json"])
    #expect(linkTarget(run("run/last")) == "checkpoints/step-0000100")
    let read = try Checkpoint(path: run("run/last"))
    #expect(read == saved)
    #expect(try sampleStep(read) == 100)
    #expect(try read.configuration() == sampleContents(100).configuration)
    #expect(try read.tokenizer() == Array("{}".utf8))
    #expect(try read.preprocessor() == sampleContents(100).preprocessor)
    #expect(try read.member("tokenizer_config.json") == Array("{}".utf8))
    #expect(throws: CheckpointError.self) { try read.member("../../last") }
  }

  @Test func theNewestIsTaken() throws {
    let run = try TemporaryDirectory()
    let store = CheckpointStore(runDirectory: run.path)
    for step in [9_999_999, 5, 12_345_678] { _ = try store.save(step: step, sampleContents(step % 100)) }
    for name in ["step-7", "step-0000x10", "step-99999999.abandoned-1", "step-+000009", "other"] {
      try makeDirectory(store.directory + "/" + name)
    }
    #expect(try store.steps() == [5, 9_999_999, 12_345_678])
    let (checkpoint, warnings) = try store.newestValid()
    #expect(checkpoint?.step == 12_345_678)
    #expect(warnings == [])
  }

  @Test func retentionKeepsTheNewestAndTheBest() throws {
    let run = try TemporaryDirectory()
    let store = CheckpointStore(runDirectory: run.path)
    for step in 1...6 {
      let saved = try store.save(step: step, sampleContents(step))
      if step == 2 { try store.markBest(saved) }
    }
    try removeTree(store.path(ofStep: 4) + "/config.json")
    let newest = try Checkpoint(path: run("last"))
    #expect(try store.prune(keep: 2, newest: newest) == [4, 3, 1].map(store.path(ofStep:)))
    #expect(try store.steps() == [2, 5, 6])
    #expect(try Checkpoint(path: run("best")).step == 2)
    #expect(try store.prune(keep: 1, newest: newest).count == 1)
    #expect(try store.steps() == [2, 6])
    #expect(try directoryEntries(store.directory).count == 2)
  }

  @Test func nothingIsRemovedBeforeTheNewestIsVerified() throws {
    let run = try TemporaryDirectory()
    let store = CheckpointStore(runDirectory: run.path)
    for step in 1...3 { _ = try store.save(step: step, sampleContents(step)) }
    let newest = try Checkpoint(path: run("last"))
    try writeAtomically("{}  ".utf8, to: newest.path + "/config.json")
    #expect(throws: CheckpointError.self) { try store.prune(keep: 1, newest: newest) }
    #expect(try store.steps() == [1, 2, 3])
  }

  /// A disk that does not let go of an old checkpoint is no reason to call the new one a failure.
  @Test func whatCannotBeRemovedIsToldOfAndTheRestGoes() throws {
    let run = try TemporaryDirectory(inMemory: true)
    let store = CheckpointStore(runDirectory: run.path)
    for step in 1...4 { _ = try store.save(step: step, sampleContents(step)) }
    let newest = try Checkpoint(path: run("last"))
    var failures: [FileError] = []
    let hook = DiskHook { _, path in
      if path.contains("step-0000002") { throw FileError.system(call: "unlink", path: path, code: 5) }
    }
    let removed = try withDiskHook(hook) { try store.prune(keep: 1, newest: newest) { failures.append($0) } }
    #expect(removed == [3, 1].map(store.path(ofStep:)))
    #expect(failures.count == 1)
    #expect(try store.newestValid().checkpoint?.step == 4)
  }

  @Test func noDirectoryIsWrittenToAgain() throws {
    let run = try TemporaryDirectory()
    let store = CheckpointStore(runDirectory: run.path)
    let first = try store.save(step: 1, sampleContents(1))
    #expect(try store.save(step: 1, sampleContents(1)) == first)
    #expect(try directoryEntries(store.directory) == ["step-0000001"])

    var other = sampleContents(1)
    other.modelCard = Array("another history".utf8)
    let second = try store.save(step: 1, other)
    #expect(try directoryEntries(store.directory) == ["step-0000001", "step-0000001.abandoned-1"])
    #expect(try Checkpoint(path: store.directory + "/step-0000001.abandoned-1").members == first.members)
    #expect(try Checkpoint(path: run("last")) == second)

    try removeTree(second.path + "/DONE")
    #expect(try store.save(step: 1, other) == second)
    #expect(try directoryEntries(store.directory) == ["step-0000001", "step-0000001.abandoned-1"])
  }

  @Test func abandonedHistoriesAreSetAside() throws {
    let run = try TemporaryDirectory()
    let store = CheckpointStore(runDirectory: run.path)
    for step in 1...3 { _ = try store.save(step: step, sampleContents(step)) }
    let aside = try store.abandon(after: 1)
    #expect(aside == [2, 3].map { store.path(ofStep: $0) + ".abandoned-1" })
    #expect(try store.newestValid().checkpoint?.step == 1)
  }

  /// Who only reads a link must not take an abandoned history for this one.
  @Test func linksToAnAbandonedHistoryGo() throws {
    let run = try TemporaryDirectory(inMemory: true)
    let store = CheckpointStore(runDirectory: run.path)
    try store.markBest(store.save(step: 1, sampleContents(1)))
    _ = try store.save(step: 2, sampleContents(2))
    _ = try store.abandon(after: 1)
    #expect(linkTarget(run("last")) == nil)
    #expect(linkTarget(run("best")) == "checkpoints/step-0000001")
  }

  @Test func leftoversAreSwept() throws {
    let run = try TemporaryDirectory()
    let store = CheckpointStore(runDirectory: run.path)
    _ = try store.save(step: 1, sampleContents(1))
    let lock = try DirectoryLock(run.path)
    try makeDirectory(store.directory + "/step-0000002.tmp-elsewhere-5-5/training_state")
    try writeAtomically("abc".utf8, to: run("metrics.tmp-elsewhere-5-5"))
    #expect(try store.sweep(holding: lock).map(\.bytes) == [3, 0])
    #expect(try store.steps() == [1])
    #expect(try directoryEntries(store.directory).count == 1)
  }
}
