import Checkpoints
import Files
import Glibc
import Randomness
import Reporting
import Synchronization
import TestSupport
import Testing

/// Counts the calls that change the disk, and makes them fail.
private final class Fault: Sendable {
  enum Kind { case diskFull, death }
  private let count = Mutex(0)
  private let kind: Kind
  private let failing: Int

  /// - Parameter failing: the call that fails, counted from 1; after a death so do all that follow.
  init(_ kind: Kind, at failing: Int) {
    self.kind = kind
    self.failing = failing
  }

  var calls: Int { count.withLock { $0 } }

  var hook: DiskHook {
    DiskHook { call, path in
      let number = self.count.withLock { count in
        count += 1
        return count
      }
      if number == self.failing || (self.kind == .death && number > self.failing) {
        throw FileError.system(call: call, path: path, code: ENOSPC)
      }
    }
  }
}

/// Rows F8, F19 to F22 and F25: whatever happens to a checkpoint, one that is whole is found.
@Suite struct FaultTests {
  /// Every call of a save in turn is the last one of its process.
  @Test func deathAtAnyCallLeavesAWholeCheckpoint() throws {
    var call = 0
    var calls = Int.max
    while call < calls {
      call += 1
      let run = try TemporaryDirectory(inMemory: true)
      let store = CheckpointStore(runDirectory: run.path)
      _ = try store.save(step: 1, sampleContents(1))
      let fault = Fault(.death, at: call)
      let outcome = Result { try withDiskHook(fault.hook) { try store.save(step: 2, sampleContents(2)) } }
      if (try? outcome.get()) != nil { calls = call }  // one call further than there are
      let (found, warnings) = try store.newestValid()
      let newest = try #require(found)
      #expect([1, 2].contains(try sampleStep(newest)))
      #expect(warnings == [], "an unfinished save was taken for a checkpoint")
      #expect([1, 2].contains(try sampleStep(Checkpoint(path: run("last")))))
      // The next process goes on, over whatever is left.
      #expect(try sampleStep(store.save(step: 2, sampleContents(2))) == 2)
      #expect(try directoryEntries(store.directory) == ["step-0000001", "step-0000002"])
      #expect(linkTarget(run("last")) == "checkpoints/step-0000002")
    }
    #expect(call > 50, "\(call) calls are too few to be a save")
  }

  /// A full disk at any call: the save fails with 74, leaves nothing behind, and works when there is room again.
  @Test func aFullDiskAtAnyCallIsSurvived() throws {
    var call = 0
    while true {
      call += 1
      let run = try TemporaryDirectory(inMemory: true)
      let store = CheckpointStore(runDirectory: run.path)
      _ = try store.save(step: 1, sampleContents(1))
      let fault = Fault(.diskFull, at: call)
      do {
        _ = try withDiskHook(fault.hook) { try store.save(step: 2, sampleContents(2)) }
        break
      } catch let error as FileError {
        #expect(error.exitCode == .inputOutput)
      }
      let left = try directoryEntries(store.directory)
      #expect(left == ["step-0000001"] || left == ["step-0000001", "step-0000002"], "call \(call)")
      #expect(try directoryEntries(run.path) == ["checkpoints", "last"])
      #expect(try store.newestValid().warnings == [])
      _ = try store.save(step: 3, sampleContents(3))
      #expect(try sampleStep(try #require(store.newestValid().checkpoint)) == 3)
    }
    #expect(call > 50)
  }

  @Test func deathWhilePruningLeavesTheNewest() throws {
    var call = 0
    while true {
      call += 1
      let run = try TemporaryDirectory(inMemory: true)
      let store = CheckpointStore(runDirectory: run.path)
      for step in 1...3 { _ = try store.save(step: step, sampleContents(step)) }
      let newest = try Checkpoint(path: run("last"))
      let fault = Fault(.death, at: call)
      let outcome = Result { try withDiskHook(fault.hook) { try store.prune(keep: 1, newest: newest) } }
      let (found, warnings) = try store.newestValid()
      #expect(found?.step == 3 && warnings == [])
      for step in try store.steps() { _ = try Checkpoint(path: store.path(ofStep: step)) }
      if (try? outcome.get()) != nil { break }
    }
    #expect(call > 10)
  }

