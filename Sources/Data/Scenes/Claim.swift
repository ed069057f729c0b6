/// What a caption says about a scene, in a form that can be held against any scene.
struct Claim: Sendable {
  /// What is said of each object that is mentioned.
  struct Mention: Sendable {
    var shape: Shape
    var colour: ObjectColour
    var size: Size?
    var cell: Cell?

    func holds(_ object: SceneObject) -> Bool {
      object.shape == shape && object.colour == colour && (size ?? object.size) == object.size
        && (cell ?? object.cell) == object.cell
    }
  }

  var mentions: [Mention]
  /// How the first object mentioned lies to the others: (number of the other, relation).
  var relations: [(other: Int, relation: Relation)] = []
  var groundColour: GroundColour
  var texture: Texture?

  /// Whether a viewer of `scene` would agree: every mention fits an object of its own, and so do the relations. Objects
  /// that are not mentioned may be there.
  func holds(for scene: Scene) -> Bool {
    guard scene.ground.colour == groundColour, (texture ?? scene.ground.texture) == scene.ground.texture,
      mentions.count <= scene.objects.count
    else { return false }
    return fits(scene.objects, chosen: [])
  }

  private func fits(_ objects: [SceneObject], chosen: [Int]) -> Bool {
    if chosen.count == mentions.count {
      return relations.allSatisfy { $0.relation.holds(objects[chosen[0]].cell, objects[chosen[$0.other]].cell) }
    }
    return objects.indices.contains {
      !chosen.contains($0) && mentions[chosen.count].holds(objects[$0]) && fits(objects, chosen: chosen + [$0])
    }
  }
}
