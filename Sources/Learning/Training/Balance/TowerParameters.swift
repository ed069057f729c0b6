internal import Layers
internal import Models
internal import Objectives
internal import TensorEngine

/// Where the parameters of each modality's tower lie: those that what stands for it alone hangs on, and that no other modality shares.
struct TowerParameters {
  /// Of each modality, in floats of the arena, ascending; none where its tower is locked.
  let ranges: [[Range<Int>]]
  /// Of the heads of single modalities.
  let heads: [Range<Int>]
  private let towerOfName: [String: Int]

  /// Finds out by a backward pass of a blank sample: no model says it of itself. Gradients are of no use afterwards.
  init(_ reader: PooledReader, _ model: any Model, _ arena: ParameterArena, _ engine: Engine) throws {
    var reached: [[Bool]] = []
    for modality in reader.modalities {
      let tape = Tape(engine)
      arena.markGradientsStale()
      if let found = reader.vectors(apart: modality, model, model.blankInputs(of: modality, engine, tape), tape) {
        try tape.backward(from: [(found.vectors, engine.zeros(found.vectors.shape))])
      }
      reached.append(arena.parameters.map { $0.tensor.requiresGradient && !$0.tensor.gradientIsStale })
    }
    arena.markGradientsStale()
    arena.clearUnreachedGradients()
    var towers: [String: Int] = [:]
    ranges = reached.indices.map { tower in
      let own = arena.parameters.indices.filter { place in
        reached[tower][place] && reached.count(where: { $0[place] }) == 1
      }
      for place in own { for slice in arena.parameters[place].slices { towers[slice.name] = tower } }
      return Self.joined(own.map { arena.range(of: arena.parameters[$0]) })
    }
    towerOfName = towers
    let prefix = taskHeadPrefix + "." + ApartHeads.prefix + "."
    heads = Self.joined(
      arena.parameters.filter { $0.tensor.requiresGradient && $0.slices[0].name.hasPrefix(prefix) }.map(arena.range))
  }

  /// The place of the modality whose tower a parameter is of; nil for one of none.
  func tower(of name: String) -> Int? { towerOfName[name] }

  /// Neighbours become one.
  private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
    ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, next in
      if let last = joined.last, last.upperBound == next.lowerBound {
        joined[joined.count - 1] = last.lowerBound..<next.upperBound
      } else {
        joined.append(next)
      }
    }
  }
}

extension ParameterArena {
  /// Where a parameter that is learnt lies.
  fileprivate func range(of parameter: Parameter) -> Range<Int> {
    let start = parameter.slices[0].offset
    return start..<start + parameter.count
  }
}

extension Model {
  /// A sample that has one modality, of which nothing is to be seen.
  fileprivate func blankInputs(of modality: Modality, _ engine: Engine, _ tape: Tape) -> ModalityInputs {
    let shape = description.inputs
    if modality == .text {
      let text = (self as? any TextModel)?.textEncoder(PackedText([[shape.text.endToken ?? 0]]), .all, tape)
      return ModalityInputs(
        ModalityEncodings(texts: text), [PooledReader.Sample(image: nil, text: 0)], of: description)
    }
    if modality != shape.images.modality, let clips = shape.clips, let model = self as? any ClipModel {
      let clip = model.clipEncoder(engine.blankImages(1, of: .clips(clips)), .all, tape)
      return ModalityInputs(
        ModalityEncodings(clips: clip), [PooledReader.Sample(image: nil, text: nil, clip: 0)], of: description)
    }
    let image = (self as? any ImageModel)?.imageEncoder(engine.blankImages(1, of: shape.images), .all, tape)
    return ModalityInputs(
      ModalityEncodings(images: image), [PooledReader.Sample(image: 0, text: nil)], of: description)
  }
}
