import Checkpoints
import Files
import Glibc
import TestSupport
import Testing

/// `last` and `best` are a convenience: a run is whole without them.
@Suite struct LinkTests {
  private let run: TemporaryDirectory
  private let store: CheckpointStore

  init() throws {
    run = try TemporaryDirectory(inMemory: true)
    store = CheckpointStore(runDirectory: run.path)
  }

  @Test func theBestStaysWithoutALink() throws {
    for step in 1...5 { _ = try store.save(step: step, sampleContents(step)) }
    let newest = try Checkpoint(path: run("last"))
    #expect(try store.prune(keep: 1, newest: newest, best: 2) == [4, 3, 1].map(store.path(ofStep:)))
    #expect(try store.steps() == [2, 5])
  }

  @Test func linksThatAreGoneAreMadeAgain() throws {
    for step in 1...3 { _ = try store.save(step: step, sampleContents(step)) }
    try removeTree(run("last"))
    #expect(try store.mendLinks(newest: Checkpoint(path: store.path(ofStep: 3)), best: 2) == [])
    #expect(linkTarget(run("last")) == "checkpoints/step-0000003")
    #expect(linkTarget(run("best")) == "checkpoints/step-0000002")
    // A best that is not there has none.
    try removeTree(run("best"))
    #expect(try store.mendLinks(newest: Checkpoint(path: store.path(ofStep: 3)), best: 9) == [])
    #expect(linkTarget(run("last")) == "checkpoints/step-0000003")
    #expect(linkTarget(run("best")) == nil)
  }

  /// A process that dies between a checkpoint and its link leaves the link of the one before.
  @Test func linksOfBeforeAreMended() throws {
    for step in 1...3 { _ = try store.save(step: step, sampleContents(step)) }
    for (name, step) in [("last", 2), ("best", 1)] {
      try replaceLink(run(name), target: "checkpoints/" + lastComponent(of: store.path(ofStep: step)))
    }
    #expect(try store.mendLinks(newest: Checkpoint(path: store.path(ofStep: 3)), best: 2) == [])
    #expect(linkTarget(run("last")) == "checkpoints/step-0000003")
    #expect(linkTarget(run("best")) == "checkpoints/step-0000002")
  }

  @Test func directoriesInTheirPlaceAreTakenUp() throws {
    for step in 1...2 { _ = try store.save(step: step, sampleContents(step)) }
    for link in ["last", "best"] { try removeTree(run(link)) }
    try moveFile(store.path(ofStep: 1), to: run("best"))
    try moveFile(store.path(ofStep: 2), to: run("last"))
    #expect(throws: FileError.self) { try store.save(step: 3, sampleContents(3)) }
    #expect(try store.takeCopies().count == 2)
    #expect(try store.steps().prefix(2) == [1, 2])
    _ = try store.save(step: 4, sampleContents(4))
    #expect(linkTarget(run("last")) == "checkpoints/step-0000004")
  }

  @Test func acopyOfWhatIsThereIsSetAside() throws {
    _ = try store.save(step: 1, sampleContents(1))
    try removeTree(run("last"))
    try makeDirectory(run("last"))
    #expect(
      try store.takeCopies() == [
        "\(run("last")) is a directory where a link was: it is now \(run("last")).abandoned-1, which may be deleted"
      ])
    #expect(isDirectory(run("last.abandoned-1")))
  }

  @Test(arguments: [EPERM, EOPNOTSUPP, ENOSYS]) func aFileSystemWithoutLinksIsLivedWith(code: Int32) throws {
    let hook = DiskHook { call, path in
      if call == "symlink" { throw FileError.system(call: call, path: path, code: code) }
    }
    try withDiskHook(hook) {
      let notes = try store.mendLinks(newest: nil, best: nil)
      #expect(notes.count == 1 && notes[0].contains("no symbolic links can be made there"), "\(notes)")
      for step in 1...3 { try store.markBest(store.save(step: step, sampleContents(step))) }
      _ = try store.prune(keep: 1, newest: Checkpoint(path: store.path(ofStep: 3)), best: 1)
    }
    #expect(try store.steps() == [1, 3])
    #expect(try directoryEntries(run.path) == ["checkpoints"])
  }

  @Test func aDiskThatFailsIsNoFileSystemWithoutLinks() throws {
    let hook = DiskHook { call, path in
      if call == "symlink" { throw FileError.system(call: call, path: path, code: ENOSPC) }
    }
    #expect(throws: FileError.self) { try withDiskHook(hook) { try store.save(step: 1, sampleContents(1)) } }
  }
}
