internal import Randomness

/// A caption and what it says.
struct SceneCaption: Sendable {
  var text: String
  var claim: Claim
}

/// The five captions of a scene. All name every object by colour and shape and the ground by its colour; beyond that each
/// tells something else (sizes, places, relations, texture) in other words and another order.
func makeCaptions(for scene: Scene, random: inout RandomStream) -> [SceneCaption] {
  var makers = [sizesOnGround, placesInPicture, relationsOnGround, groundFirst, tags]
  random.shuffle(&makers)
  return makers.map { $0(scene, &random) }
}

/// "a large red circle and a small blue star on a striped cream ground"
private func sizesOnGround(_ scene: Scene, _ random: inout RandomStream) -> SceneCaption {
  let teller = SceneTeller(scene, telling: [.size, .texture], &random)
  let ground = "a \(teller.ground) \(random.pick("ground", "background"))"
  return teller.caption("\(teller.list()) on \(ground)")
}

/// "a red circle at the top left and a blue star at the bottom right of a cream picture"
private func placesInPicture(_ scene: Scene, _ random: inout RandomStream) -> SceneCaption {
  let teller = SceneTeller(scene, telling: [.cell], &random)
  return teller.caption("\(teller.list()) of a \(teller.ground) \(random.pick("picture", "scene"))")
}

/// "on cream ground a red circle is left of a blue star and above a green ring"
private func relationsOnGround(_ scene: Scene, _ random: inout RandomStream) -> SceneCaption {
  var teller = SceneTeller(scene, telling: [], &random)
  guard scene.objects.count > 1 else {
    return teller.caption("on \(teller.ground) ground there is only \(teller.phrases[0])")
  }
  var parts: [String] = []
  for other in 1..<scene.objects.count {
    var relations = Relation.allCases.filter { $0.holds(teller.objects[0].cell, teller.objects[other].cell) }
    random.shuffle(&relations)
    teller.claim.relations.append((other, relations[0]))
    parts.append("\(relations[0].words) \(teller.phrases[other])")
  }
  return teller.caption("on \(teller.ground) ground \(teller.phrases[0]) is \(parts.joined(separator: " and "))")
}

/// "the striped cream background shows a small blue star and a large red circle"
private func groundFirst(_ scene: Scene, _ random: inout RandomStream) -> SceneCaption {
  let teller = SceneTeller(scene, telling: [.size, .texture], &random)
  let ground = "the \(teller.ground) \(random.pick("background", "ground"))"
  return teller.caption("\(ground) \(random.pick("shows", "holds")) \(teller.list())")
}

/// "cream picture with a blue star at the bottom right, a red circle at the top left"
private func tags(_ scene: Scene, _ random: inout RandomStream) -> SceneCaption {
  let teller = SceneTeller(scene, telling: [.cell, .texture], &random)
  return teller.caption("\(teller.ground) \(random.pick("picture", "scene")) with \(teller.list())")
}

/// The pieces of a sentence about one scene, and the claim that they make together.
private struct SceneTeller {
  enum Fact { case size, cell, texture }

  /// In the order in which they are mentioned.
  let objects: [SceneObject]
  let phrases: [String]
  let ground: String
  var claim: Claim

  /// A lonely object is told with all its facts: few words would fit several scenes.
  init(_ scene: Scene, telling facts: Set<Fact>, _ random: inout RandomStream) {
    let facts = scene.objects.count == 1 ? [.size, .cell, .texture] : facts
    var order = scene.objects
    random.shuffle(&order)
    objects = order
    var phrases: [String] = []
    for object in order {
      let size = facts.contains(.size) ? sizeWord(object.size, &random) + " " : ""
      let article = size.isEmpty && object.colour == .orange ? "an" : "a"
      let cell = facts.contains(.cell) ? " at the \(object.cell.words)" : ""
      phrases.append("\(article) \(size)\(object.colour.rawValue) \(object.shape.rawValue)\(cell)")
    }
    self.phrases = phrases
    let texture = facts.contains(.texture) ? scene.ground.texture : nil
    ground = (texture.map { $0.rawValue + " " } ?? "") + scene.ground.colour.rawValue
    claim = Claim(
      mentions: order.map {
        Claim.Mention(
          shape: $0.shape, colour: $0.colour, size: facts.contains(.size) ? $0.size : nil,
          cell: facts.contains(.cell) ? $0.cell : nil)
      },
      groundColour: scene.ground.colour, texture: texture)
  }

  /// "A", "A and B", "A, B and C".
  func list() -> String {
    guard phrases.count > 1 else { return phrases[0] }
    return phrases.dropLast().joined(separator: ", ") + " and " + phrases[phrases.count - 1]
  }

  func caption(_ text: String) -> SceneCaption { SceneCaption(text: text, claim: claim) }
}

private func sizeWord(_ size: Size, _ random: inout RandomStream) -> String {
  switch size {
  case .large: random.pick("large", "big")
  case .small: random.pick("small", "little")
  }
}

extension RandomStream {
  fileprivate mutating func pick(_ a: String, _ b: String) -> String { integer(below: 2) == 0 ? a : b }
}
