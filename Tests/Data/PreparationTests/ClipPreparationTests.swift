import Batching
import Files
import Foundation
import Preparation
import Reporting
import TestSupport
import Testing

/// Sets of clips, and of photos with sound.
@Suite struct ClipPreparationTests {
  private func clips(_ count: Int, rate: Int = 16_000) throws -> TestSource {
    let source = try TestSource()
    for number in 0..<count { source.add("wav/\(number).wav", bytes: WaveFile.tone(number, rate: rate)) }
    return source
  }

  private func counts(_ report: PreparationReport) -> [String] {
    report.splits.flatMap { split in split.columns.map { "\(split.name) \($0.column.name) \($0.samples) \($0.values)" }
    }
  }

  @Test func aFolderOfClipsWithCaptions() throws {
    let source = try clips(3)
    source.add("captions.csv", "file,caption,split\n0.wav,a dog barks,train\n1.wav,rain,train\n2.wav,a bell,val\n")
    let (report, samples) = try source.prepared()
    #expect(samples["1.wav"]?.captions == ["rain"] && samples["2.wav"]?.split == "validation")
    #expect(
      counts(report) == [
        "train captions 2 2", "train audio 2 2", "validation captions 1 1", "validation audio 1 1",
      ])
    #expect(report.problemCount == 0)
    #expect(report.summary(output: "set").contains("train: 2 clips, 2 captions\n"))
  }

  @Test func aTableOfClipsWithRoles() throws {
    let source = try clips(3)
    source.add("labels.csv", "file,class,who,words\n0.wav,dog,a,a dog\n1.wav,rain,b,it rains\n2.wav,dog,a,\n")
    let (report, samples) = try source.prepared {
      $0.columns = try ColumnRoles("audio=file,label:sound=class,group=who,caption=words")
    }
    #expect(samples["0.wav"]?.columns.labels == ["sound": ["dog"]] && samples["0.wav"]?.columns.group == "a")
    #expect(samples["2.wav"]?.captions == [])
    #expect(report.splits.reduce(0) { $0 + $1.photos } == 3)
  }

  @Test func recordsOfClips() throws {
    let source = try clips(2)
    source.add(
      "meta.jsonl", #"{"audio": "wav/0.wav", "caption": "a dog"}"# + "\n" + #"{"audio": "1", "caption": "rain"}"# + "\n"
    )
    let (_, samples) = try source.prepared()
    #expect(samples["wav/0.wav"]?.captions == ["a dog"] && samples["1"]?.captions == ["rain"])
  }

  @Test func clipsAreKeptByteForByte() throws {
    let source = try clips(2)
    source.add("captions.csv", "file,caption\n0.wav,a\n1.wav,b\n")
    var request = PreparationRequest(source: try source.zip(), output: source.path("set"), threads: 2)
    request.maximumBadFraction = 0
    try prepare(request)
    let set = try PreparedDataSet(path: request.output)
    try set.verify()
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) {
        let number = try #require(Int(sample.key))
        #expect(try set.withClip(sample) { bytes, _ in Array(bytes) } == WaveFile.tone(number))
      }
    }
  }

  /// A photo stays without the sound that cannot be had.
  @Test func photosWithSound() throws {
    let source = try clips(2)
    try source.addPhotos(named: ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"])
    source.add("wav/text.wav", "no sound")
    source.add(
      "t.csv",
      "photo,sound,words\na.jpg,0.wav,one\nb.jpg,wav/1.wav,two\nc.jpg,,three\nd.jpg,text.wav,four\ne.jpg,9.wav,five\n")
    let (report, samples) = try source.prepared(bad: 1) {
      $0.columns = try ColumnRoles("image=photo,audio=sound,caption=words")
      $0.splits = .hash(try SplitHash(validation: 0, test: 0))
    }
    #expect(samples.count == 5)
    #expect(counts(report) == ["train image 5 5", "train captions 5 5", "train audio 2 2"])
    #expect(
      report.problems.map { "\($0.kind.rawValue) \($0.subject)" } == [
        "missing_value c.jpg", "unfit_clip d.jpg", "unfit_clip e.jpg",
      ])
    #expect(report.problems[1].detail.contains("not a WAV, FLAC, Ogg or MP3 but text"))
    #expect(report.problems[2].detail == "there is no sound 9.wav")
  }

  @Test func theFirstOfSeveralSoundsCounts() throws {
    let source = try clips(2)
    try source.addPhotos(named: ["a.jpg"])
    let rows = ["0.wav", "1.wav", "0.wav"].map {
      #"{"image": "a.jpg", "audio": "\#($0)", "caption": "with \#($0)"}"# + "\n"
    }
    source.add("meta.jsonl", rows.joined())
    let (report, samples) = try source.prepared()
    #expect(samples["a.jpg"]?.clip?.bytes == WaveFile.tone(0).count && samples["a.jpg"]?.captions.count == 3)
    #expect(
      report.problems.map(\.kind) == [.otherClip] && report.problems[0].detail == "its sound is 0.wav, and here 1.wav")
  }

  @Test func tooManySoundsThatCannotBeReadRefuseTheSet() throws {
    let source = try clips(1)
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    let rows = [("a", "0"), ("b", "lost")].map {
      #"{"image": "\#($0).jpg", "audio": "\#($1).wav", "caption": "c"}"# + "\n"
    }
    source.add("meta.jsonl", rows.joined())
    let error = #expect(throws: PreparationError.self) { try source.prepared(bad: 0.4) }
    #expect(error?.description.contains("1 of 2 sounds of photos are unfit") == true)
    #expect(throws: Never.self) { try source.prepared(bad: 0.5) }
  }

  @Test func unreadableClipsAreLeftOutAndCounted() throws {
    let source = try clips(2)
    let files: [(String, [UInt8], Problem.Kind)] = [
      ("a", Array("text".utf8), .notASound), ("b", WaveFile().bytes, .noLength),
      ("c", Array(WaveFile.tone(1).dropLast(9)), .truncated), ("d", WaveFile.floating([0, .nan]), .notFinite),
      ("e", WaveFile(rate: 500, data: [0, 0, 0, 0]).bytes, .unsupportedSound),
      ("f", WaveFile(channels: 40, data: [UInt8](repeating: 0, count: 800)).bytes, .unsupportedSound),
    ]
    for (name, bytes, _) in files { source.add("wav/\(name).wav", bytes: bytes) }
    let names = ["0", "1"] + files.map(\.0)
    source.add("captions.csv", "file,caption\n" + names.map { "\($0).wav,sound \($0)\n" }.joined())
    let (report, samples) = try source.prepared(bad: 1)
    #expect(Set(samples.keys) == ["0.wav", "1.wav"])
    #expect(report.problems.map(\.kind) == files.map(\.2))
    #expect(report.summary(output: "set").contains("left out: 1 truncated, 1 not sound that is read, 1 no length"))
    #expect(throws: PreparationError.self) {
      try prepare(PreparationRequest(source: try source.folder("again"), output: source.path("set2"), threads: 2))
    }
  }

  @Test func copiesOfAClipAreALeak() throws {
    let source = try clips(2)
    source.add("wav/copy.wav", bytes: WaveFile.tone(0))
    source.add("captions.csv", "file,caption,split\n0.wav,a,train\n1.wav,b,train\ncopy.wav,c,val\n")
    let (report, _) = try source.prepared()
    #expect(report.leaks == 1)
  }

  @Test func rolesNeedASubject() throws {
    for (roles, key) in [
      ("label:a=b", "say image=COLUMN or audio=COLUMN"), ("audio=file", "says anything about the audio"),
      ("audio=a,audio=b,caption=c", "the role audio is given twice"), ("adio=a", "perhaps audio is meant"),
    ] {
      let error = #expect(throws: PreparationError.self) { try ColumnRoles(roles) }
      #expect(error?.description.contains(key) == true, "\(error.map(\.description) ?? "")")
    }
  }
}
