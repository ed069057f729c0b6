/// What a person who reads a caption learns from it: written from the captions alone, to check the claims that the writer
/// made beside them.
struct ReadCaption {
  struct Mention {
    var size: String?
    var colour: String
    var shape: String
    var position: String?
  }

  static let sizes = ["large": "large", "big": "large", "small": "small", "little": "small"]
  static let colours: Set = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "black"]
  static let shapes: Set = ["circle", "square", "triangle", "star", "cross", "ring"]
  static let grounds: Set = ["white", "grey", "azure", "mint", "cream", "lilac"]
  static let textures: Set = ["plain", "striped", "dotted", "checked"]

  var mentions: [Mention] = []
  /// How the first object lies to each later one.
  var relations: [(word: String, other: Int)] = []
  var ground: String?
  var texture: String?

  init(_ caption: String) {
    let words = caption.split { $0 == " " || $0 == "," }.map { String($0) }
    var size: String?
    for (i, word) in words.enumerated() {
      if Self.grounds.contains(word) { ground = word }
      if Self.textures.contains(word) { texture = word }
      if let said = Self.sizes[word] { size = said }
      if Self.shapes.contains(word) {
        mentions.append(Mention(size: size, colour: words[i - 1], shape: word))
        size = nil
      }
      if word == "top" || word == "bottom" { mentions[mentions.count - 1].position = word + " " + words[i + 1] }
      let isSide =
        (word == "left" || word == "right") && words.dropFirst(i + 1).first == "of" && words[i - 1] != "top"
        && words[i - 1] != "bottom"
      if isSide || word == "above" || word == "below" { relations.append((word, mentions.count)) }
    }
  }

  func fits(_ scene: SceneFile.Details.Entry) -> Bool {
    scene.ground["colour"] == ground && (texture ?? scene.ground["texture"]) == scene.ground["texture"]
      && assign(scene.objects, [])
  }

  private func assign(_ objects: [SceneFile.Details.Entry.Object], _ chosen: [Int]) -> Bool {
    if chosen.count == mentions.count {
      return relations.allSatisfy { holds($0.word, objects[chosen[0]], objects[chosen[$0.other]]) }
    }
    let mention = mentions[chosen.count]
    return objects.indices.contains { i in
      let object = objects[i]
      return !chosen.contains(i) && object.shape == mention.shape && object.colour == mention.colour
        && (mention.size ?? object.size) == object.size && (mention.position ?? object.position) == object.position
        && assign(objects, chosen + [i])
    }
  }

  /// By the boxes, not by the words for places.
  private func holds(
    _ word: String, _ a: SceneFile.Details.Entry.Object, _ b: SceneFile.Details.Entry.Object
  ) -> Bool {
    switch word {
    case "left": a.box[0] + a.box[2] <= b.box[0]
    case "right": b.box[0] + b.box[2] <= a.box[0]
    case "above": a.box[1] + a.box[3] <= b.box[1]
    default: b.box[1] + b.box[3] <= a.box[1]
    }
  }
}
