internal import Collectives
internal import Models
internal import TensorEngine

/// Each caption with its image or, at even odds, another of the global batch.
struct Meetings {
  let asked: MatchingPairs
  let joint: JointStates
}

extension BatchStates {
  /// Pairs with random negatives, joined once however many objectives look at them; collective when they are asked for first.
  func meetings(_ model: any JointModel, seed: UInt64, _ tape: Tape) throws -> Meetings {
    if let meetings { return meetings }
    let asked = MatchingPairs(batch.layout, try identities(), seed: seed, epoch: batch.epoch)
    let made = Meetings(asked: asked, joint: try join(asked.pairs, model, tape))
    meetings = made
    return made
  }

  /// The joint states of pairs of the global batch, in which samples of any rank may have a part; collective.
  ///
  /// Only the segments that occur in this rank's pairs are joined: all local ones, in order, then the other ranks' that
  /// meet one of these.
  func join(_ pairs: [ImageTextPair], _ model: any JointModel, _ tape: Tape) throws -> JointStates {
    let layout = batch.layout
    let allImages = try gather(images, "image", tape)
    let allTexts = try gather(texts, "text", tape)
    let (imageSegments, imagePlaces) = compact(pairs.map(\.image), layout)
    let (textSegments, textPlaces) = compact(pairs.map(\.text), layout)
    return model.join(
      allImages.selecting(imageSegments, tape), allTexts.selecting(textSegments, tape),
      zip(imagePlaces, textPlaces).map { ImageTextPair(image: $0, text: $1) }, tape)
  }

  /// The segments that are used, and the place of each use among them.
  private func compact(_ used: [Int], _ layout: BatchLayout) -> (segments: [Int], places: [Int]) {
    let segments = Array(layout.local) + Set(used).filter { !layout.local.contains($0) }.sorted()
    var place = [Int](repeating: 0, count: layout.total)
    for (index, segment) in segments.enumerated() { place[segment] = index }
    return (segments, used.map { place[$0] })
  }

  /// The token states of all ranks. On one rank they are the local ones.
  private func gather(_ local: Encoding, _ name: String, _ tape: Tape) throws -> Encoding {
    guard communicator.size > 1 else { return local }
    let counts = batch.layout.counts
    let lengths = try gatherOverRanks(
      zip(local.offsets, local.offsets.dropFirst()).map { $1 - $0 }, communicator, "\(name) lengths")
    let pooled = try gatherOverRanks(local.relativePooledRows, communicator, "\(name) pooled tokens")
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let ends = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let rowCounts = counts.indices.map { offsets[ends[$0 + 1]] - offsets[ends[$0]] }
    return Encoding(
      states: try tape.gatherRanks(local.states, counts: rowCounts, communicator, "\(name) states"),
      offsets: offsets, relativePooledRows: pooled)
  }
}
