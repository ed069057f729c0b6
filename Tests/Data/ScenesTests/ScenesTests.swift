import Foundation
import Images
import Scenes
import TestSupport
import Testing

@Suite struct ScenesTests {
  static let settings = SceneSettings(seed: 3, train: 40, validation: 12, test: 20)

  @Test func archiveHasEverything() throws {
    let file = try SceneFile(Self.settings)
    #expect(
      file.karpathy.images.map(\.split) == Array(repeating: "train", count: 40) + Array(repeating: "val", count: 12)
        + Array(repeating: "test", count: 20))
    #expect(file.details.images.map(\.filename) == file.karpathy.images.map(\.filename))
    #expect(file.details.images.map(\.split) == file.karpathy.images.map(\.split))
    #expect(file.files.count == 72 + 3)
    var lines: [String] = []
    for (number, entry) in file.karpathy.images.enumerated() {
      #expect(entry.imgid == number && entry.sentids == entry.sentences.map(\.sentid))
      #expect(entry.sentences.count == 5 && Set(entry.sentences.map(\.raw)).count == 5)
      for (i, sentence) in entry.sentences.enumerated() { lines.append("\(entry.filename)#\(i)\t\(sentence.raw)") }
      let image = try decodePicture(try #require(file.files["scenes/images/" + entry.filename]))
      #expect(image.width == 96 && image.height == 96)
    }
    #expect(file.tokenLines == lines)
  }

  @Test func sameSeedSameBytes() throws {
    let (a, b) = (try SceneFile(Self.settings), try SceneFile(Self.settings))
    #expect(a.files == b.files)
    var other = Self.settings
    other.seed = 4
    #expect(try SceneFile(other).files != a.files)
  }

  /// The full set that users get.
  @Test func everyCaptionDescribesOneSceneOfItsSplit() throws {
    let file = try SceneFile(SceneSettings())
    #expect(file.karpathy.images.count == 8_192 + 512 + 512)
    for split in ["val", "test"] {
      let scenes = file.details.images.filter { $0.split == split }
      #expect(scenes.count == 512)
      let byGround = Dictionary(grouping: scenes) { $0.ground["colour"] }
      for entry in file.karpathy.images where entry.split == split {
        for sentence in entry.sentences {
          let read = ReadCaption(sentence.raw)
          let fitting = byGround[read.ground, default: []].filter { read.fits($0) }
          #expect(fitting.map(\.filename) == [entry.filename], "\(sentence.raw)")
        }
      }
    }
    let facts = file.details.images.map { scene in
      scene.ground.sorted { $0.key < $1.key }.map(\.value).joined(separator: " ")
        + scene.objects.map { ";\($0.size) \($0.colour) \($0.shape) \($0.position)" }.sorted().joined()
    }
    #expect(Set(facts).count == facts.count, "a scene occurs twice")
    let words = Set(file.karpathy.images.flatMap { $0.sentences.flatMap(\.tokens) })
    #expect((45...100).contains(words.count))
  }

  /// Captions of the training split are true, too.
  @Test func captionsAreTrue() throws {
    let file = try SceneFile(SceneSettings(seed: 9, train: 300, validation: 0, test: 0))
    for (entry, scene) in zip(file.karpathy.images, file.details.images) {
      for sentence in entry.sentences { #expect(ReadCaption(sentence.raw).fits(scene), "\(sentence.raw)") }
    }
  }

  static let colours: [String: [Int]] = [
    "red": [215, 30, 35], "orange": [245, 135, 20], "yellow": [245, 215, 20], "green": [30, 150, 55],
    "blue": [30, 75, 210], "purple": [120, 40, 160], "pink": [250, 110, 180], "black": [20, 20, 20],
  ]

  /// What the boxes enclose has the colour that the words say, and nothing lies outside of the picture.
  @Test func boxesLieWhereTheObjectsAre() throws {
    let file = try SceneFile(SceneSettings(seed: 5, train: 100, validation: 0, test: 0, quality: 100))
    for scene in file.details.images {
      let image = try decodePicture(try #require(file.files["scenes/images/" + scene.filename]))
      for object in scene.objects {
        let box = object.box
        let words = [object.size, object.colour, object.shape].joined(separator: " ")
        #expect(scene.boxes.filter { $0.phrase == words }.contains { $0.box == box })
        #expect(box[0] >= 0 && box[1] >= 0 && box[0] + box[2] <= 96 && box[1] + box[3] <= 96)
        #expect((box[2] >= 34) == (object.size == "large") && (box[2] <= 26) == (object.size == "small"))
        let middle = object.shape == "ring" ? box[1] + max(2, box[3] * 13 / 100) : box[1] + box[3] / 2
        let pixel = image[box[0] + box[2] / 2, middle]
        let colour = try #require(Self.colours[object.colour])
        let distance =
          abs(Int(pixel.red) - colour[0]) + abs(Int(pixel.green) - colour[1]) + abs(Int(pixel.blue) - colour[2])
        #expect(distance < 60, "\(scene.filename): \(object) \(pixel)")
      }
    }
  }

  @Test func questionsAreAnswered() throws {
    let file = try SceneFile(SceneSettings(seed: 6, train: 200, validation: 0, test: 0))
    for scene in file.details.images {
      func only(_ matches: (SceneFile.Details.Entry.Object) -> Bool) -> SceneFile.Details.Entry.Object? {
        let found = scene.objects.filter(matches)
        return found.count == 1 ? found[0] : nil
      }
      #expect(Set(scene.questions.map(\.question)).count == scene.questions.count)
      for question in scene.questions {
        let words = question.question.dropLast().split(separator: " ").map { String($0) }
        let last = words[words.count - 1]
        let answer: String? =
          switch question.kind {
          case "count": String(scene.objects.count)
          case "ground": scene.ground["colour"]
          case "texture": scene.ground["texture"]
          case "colour": only { $0.shape == last }?.colour
          case "size": only { $0.shape == words[2] }?.size
          case "existence": scene.objects.contains { $0.shape == last } ? "yes" : "no"
          case "relation": try relation(only { $0.shape == words[2] }, words[3], only { $0.shape == last })
          default: only { $0.colour == last || $0.position.hasSuffix(words.suffix(2).joined(separator: " ")) }?.shape
          }
        #expect(answer == question.answer, "\(scene.filename): \(question)")
      }
    }
  }

  private func relation(
    _ a: SceneFile.Details.Entry.Object?, _ word: String, _ b: SceneFile.Details.Entry.Object?
  ) throws -> String {
    let (a, b) = (try #require(a), try #require(b))
    let holds = word == "left" ? a.box[0] + a.box[2] <= b.box[0] : a.box[1] + a.box[3] <= b.box[1]
    return holds ? "yes" : "no"
  }

  @Test func settingsOutOfRange() {
    let wrong = [
      SceneSettings(train: -1), SceneSettings(test: 5_000), SceneSettings(imageSize: 8), SceneSettings(quality: 0),
    ]
    for settings in wrong {
      #expect(throws: SceneError.self) { try writeScenes(to: "\(nowhere)/x.zip", settings: settings) }
    }
    #expect(throws: (any Error).self) {
      try writeScenes(to: "\(nowhere)/x.zip", settings: SceneSettings(train: 1, validation: 0, test: 0))
    }
  }
}