  /// DONE comes after everything else is durable, and the name after DONE.
  @Test func callsComeInTheOrderThatSurvivesAPowerCut() throws {
    let run = try TemporaryDirectory(inMemory: true)
    let store = CheckpointStore(runDirectory: run.path)
    _ = try store.save(step: 1, sampleContents(1))
    let log = Mutex<[String]>([])
    let hook = DiskHook { call, path in log.withLock { $0.append("\(call) \(lastComponent(of: path))") } }
    _ = try withDiskHook(hook) { try store.save(step: 2, sampleContents(2)) }
    let calls = log.withLock { $0 }
    let marker = try #require(calls.firstIndex { $0.hasPrefix("create DONE") })
    let rename = try #require(calls.firstIndex(of: "rename step-0000002"))
    for name in try Checkpoint(path: run("last")).members.map({ lastComponent(of: $0.name) }) {
      #expect(calls[..<marker].contains("fsync \(name)"))
    }
    #expect(calls[..<marker].contains("fsync training_state"))
    #expect(calls[marker..<rename].contains { $0.hasPrefix("fsync DONE") })
    #expect(calls[marker..<rename].contains { $0.hasPrefix("fsync step-0000002.tmp-") })
    #expect(calls[rename + 1] == "fsync checkpoints")
    #expect(!calls[..<rename].contains { $0.hasSuffix("step-0000001") })
  }

  @Test func damageIsFoundAndThePreviousOneTaken() throws {
    let run = try TemporaryDirectory(inMemory: true)
    let store = CheckpointStore(runDirectory: run.path)
    _ = try store.save(step: 1, sampleContents(1))
    let newest = try store.save(step: 2, sampleContents(2))
    let names = newest.members.map(\.name) + ["DONE"]
    var random = RandomStream(seed: 2, 8)

    func expectFallback(_ what: String) throws {
      let (found, warnings) = try store.newestValid()
      #expect(found?.step == 1, "\(what)")
      #expect(warnings.map(\.path) == [newest.path], "\(what)")
    }
    for number in 0..<250 {  // truncations, then changed bytes
      let name = number < names.count ? names[number] : names[random.integer(below: names.count)]
      let path = newest.path + "/" + name
      let whole = try readFile(path)
      let place = random.integer(below: whole.count)
      var damaged = whole
      if number < 50 {
        damaged.removeSubrange(place...)
      } else {
        damaged[place] ^= 1 << UInt8(random.integer(below: 8))
      }
      try writeAtomically(damaged, to: path)
      try expectFallback("\(name), byte \(place) of \(whole.count)")
      try writeAtomically(whole, to: path)
    }
    for name in names {
      let path = newest.path + "/" + name
      try moveFile(path, to: run("aside"))
      try expectFallback("without \(name)")
      try moveFile(run("aside"), to: path)
    }
    #expect(try store.newestValid().checkpoint == newest)
  }

  @Test func aMarkerCannotPointOutside() throws {
    let run = try TemporaryDirectory(inMemory: true)
    try makeDirectory(run("c"))
    for name in ["../secret", "/etc/passwd", "a//b", "a/../../b", ".", ""] {
      let text = "{\"format\":1,\"members\":[\n{\"name\":\"\(name)\",\"sha256\":\"00\",\"size\":0}\n],\"step\":1}\n"
      try writeAtomically(text.utf8, to: run("c/DONE"))
      let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(path: run("c")) }
      #expect(error?.description.contains("lies outside") == true)
    }
    for text in ["", "{}", "DONE", "{\"format\":2,\"members\":[],\"step\":1}"] {
      try writeAtomically(text.utf8, to: run("c/DONE"))
      #expect(#expect(throws: CheckpointError.self) { _ = try Checkpoint(path: run("c")) }?.exitCode == .badData)
    }
    #expect(throws: FileError.self) { _ = try Checkpoint(path: run("none")) }
  }

  /// A directory under another step's name is not that step.
  @Test func aRenamedCheckpointIsNotTaken() throws {
    let run = try TemporaryDirectory(inMemory: true)
    let store = CheckpointStore(runDirectory: run.path)
    _ = try store.save(step: 1, sampleContents(1))
    let second = try store.save(step: 2, sampleContents(2))
    try moveFile(second.path, to: store.path(ofStep: 7))
    let (found, warnings) = try store.newestValid()
    #expect(found?.step == 1)
    #expect(warnings.first?.description.contains("it is of step 2") == true)
  }
}
