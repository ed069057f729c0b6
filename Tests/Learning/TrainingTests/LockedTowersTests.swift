import Checkpoints
import Collectives
import Configuration
import Files
import Foundation
import Preparation
import Reporting
import Safeguards
import Scenes
import TensorEngine
import TestSupport
import Testing
import Training

/// What a locked tower makes of a split is computed once, kept and read: no bit of the run shows it.
@Suite(.serialized) struct LockedTowersTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    let zip = place("scenes.zip")
    try writeScenes(to: zip, settings: SceneSettings(train: 41, validation: 7, test: 4, imageSize: 48))
    var request = PreparationRequest(source: .archive(path: zip), output: place("scenes"), threads: 2)
    request.tokenizer = .train(vocabularySize: 560)
    try prepare(request)
  }

  private static let vision = "initialize.freeze=vision_model.*"
  private static let text = "initialize.freeze=text_model.*"
  private static let both = "initialize.freeze=[vision_model.*, text_model.*]"

  private func train(
    _ name: String, _ cache: String, _ settings: [String], steps: Int = 9, faults: [Fault] = [], threads: Int = 1,
    _ communicator: any Communicator = SoloCommunicator()
  ) throws -> TrainingOutcome {
    let own = [
      "model.name=clip", "model.vision.image_size=32", "model.vision.width=16", "model.vision.layers=1",
      "model.text.width=16", "model.text.layers=1", "model.embedding_width=8", "batch.global=10",
      "schedule.warmup_steps=0",
      "schedule.steps=\(steps)", "schedule.decay=constant", "data.augmentation=none", "data.workers=1",
      "checkpoint.every_steps=2", "memory.cache_locked=\(cache)", "output=\(place(name))",
    ]
    var options = RunOptions()
    options.faults = faults
    return try runTraining(
      RunConfiguration(file: nil, settings: (own + settings).map { ConfigurationSetting($0) }),
      dataPath: place("scenes"), resume: .auto, options: options, threads: threads, communicator: communicator,
      output: .silent, logger: makeLogger(rank: nil))
  }

  private func weights(_ name: String) throws -> [[UInt8]] {
    try ["model.safetensors", "training_state/optimizer.safetensors"].map { try readFile(place("\(name)/last/\($0)")) }
  }

  /// The lines of metrics.jsonl that say what became of locked towers.
  private func told(_ name: String) throws -> [String] {
    try String(decoding: readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .map(String.init).filter { $0.hasPrefix("{\"event\":\"locked_tower\"") }
  }

  private func keptCount(_ name: String) throws -> Int { try told(name).count { $0.contains("\"kept\":true") } }

  // MARK: The same bits

  @Test(arguments: [vision, text, both], [1, 3])
  func weightsAreThoseOfARunThatComputes(_ frozen: String, ranks: Int) throws {
    for cache in ["off", "on"] {
      _ = try InProcessCommunicator.run(ranks: ranks) { try train(cache, cache, [frozen], $0) }
    }
    #expect(try weights("on") == weights("off"))
    #expect(try keptCount("off") == 0)
    // Of the split that is trained on, and of the one that is evaluated on.
    #expect(try keptCount("on") == (frozen == Self.both ? 4 : 2))
    #expect(!isDirectory(place("on/cache")), "a complete run needs them no more")
  }

  /// A join reads the states of all tokens; words that are masked are read anew.
  @Test(arguments: [vision, text, both])
  func statesOfAllTokensAreKeptForAJoin(_ frozen: String) throws {
    let joins = [
      frozen, "model.name=cross-attention", "model.text.causal=false", "model.fusion.width=16", "model.fusion.layers=1",
      "objective.masked_text=1",
    ]
    for cache in ["off", "on"] { _ = try train(cache, cache, joins, steps: 4) }
    #expect(try weights("on") == weights("off"))
    #expect(try keptCount("on") == (frozen == Self.both ? 4 : 2))
  }

  /// One objective a step, of which some look at pooled states alone: these are among the kept ones of all tokens.
  @Test func aSampledMixReadsTheSame() throws {
    let mix = [
      Self.both, "model.name=cross-attention", "model.fusion.width=16", "model.fusion.layers=1",
      "objective.mix=sampled",
    ]
    for cache in ["off", "on"] { _ = try train(cache, cache, mix, steps: 6) }
    #expect(try weights("on") == weights("off"))
  }

  @Test(.enabled(if: Precision.bf16.isSupported, "this processor has no AVX-512"))
  func statesInBFloat16AreKeptAsTheyAre() throws {
    for cache in ["off", "on"] { _ = try train(cache, cache, [Self.both, "precision=bf16"]) }
    #expect(try weights("on") == weights("off") && keptCount("on") == 4)
  }

  @Test func partsOfABatchReadTheirStates() throws {
    for cache in ["off", "on"] { _ = try train(cache, cache, [Self.vision, "batch.micro=3"]) }
    #expect(try weights("on") == weights("off"))
  }

  /// On nodes of two ranks each node keeps its own; any number of ranks and threads writes the same bytes.
  @Test func anyRanksKeepTheSameBytes() throws {
    let fault = [Fault(kind: .exit, step: 2, rank: 0)]
    func kept(_ name: String, _ file: String) throws -> [UInt8] { try readFile(place("\(name)/cache/\(file)")) }
    for (ranks, threads) in [(1, 1), (2, 1), (4, 1), (1, 3)] {
      let name = "\(ranks)-\(threads)"
      #expect(throws: (any Error).self) {
        _ = try InProcessCommunicator.run(ranks: ranks, nodeSize: 2) {
          try train(name, "on", [Self.both], faults: fault, threads: threads, $0)
        }
      }
      for split in ["train-image", "train-text", "validation-image", "validation-text"] {
        for file in ["states.bin", "index.bin"] {
          #expect(try kept(name, "\(split)/\(file)") == kept("1-1", "\(split)/\(file)"), "\(name) \(split) \(file)")
        }
        guard ranks == 4 else { continue }
        #expect(try kept(name, "\(split)-node1/states.bin") == kept("1-1", "\(split)/states.bin"))
      }
    }
  }

  // MARK: Broken off

  /// A run that is killed leaves what it kept, and the next start reads it; what was damaged or is of something else is
  /// computed anew. The end is always that of the run in one piece.
  @Test func aRunInPiecesReadsWhatIsThere() throws {
    _ = try train("whole", "off", [Self.both])
    let file = place("parts/cache/train-image/states.bin")
    func breakOff(at step: Int) {
      #expect(throws: (any Error).self) {
        try train("parts", "on", [Self.both], faults: [Fault(kind: .exit, step: step, rank: 0)])
      }
    }
    breakOff(at: 3)
    #expect(try told("parts").suffix(4).allSatisfy { $0.contains("\"computed\":true") })
    breakOff(at: 5)
    #expect(try told("parts").suffix(4).allSatisfy { $0.contains("\"computed\":false") })

    var bytes = try readFile(file)
    bytes[bytes.count / 2] ^= 1
    try writeAtomically(bytes, to: file)
    breakOff(at: 6)
    #expect(try told("parts").suffix(4).map { $0.contains("\"computed\":true") } == [true, false, false, false])
    try writeAtomically(bytes.dropLast(4), to: file)
    breakOff(at: 7)
    #expect(try told("parts").suffix(4).map { $0.contains("\"computed\":true") } == [true, false, false, false])

    let about = place("parts/cache/train-text/about.json")
    let json = String(decoding: try readFile(about), as: UTF8.self)
    try writeAtomically(json.replacing(/"key" : "[0-9a-f]*"/, with: "\"key\" : \"0\"").utf8, to: about)
    breakOff(at: 8)
    #expect(try told("parts").suffix(4).map { $0.contains("\"computed\":true") } == [false, false, true, false])

    _ = try train("parts", "on", [Self.both])
    #expect(try weights("parts") == weights("whole"))
    #expect(!isDirectory(place("parts/cache")))
  }

  /// States that are whole but not those that are computed now, as after a library has changed, are not read.
  @Test func statesThatWouldComeOutOtherwiseAreNotRead() throws {
    _ = try train("whole", "off", [Self.vision])
    let fault = [Fault(kind: .exit, step: 3, rank: 0)]
    #expect(throws: (any Error).self) { try train("run", "on", [Self.vision], faults: fault) }
    let kept = place("run/cache/train-image")
    let bytes = try readFile(kept + "/states.bin").enumerated().map { $0 % 4 == 0 ? $1 ^ 1 : $1 }
    let json = String(decoding: try readFile(kept + "/about.json"), as: UTF8.self)
    try writeAtomically(bytes, to: kept + "/states.bin")
    try writeAtomically(
      json.replacing(/"statesSHA256" : "[0-9a-f]*"/, with: "\"statesSHA256\" : \"\(sha256(bytes))\"").utf8,
      to: kept + "/about.json")
    _ = try train("run", "on", [Self.vision])
    #expect(try told("run").suffix(2).map { $0.contains("\"computed\":true") } == [true, false])
    #expect(try weights("run") == weights("whole"))
  }

  /// A disk that is full when states are kept costs time and nothing else.
  @Test(arguments: ["create", "write", "fsync", "rename"])
  func aFullDiskIsNoReasonToEnd(_ failing: String) throws {
    _ = try train("whole", "off", [Self.vision])
    let hook = DiskHook { call, path in
      if call == failing, path.contains("/cache/") { throw FileError.system(call: call, path: path, code: ENOSPC) }
    }
    try withDiskHook(hook) { _ = try train("full", "on", [Self.vision]) }
    #expect(try told("full").allSatisfy { $0.contains("\"kept\":false") && $0.contains("No space left on device") })
    #expect(try weights("full") == weights("whole"))
    #expect(!isDirectory(place("full/cache")))
  }

  // MARK: Whether it is done

  @Test func augmentedPhotosAreComputedAndTheReasonIsSaid() throws {
    _ = try train("run", "on", [Self.both, "data.augmentation=standard"])
    let lines = try told("run")
    #expect(lines.count == 3)
    #expect(lines[0].contains("\"tower\":\"image\"") && lines[0].contains("photos are augmented"))
    #expect(lines.dropFirst().allSatisfy { $0.contains("\"tower\":\"text\"") && $0.contains("\"kept\":true") })
  }

  /// A projection belongs to no tower; a tower of which a part is trained changes.
  @Test(arguments: [("initialize.lock.vision=0", 2), ("initialize.lock.vision=1", 2), ("initialize.lock.vision=2", 0)])
  func onlyWholeTowersAreKept(_ lock: String, _ count: Int) throws {
    _ = try train("run", "on", [lock], steps: 2)
    #expect(try told("run").count == count && keptCount("run") == count)
  }

  @Test func aRunThatReadsLittleComputesIt() throws {
    _ = try train("short", "auto", [Self.vision], steps: 4)
    #expect(try told("short")[0].contains("what is left of the run reads 40, and there are 41"))
    _ = try train("long", "auto", [Self.vision], steps: 5)
    #expect(try told("long")[0].contains("\"kept\":true"))
    #expect(try told("long")[1].contains("\"kept\":false"), "one evaluation")
  }
}
