import Files
import TestSupport
import Testing

/// `evaluate --captions` as a person meets it, with what is wrong in the files that people have.
@Suite struct CaptionScoresCommandTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    let people = #"{"7": ["two cats sleep"], "9": ["a dog runs", "a brown dog is running"], "11": ["a bus"]}"#
    try writeAtomically(Array(people.utf8), to: place("people.json"))
  }

  private func evaluate(_ captions: String, _ options: String...) throws -> Program.Result {
    try writeAtomically(Array(captions.utf8), to: place("captions.json"))
    let files = ["--captions", place("captions.json"), "--references", place("people.json")]
    return try Program.run(Program.path, ["evaluate"] + files + options)
  }

  @Test func anotherOrderHasTheSameScores() throws {
    let one = try evaluate(#"[{"image_id": 7, "caption": "two cats"}, {"image_id": 9, "caption": "a dog sleeps"}]"#)
    let other = try evaluate(#"[{"image_id": 9, "caption": "a dog sleeps"}, {"image_id": 7, "caption": "two cats"}]"#)
    #expect(one.exitCode == 0 && one.output.contains("CIDEr-D  ") && one.output == other.output)
    #expect(one.errors.contains("1 images of ") && one.errors.contains("are left out"))
  }

  @Test func oneImageHasNoCIDEr() throws {
    let result = try evaluate(#"{"9": "a dog sleeps"}"#)
    #expect(result.exitCode == 0 && !result.output.contains("CIDEr-D  "))
    #expect(result.output.contains("CIDEr-D is not defined for one image"))
  }

  @Test func emptyCaptionsAreCounted() throws {
    let result = try evaluate(#"{"7": "", "9": " . "}"#)
    #expect(result.exitCode == 0 && result.output.contains("2 captions have no word"))
    #expect(!result.output.contains("nan"))
  }

  @Test(arguments: [
    (#"{"7": "two cats", "8": "a dog"}"#, "no reference for 1 of the captioned images (8)", 65 as Int32),
    (#"[{"image_id": 7, "caption": "a"}, {"image_id": 7, "caption": "b"}]"#, "has several captions of image 7", 65),
    ("two cats", "is no file of captions; give JSON", 65),
  ])
  func whatCannotBeScoredIsTold(_ captions: String, _ words: String, _ code: Int32) throws {
    let result = try evaluate(captions)
    #expect(result.exitCode == code && result.errors.contains(words) && result.output.isEmpty, "\(result.errors)")
  }

  /// These are written already, and nobody knows the photos.
  @Test(arguments: [["--beams", "3"], ["--page", "page.html"], ["--prompt", "a photo of"]])
  func optionsOnWritingMeanNothing(_ options: [String]) throws {
    let result = try evaluate(#"{"9": "a dog"}"#, options[0], options[1])
    #expect(result.exitCode == 64 && result.errors.contains("captions of a file are written already"))
  }
}
