internal import TensorEngine

/// Lets the tokens of texts and images meet, which are as wide as its layers, and makes a vector of each pair.
protocol TokenJoin {
  /// Whether layers see one modality alone before any lets both meet.
  var hasLayersApart: Bool { get }
  /// What the layers make of texts, and of images, that see these alone: once for each, however many pairs they are in.
  func apart(texts: Encoding, _ tape: Tape) -> Encoding
  func apart(images: Encoding, _ tape: Tape) -> Encoding
  /// Of what was made of each apart the states behind the last layer's norm, and a vector a pair.
  func meet(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates
}

extension TokenJoin {
  var hasLayersApart: Bool { false }
  func apart(texts: Encoding, _ tape: Tape) -> Encoding { texts }
  func apart(images: Encoding, _ tape: Tape) -> Encoding { images }

  func callAsFunction(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let texts = apart(texts: texts, tape)
    return meet(apart(images: images, tape), texts, pairs, tape)
  }
}

extension JointStates {
  /// What stands for each pair's text, and for its image [pairs, W].
  func pooledTexts(_ tape: Tape) -> Tensor { tape.pool(texts.states, textOfPair.map { texts.pooledRows[$0] }) }
  func pooledImages(_ tape: Tape) -> Tensor { tape.pool(images.states, imageOfPair.map { images.pooledRows[$0] }) }

  /// The same with the mean over the modalities of what stands for each as the pairs' vectors.
  func withMeanVectors(_ tape: Tape) -> JointStates {
    JointStates(
      images: images, texts: texts, imageOfPair: imageOfPair, textOfPair: textOfPair,
      vectors: tape.mean([pooledTexts(tape), pooledImages(tape)]))
  }

  /// Of a join that makes them.
  var madeVectors: Tensor {
    guard let vectors else { preconditionFailure("a join without vectors is asked for them") }
    return vectors
  }
}

extension Encoding {
  /// The same segments with what layers have made of their states.
  func with(_ states: Tensor) -> Encoding { Encoding(states: states, offsets: offsets, pooledRows: pooledRows) }

  /// With a row of a table added to each state: what says of which modality it is.
  func adding(_ row: Int, of table: Tensor, _ tape: Tape) -> Encoding {
    with(tape.add(states, tape.gatherRows(table, [Int](repeating: row, count: states.rows))))
  }
}

extension Tape {
  /// The sum of tensors of one shape.
  func sum(_ parts: [Tensor]) -> Tensor { parts.dropFirst().reduce(parts[0]) { add($0, $1) } }

  func mean(_ parts: [Tensor]) -> Tensor { scale(sum(parts), by: 1 / Float(parts.count)) }
}
