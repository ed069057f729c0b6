import Batching
import Files
import Reporting
import TestSupport
import Testing

/// Which photo and which clip are of one sample.
@Suite struct PairedFilesTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory(inMemory: true)
    for folder in ["photos/a", "clips/a", "more", "empty"] { try makeDirectory(place(folder)) }
    for file in [
      "photos/a/1.jpg", "photos/2.v.png", "photos/3.jpg", "photos/notes.txt", "clips/a/1.wav", "clips/2.v.flac",
      "clips/4.mp3", "more/5.jpeg", "more/5.ogg",
    ] { try writeAtomically(file.utf8, to: place(file)) }
  }

  private func files(_ photos: [String], _ clips: [String]) throws -> PairedFiles {
    try PairedFiles(photos: photos.map { place($0) }, clips: clips.map { place($0) })
  }

  /// Of each sample the files of both, relative; "-" for what it lacks.
  private func pairs(_ files: PairedFiles) throws -> [String] {
    let clips = try #require(files.clips)
    #expect(files.kind == .photos && clips.kind == .clips && clips.count == files.count)
    return try (0..<files.count).map { try content(files, $0) + " " + content(clips, $0) }
  }

  private func content(_ files: any PhotoCollection, _ index: Int) throws -> String {
    guard !files.isAbsent(at: index) else {
      #expect(throws: PairingError.self) { try files.withBytes(at: index) { _ in } }
      return "-"
    }
    var content = ""
    try files.withBytes(at: index) { content = String(decoding: $0, as: UTF8.self) }
    #expect(files.name(at: index) == place(content))
    return content
  }

  @Test func filesBelongTogetherInTheirOrder() throws {
    let files = try files(["photos/3.jpg", "photos/a/1.jpg"], ["clips/a/1.wav", "clips/4.mp3"])
    #expect(try pairs(files) == ["photos/3.jpg clips/a/1.wav", "photos/a/1.jpg clips/4.mp3"])
    #expect(files.wordsOfAbsence == nil)
  }

  /// What is called otherwise is there by itself, and counted; it is called as what there is of it.
  @Test(arguments: ["", "/"]) func filesOfFoldersBelongTogetherByName(end: String) throws {
    let files = try files(["photos" + end, "more"], ["clips" + end, "more" + end])
    #expect(
      try pairs(files) == [
        "photos/2.v.png clips/2.v.flac", "photos/3.jpg -", "photos/a/1.jpg clips/a/1.wav", "more/5.jpeg more/5.ogg",
        "- clips/4.mp3",
      ])
    #expect(files.wordsOfAbsence?.hasPrefix("1 photo(s) have no clip of their name, and 1 clip(s) no photo") == true)
    #expect(files.name(at: 4) == place("clips/4.mp3") && files.clips?.name(at: 1) == place("photos/3.jpg"))
  }

  private func refusal(_ photos: [String], _ clips: [String]) -> (words: String, code: ExitCode?) {
    let error = #expect(throws: (any Error).self) { _ = try files(photos, clips) }
    return (error.map { "\($0)" } ?? "", (error as? any ReportableError)?.exitCode)
  }

  @Test func whatNobodyCanPairIsSaid() throws {
    let counts = refusal(["photos/3.jpg", "photos/a/1.jpg"], ["clips/4.mp3"])
    #expect(counts.code == .usage && counts.words.hasPrefix("2 photo(s) and 1 clip(s)"), "\(counts)")
    let mixed = refusal(["photos"], ["clips/4.mp3"])
    #expect(mixed.code == .usage && mixed.words.contains("as files and others as folders"), "\(mixed)")
    let missing = refusal(["photos"], ["nowhere"])
    #expect(missing.code == .missingInput && missing.words.contains("nowhere"), "\(missing)")
    let empty = refusal(["photos"], ["empty"])
    #expect(empty.words.contains("no sounds in it"), "\(empty)")
    let strangers = refusal(["photos"], ["more"])
    #expect(strangers.code == .badData && strangers.words.contains("no photo is called as a clip is"), "\(strangers)")
    try writeAtomically([], to: place("photos/a/1.webp"))
    let two = refusal(["photos"], ["clips"])
    #expect(two.code == .badData && two.words.contains("nobody knows which audio clip belongs to which"), "\(two)")
    #expect(two.words.contains("1.jpg") && two.words.contains("1.webp"), "\(two)")
    let clips = refusal(["more"], ["more", "more/"])
    #expect(clips.code == .badData && clips.words.contains("which photo belongs to which"), "\(clips)")
  }
}
