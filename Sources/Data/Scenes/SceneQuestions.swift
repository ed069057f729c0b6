/// A question about a scene and its one-word answer; `kind` groups questions for tables.
struct SceneQuestion: Codable, Equatable, Sendable {
  var kind: String
  var question: String
  var answer: String
}

/// Questions that have exactly one right answer: an object is asked about only by what no other object shares.
func makeQuestions(for scene: Scene) -> [SceneQuestion] {
  let ground = scene.ground
  var questions = [
    SceneQuestion(kind: "count", question: "how many objects are there?", answer: String(scene.objects.count)),
    SceneQuestion(kind: "ground", question: "what colour is the ground?", answer: ground.colour.rawValue),
    SceneQuestion(kind: "texture", question: "what texture does the ground have?", answer: ground.texture.rawValue),
  ]
  for object in scene.objects {
    questions.append(
      SceneQuestion(
        kind: "shape", question: "which shape is at the \(object.cell.words)?", answer: object.shape.rawValue))
    if scene.objects.filter({ $0.shape == object.shape }).count == 1 {
      questions += questionsByShape(object)
    }
    if scene.objects.filter({ $0.colour == object.colour }).count == 1 {
      questions.append(
        SceneQuestion(
          kind: "shape", question: "which shape is \(object.colour.rawValue)?", answer: object.shape.rawValue))
    }
  }
  return questions + existence(scene) + comparisons(scene)
}

private func questionsByShape(_ object: SceneObject) -> [SceneQuestion] {
  let name = object.shape.rawValue
  return [
    SceneQuestion(kind: "colour", question: "what colour is the \(name)?", answer: object.colour.rawValue),
    SceneQuestion(kind: "size", question: "is the \(name) large or small?", answer: object.size.rawValue),
  ]
}

/// One shape that is there, one that is not, found by walking on from the first object's shape.
private func existence(_ scene: Scene) -> [SceneQuestion] {
  let shapes = Shape.allCases
  guard let first = scene.objects.first, let start = shapes.firstIndex(of: first.shape) else { return [] }
  let absent = (1..<shapes.count).map { shapes[(start + $0) % shapes.count] }
    .first { shape in !scene.objects.contains { $0.shape == shape } }
  let names = [(first.shape, "yes")] + (absent.map { [($0, "no")] } ?? [])
  return names.map { SceneQuestion(kind: "existence", question: "is there a \($0.0.rawValue)?", answer: $0.1) }
}

/// For the first two objects, where their shapes tell them apart: is one left of, or above, the other?
private func comparisons(_ scene: Scene) -> [SceneQuestion] {
  guard scene.objects.count > 1 else { return [] }
  let (a, b) = (scene.objects[0], scene.objects[1])
  guard [a.shape, b.shape].allSatisfy({ shape in scene.objects.filter { $0.shape == shape }.count == 1 }) else {
    return []
  }
  return [Relation.left, .above].map { relation in
    SceneQuestion(
      kind: "relation", question: "is the \(a.shape.rawValue) \(relation.words) the \(b.shape.rawValue)?",
      answer: relation.holds(a.cell, b.cell) ? "yes" : "no")
  }
}
