internal import Archives
internal import FoundationEssentials
internal import Images

/// Writes the built-in data set as a Flickr30k-style zip, which then goes the way of any photo archive:
///
///     scenes/images/000000.jpg …        pictures
///     scenes/results_20130124.token     five captions a picture
///     scenes/dataset_scenes.json        captions and splits in Karpathy's form
///     scenes/scenes.json                objects, boxes, ground and questions of each picture
///
/// The same settings give the same bytes (with the same libjpeg).
/// - Parameter progress: called with the pictures drawn and their number.
/// - Throws: `SceneError` for settings out of range, `ArchiveError` or `FileError` where the zip cannot be written.
public func writeScenes(
  to zipPath: String, settings: SceneSettings = SceneSettings(), progress: (Int, Int) -> Void = { _, _ in }
) throws {
  try settings.check()
  let collection = SceneCollection(settings)
  let splits = [("train", collection.train), ("val", collection.validation), ("test", collection.test)]
  let count = splits.reduce(0) { $0 + $1.1.count }
  let zip = try ZipWriter(path: zipPath)
  var contents = SceneContents()
  for (split, scenes) in splits {
    for scene in scenes {
      let jpeg = try contents.add(scene, split: split, settings: settings)
      try zip.add(name: "scenes/images/\(jpeg.name)", bytes: jpeg.bytes, store: true)
      progress(contents.count, count)
    }
  }
  try zip.add(name: "scenes/results_20130124.token", bytes: Array(contents.tokenLines.utf8), store: true)
  try zip.add(name: "scenes/dataset_scenes.json", bytes: try contents.karpathy(), store: true)
  try zip.add(name: "scenes/scenes.json", bytes: try contents.details(), store: true)
  try zip.finish()
}

/// The archive's text files while they grow.
private struct SceneContents {
  var tokenLines = ""
  private var captioned: [CaptionedImage] = []
  private var detailed: [DetailedImage] = []

  var count: Int { detailed.count }

  /// Draws a scene and notes what is said of it.
  mutating func add(
    _ described: DescribedScene, split: String, settings: SceneSettings
  ) throws -> (name: String, bytes: [UInt8]) {
    let digits = String(count)
    let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".jpg"
    let scene = described.scene
    var random = described.placing
    let placed = place(scene, imageSize: settings.imageSize, random: &random)
    let picture = draw(scene.ground, placed, imageSize: settings.imageSize)
    for (number, caption) in described.captions.enumerated() { tokenLines += "\(name)#\(number)\t\(caption.text)\n" }
    captioned.append(CaptionedImage(name: name, number: count, split: split, captions: described.captions))
    detailed.append(DetailedImage(name: name, split: split, scene: scene, placed: placed))
    return (name, try encodeJPEG(picture, quality: settings.quality))
  }

  func karpathy() throws -> [UInt8] {
    struct File: Encodable {
      var dataset = "scenes"
      var images: [CaptionedImage]
    }
    return try encode(File(images: captioned))
  }

  func details() throws -> [UInt8] {
    struct File: Encodable {
      var images: [DetailedImage]
    }
    return try encode(File(images: detailed))
  }

  private func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}

/// An entry of Karpathy's JSON.
private struct CaptionedImage: Encodable {
  struct Sentence: Encodable {
    var tokens: [String]
    var raw: String
    var imgid: Int
    var sentid: Int
  }

  var filename: String
  var imgid: Int
  var sentids: [Int]
  var split: String
  var sentences: [Sentence]

  init(name: String, number: Int, split: String, captions: [SceneCaption]) {
    filename = name
    imgid = number
    sentids = captions.indices.map { number * captions.count + $0 }
    self.split = split
    sentences = zip(captions, sentids).map { caption, id in
      let words = caption.text.split { $0 == " " || $0 == "," }.map { String($0) }
      return Sentence(tokens: words, raw: caption.text, imgid: number, sentid: id)
    }
  }
}

/// An entry of `scenes.json`.
private struct DetailedImage: Encodable {
  struct Object: Encodable {
    var shape: String
    var colour: String
    var size: String
    var position: String
  }

  /// An object in words, and where it is.
  struct Box: Encodable {
    var phrase: String
    /// x, y, width, height in pixels.
    var box: [Int]
  }

  var filename: String
  var split: String
  var ground: [String: String]
  var objects: [Object]
  /// In the order of the objects.
  var boxes: [Box]
  var questions: [SceneQuestion]

  init(name: String, split: String, scene: Scene, placed: [PlacedObject]) {
    filename = name
    self.split = split
    ground = ["colour": scene.ground.colour.rawValue, "texture": scene.ground.texture.rawValue]
    objects = placed.map {
      Object(
        shape: $0.object.shape.rawValue, colour: $0.object.colour.rawValue, size: $0.object.size.rawValue,
        position: $0.object.cell.words)
    }
    boxes = placed.map {
      let object = $0.object
      return Box(phrase: "\(object.size.rawValue) \(object.colour.rawValue) \(object.shape.rawValue)", box: $0.box)
    }
    questions = makeQuestions(for: scene)
  }
}
