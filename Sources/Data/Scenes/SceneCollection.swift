internal import Randomness

/// A scene with its captions, as it goes into the archive.
struct DescribedScene: Sendable {
  var scene: Scene
  var captions: [SceneCaption]
  /// Draws the exact places and makes nothing else random.
  var placing: RandomStream
}

/// The scenes of all splits. No scene occurs twice, in whatever split. Within the validation and the test split every
/// caption fits one scene only.
struct SceneCollection: Sendable {
  private(set) var train: [DescribedScene] = []
  private(set) var validation: [DescribedScene] = []
  private(set) var test: [DescribedScene] = []
  private var seen = Set<Scene>()
  private let seed: UInt64

  /// The test split is made first: it does not depend on the size of the others.
  init(_ settings: SceneSettings) {
    seed = settings.seed
    test = make(settings.test, split: 2, distinct: true)
    validation = make(settings.validation, split: 1, distinct: true)
    train = make(settings.train, split: 0, distinct: false)
  }

  private mutating func make(_ count: Int, split: UInt64, distinct: Bool) -> [DescribedScene] {
    var made: [DescribedScene] = []
    made.reserveCapacity(count)
    var attempt: UInt64 = 0
    while made.count < count {
      var random = RandomStream(seed: seed, .scenes, split, attempt)
      var words = RandomStream(seed: seed, .sceneCaptions, split, attempt)
      attempt += 1
      let scene = randomScene(&random)
      guard !seen.contains(scene) else { continue }
      let captions = makeCaptions(for: scene, random: &words)
      if distinct, made.contains(where: { isConfusable(scene, captions, with: $0) }) { continue }
      seen.insert(scene)
      made.append(DescribedScene(scene: scene, captions: captions, placing: random))
    }
    return made
  }
}

/// Whether a caption of one of the two scenes fits the other as well.
private func isConfusable(_ scene: Scene, _ captions: [SceneCaption], with other: DescribedScene) -> Bool {
  captions.contains { $0.claim.holds(for: other.scene) } || other.captions.contains { $0.claim.holds(for: scene) }
}

/// One object in an eighth of the scenes, two in half of them, three in the rest; all else with equal chances.
private func randomScene(_ random: inout RandomStream) -> Scene {
  let count = [1, 2, 2, 2, 2, 3, 3, 3][random.integer(below: 8)]
  var cells = Cell.allCases
  random.shuffle(&cells)
  let ground = Ground(colour: random.element(GroundColour.self), texture: random.element(Texture.self))
  let objects = cells.prefix(count).sorted { $0.rawValue < $1.rawValue }.map { cell in
    SceneObject(
      shape: random.element(Shape.self), colour: random.element(ObjectColour.self), size: random.element(Size.self),
      cell: cell)
  }
  return Scene(ground: ground, objects: objects)
}

extension RandomStream {
  fileprivate mutating func element<Choice: CaseIterable>(_: Choice.Type) -> Choice
  where Choice.AllCases == [Choice] {
    Choice.allCases[integer(below: Choice.allCases.count)]
  }
}
