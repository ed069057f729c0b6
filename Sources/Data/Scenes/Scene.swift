/// What a scene holds, as far as words can tell it. Two scenes with equal values are the same scene, whatever the last
/// pixel looks like.
struct Scene: Hashable, Sendable {
  var ground: Ground
  /// One to three, no two in the same cell, in the order of their cells.
  var objects: [SceneObject]
}

struct Ground: Hashable, Sendable {
  var colour: GroundColour
  var texture: Texture
}

struct SceneObject: Hashable, Sendable {
  var shape: Shape
  var colour: ObjectColour
  var size: Size
  var cell: Cell
}

enum Shape: String, CaseIterable, Sendable {
  case circle, square, triangle, star, cross, ring
}

/// Full colours, for objects only: no word serves for an object and for the ground.
enum ObjectColour: String, CaseIterable, Sendable {
  case red, orange, yellow, green, blue, purple, pink, black
}

enum Size: String, CaseIterable, Sendable {
  case large, small
}

/// Light colours, for the ground only.
enum GroundColour: String, CaseIterable, Sendable {
  case white, grey, azure, mint, cream, lilac
}

enum Texture: String, CaseIterable, Sendable {
  case plain, striped, dotted, checked
}

/// The quarters of a picture; each holds one object or none.
enum Cell: Int, CaseIterable, Sendable {
  case topLeft, topRight, bottomLeft, bottomRight

  var column: Int { rawValue % 2 }
  var row: Int { rawValue / 2 }

  var words: String {
    switch self {
    case .topLeft: "top left"
    case .topRight: "top right"
    case .bottomLeft: "bottom left"
    case .bottomRight: "bottom right"
    }
  }
}

/// How one object lies to another, seen by the viewer.
enum Relation: String, CaseIterable, Sendable {
  case left, right, above, below

  func holds(_ a: Cell, _ b: Cell) -> Bool {
    switch self {
    case .left: a.column < b.column
    case .right: a.column > b.column
    case .above: a.row < b.row
    case .below: a.row > b.row
    }
  }

  var words: String {
    switch self {
    case .left: "left of"
    case .right: "right of"
    case .above: "above"
    case .below: "below"
    }
  }
}
