package import Layers
package import TensorEngine

/// How vectors of modalities become one that were made apart.
public enum VectorFusionKind: String, Codable, CaseIterable, Sendable {
  /// Side by side, and a linear map of that: W [x₁, …, x_M] + b.
  case concatenation
  /// A gated multimodal unit (Arevalo et al., 2017).
  case gated
  /// A mean whose weights a query decides.
  case attention
  /// Σ x_m
  case sum
}

/// Vectors of any number of modalities, all as wide, as one of that width.
package enum VectorFusion {
  case concatenation(Linear)
  case gated(GatedMultimodalUnit)
  case attention(VectorAttention)
  case sum

  package init(_ kind: VectorFusionKind, modalities: Int, width: Int, _ builder: ParameterBuilder) {
    switch kind {
    case .concatenation:
      let inputs = modalities * width
      self = .concatenation(
        Linear(
          builder, "dense", inputs: inputs, outputs: width, keepsFloat32: true,
          standardDeviation: 1 / Float(inputs).squareRoot()))
    case .gated: self = .gated(GatedMultimodalUnit(modalities: modalities, width: width, builder))
    case .attention: self = .attention(VectorAttention(width: width, builder))
    case .sum: self = .sum
    }
  }

  /// Whether it adds up what it makes of each vector by itself.
  var adds: Bool {
    switch self {
    case .concatenation, .sum: true
    case .gated, .attention: false
    }
  }

  /// x_1 … x_M, each [N, W] → [N, W]
  package func callAsFunction(_ vectors: [Tensor], _ tape: Tape) -> Tensor {
    switch self {
    case .concatenation(let dense): dense(tape.sideBySide(vectors), tape)
    case .gated(let unit): unit(vectors, tape)
    case .attention(let attention): attention(vectors, tape)
    case .sum: tape.sum(vectors)
    }
  }
}

/// h_m = tanh(W_m x_m), and how much of each counts is decided number by number from all of them: z∘h₁ + (1 − z)∘h₂ with
/// z = σ(W_z [x₁, x₂]); of more than two, Σ z_m∘h_m with a z for each (Arevalo et al., "Gated Multimodal Units for Information
/// Fusion", 2017, §3.1). No biases, as there.
package struct GatedMultimodalUnit {
  let candidates: [Linear]
  /// One for two modalities, one each for more.
  let gates: [Linear]

  init(modalities: Int, width: Int, _ builder: ParameterBuilder) {
    let layer = { (name: String, inputs: Int, activation: Activation) in
      Linear(
        builder, name, inputs: inputs, outputs: width, hasBias: false, activation: activation,
        standardDeviation: 1 / Float(inputs).squareRoot())
    }
    candidates = (0..<modalities).map { layer("candidates.\($0)", width, .tanh) }
    gates = (0..<(modalities == 2 ? 1 : modalities)).map { layer("gates.\($0)", modalities * width, .sigmoid) }
  }

  func callAsFunction(_ vectors: [Tensor], _ tape: Tape) -> Tensor {
    let all = tape.sideBySide(vectors)
    let hidden = zip(candidates, vectors).map { $0($1, tape) }
    let open = gates.map { $0(all, tape) }
    guard hidden.count == 2 else { return tape.sum(zip(open, hidden).map { tape.multiply($0, $1) }) }
    // h₂ + z∘(h₁ − h₂)
    let apart = tape.add(hidden[0], tape.scale(hidden[1], by: -1))
    return tape.add(hidden[1], tape.multiply(open[0], apart))
  }
}

/// Σ_m a_m x_m with a = softmax over the modalities of qᵀ tanh(V x_m + b) / √W: a learned query decides what each counts, pair by
/// pair (Bahdanau et al., 2015, eq. 6; over modalities in Hori et al., "Attention-Based Multimodal Fusion for Video Description",
/// 2017, §4). V and q are the same for all of them.
package struct VectorAttention {
  let keys: Linear
  /// [1, W]
  let query: Parameter

  init(width: Int, _ builder: ParameterBuilder) {
    keys = Linear(
      builder, "keys", inputs: width, outputs: width, activation: .tanh,
      standardDeviation: 1 / Float(width).squareRoot())
    query = builder.parameter("query", [1, width], .normal(standardDeviation: 1))
  }

  func callAsFunction(_ vectors: [Tensor], _ tape: Tape) -> Tensor {
    let (modalities, count) = (vectors.count, vectors[0].rows)
    // Those of one pair stand together.
    let order = (0..<count).flatMap { pair in (0..<modalities).map { $0 * count + pair } }
    let rows = tape.gatherRows(tape.concatenateRows(vectors), order)
    return tape.attention(
      query: tape.gatherRows(query.tensor, [Int](repeating: 0, count: count)),
      keyValue: tape.concatenateColumns(keys(rows, tape), rows), heads: 1,
      segments: AttentionSegments(
        queryOffsets: Array(0...count), keyOffsets: (0...count).map { $0 * modalities },
        queryTokens: TokenStreams(TokenStream("vector")), keyTokens: TokenStreams(TokenStream("vectors"))))
  }
}

extension Tape {
  /// Columns of the first, then of the second, and so on.
  fileprivate func sideBySide(_ parts: [Tensor]) -> Tensor {
    parts.dropFirst().reduce(parts[0]) { concatenateColumns($0, $1) }
  }
}

extension OperationCount {
  /// Vectors of so many modalities as one.
  mutating func vectors(_ kind: VectorFusionKind, of modalities: Int, pairs: Int, width: Int) {
    switch kind {
    case .concatenation: product(pairs, modalities * width, width)
    case .gated:
      for _ in 0..<modalities { product(pairs, width, width) }
      for _ in 0..<(modalities == 2 ? 1 : modalities) { product(pairs, modalities * width, width) }
    case .attention: product(modalities * pairs, width, width)
    case .sum: break
    }
  }
}
