import Archives
import Files
import Foundation
import Scenes

/// An archive of scenes as a reader finds it: nothing here shares code with what wrote it.
struct SceneFile {
  struct Karpathy: Decodable {
    struct Entry: Decodable {
      struct Sentence: Decodable {
        var raw: String
        var tokens: [String]
        var sentid: Int
      }
      var filename: String
      var split: String
      var imgid: Int
      var sentids: [Int]
      var sentences: [Sentence]
    }
    var dataset: String
    var images: [Entry]
  }

  struct Details: Decodable {
    struct Entry: Decodable {
      struct Object: Decodable, Hashable {
        var shape: String
        var colour: String
        var size: String
        var position: String
        var box: [Int] = []

        enum CodingKeys: CodingKey { case shape, colour, size, position }
      }
      struct Box: Decodable {
        var phrase: String
        var box: [Int]
      }
      struct Question: Decodable {
        var kind: String
        var question: String
        var answer: String
      }
      var filename: String
      var split: String
      var ground: [String: String]
      var objects: [Object]
      var boxes: [Box]
      var questions: [Question]

      /// The objects with their boxes.
      mutating func place() {
        for (index, box) in boxes.enumerated() { objects[index].box = box.box }
      }
    }
    var images: [Entry]
  }

  var files: [String: [UInt8]]
  var karpathy: Karpathy
  var details: Details
  var tokenLines: [String]

  init(_ settings: SceneSettings) throws {
    let path = FileManager.default.temporaryDirectory.path + "/mmtrain-scenes-" + UUID().uuidString + ".zip"
    defer { try? removeTree(path) }
    try writeScenes(to: path, settings: settings)
    let zip = try ZipReader(path: path)
    var files: [String: [UInt8]] = [:]
    for entry in zip.entries { files[entry.name] = try zip.read(entry) }
    let read = files
    func json<Value: Decodable>(_ name: String) throws -> Value {
      try JSONDecoder().decode(Value.self, from: Data(read[name] ?? []))
    }
    self.files = files
    karpathy = try json("scenes/dataset_scenes.json")
    details = try json("scenes/scenes.json")
    for index in details.images.indices { details.images[index].place() }
    tokenLines = String(decoding: files["scenes/results_20130124.token"] ?? [], as: UTF8.self)
      .split(separator: "\n").map { String($0) }
  }
}
