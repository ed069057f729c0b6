import Batching
import Files
import Foundation
import Inference
import Models
import Reporting
import TestSupport
import Testing

/// Models of videos that are given single pictures.
@Suite struct VideoModelTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writePhotos(["a.jpg", "b.jpg"], in: place("photos"))
    let golden = goldenDirectory + "/dual-encoder-tiny/vit"
    for name in ["video", "photo"] {
      try makeDirectory(place(name))
      for file in ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"] {
        try writeAtomically(readFile(golden + "/" + file), to: place(name) + "/" + file)
      }
    }
    // The mean of frames has no weights.
    let json = String(decoding: try readFile(golden + "/config.json"), as: UTF8.self)
    try writeAtomically(
      ("{\"frame_config\": {\"pooling\": \"mean\", \"limit\": 4, \"layers\": 0}," + json.dropFirst()).utf8,
      to: place("video") + "/config.json")
  }

  @Test func nothingIsExplained() throws {
    let model = try LoadedModel(path: place("video"), threads: 1)
    let photos = try PhotoFiles(at: [place("photos/a.jpg")])
    let error = #expect(throws: ExplanationError.self) {
      try model.explain(photos, "two dogs")
    }
    #expect(error?.exitCode == .configuration && error?.description.contains("looks at videos") == true)
  }

  @Test func singleFramesAreCounted() throws {
    let photos = try PhotoFiles(at: [place("photos")])
    let remark = try LoadedModel(path: place("video"), threads: 1).remark(on: photos)
    #expect(remark?.contains("each of these 2 picture(s) is one of a single frame") == true)
    #expect(try LoadedModel(path: place("photo"), threads: 1).remark(on: photos) == nil)
  }
}
