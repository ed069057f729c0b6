internal import CKernels

/// How packed rows fall into segments (captions, images), and which keys each query segment reads.
///
/// Segment s holds the rows offsets[s] ..< offsets[s + 1]. Nothing is padded.
public struct AttentionSegments: Sendable {
  public let queryOffsets: [Int]
  public let keyOffsets: [Int]
  /// For each query segment the key segment that it reads; several may read the same one.
  public let keySegments: [Int]
  /// Whether row i of a segment sees only the keys 0 ... i of its segment.
  public let isCausal: Bool

  /// Each segment attends to itself.
  public init(offsets: [Int], isCausal: Bool = false) {
    self.init(queryOffsets: offsets, keyOffsets: offsets, isCausal: isCausal)
  }

  /// Query segment s reads key segment s, or `keySegments[s]`.
  public init(queryOffsets: [Int], keyOffsets: [Int], keySegments: [Int]? = nil, isCausal: Bool = false) {
    self.queryOffsets = queryOffsets
    self.keyOffsets = keyOffsets
    self.keySegments = keySegments ?? Array(0..<max(queryOffsets.count - 1, 0))
    self.isCausal = isCausal
    precondition(
      self.keySegments.count == queryOffsets.count - 1 && self.keySegments.allSatisfy { $0 + 1 < keyOffsets.count },
      "attention: \(queryOffsets.count - 1) query segments read key segments \(self.keySegments)")
  }

  var count: Int { keySegments.count }
  func queries(_ segment: Int) -> Range<Int> { queryOffsets[segment]..<queryOffsets[segment + 1] }
  func keys(_ segment: Int) -> Range<Int> {
    keyOffsets[keySegments[segment]]..<keyOffsets[keySegments[segment] + 1]
  }
  /// Whether every key row is read by exactly one query segment, so that segments may run side by side.
  var isOneToOne: Bool { keySegments == Array(0..<(keyOffsets.count - 1)) }
  /// The largest product of queries and keys.
  var largestScores: Int {
    (0..<count).map { queries($0).count * roundedUp(keys($0).count) }.max() ?? 0
  }
}

/// Score rows begin at multiples of 16 floats.
private func roundedUp(_ columns: Int) -> Int { (columns + 15) & ~15 }

extension Tape {
  /// Self-attention: `queryKeyValue` [T, 3W] holds queries, keys and values side by side; the result is [T, W].
  public func attention(queryKeyValue: Tensor, heads: Int, segments: AttentionSegments) -> Tensor {
    attention(
      AttentionOperation.Inputs(
        query: queryKeyValue, keyValue: queryKeyValue, width: queryKeyValue.columns / 3, heads: heads),
      segments)
  }

  /// Cross-attention: `query` [Tq, W], `keyValue` [Tk, 2W] holds keys and values side by side; the result is [Tq, W].
  public func attention(query: Tensor, keyValue: Tensor, heads: Int, segments: AttentionSegments) -> Tensor {
    precondition(keyValue.columns == 2 * query.columns, "attention: query \(query.shape), keyValue \(keyValue.shape)")
    return attention(
      AttentionOperation.Inputs(query: query, keyValue: keyValue, width: query.columns, heads: heads), segments)
  }

  private func attention(_ inputs: AttentionOperation.Inputs, _ segments: AttentionSegments) -> Tensor {
    precondition(inputs.width % inputs.heads == 0, "attention: width \(inputs.width) over \(inputs.heads) heads")
    precondition(
      segments.queryOffsets.last ?? 0 == inputs.query.rows && segments.keyOffsets.last ?? 0 == inputs.keyValue.rows,
      "attention: segments end at \(segments.queryOffsets.last ?? 0) and \(segments.keyOffsets.last ?? 0), "
        + "the rows at \(inputs.query.rows) and \(inputs.keyValue.rows)")
    let tracked = tracks(inputs.query, inputs.keyValue)
    let y = engine.tensor([inputs.query.rows, inputs.width], requiresGradient: tracked)
    let operation = AttentionOperation(
      inputs: inputs, segments: segments, y: y, logsumexp: engine.tensor([inputs.heads, inputs.query.rows]))
    operation.forward(engine)
    if tracked { record(operation) }
    return y
  }
}

/// softmax(Q Kᵀ / sqrt(d)) V a head and segment (Vaswani et al., 2017, eq. 1). Only the rows' log-sum-exp is saved: the
/// backward pass computes the probabilities again (Dao et al., 2022).
private struct AttentionOperation: DifferentiableOperation {
  struct Inputs {
    let query: Tensor, keyValue: Tensor
    let width: Int, heads: Int

    var headWidth: Int { width / heads }
    var scale: Float { 1 / Float(headWidth).squareRoot() }
    /// Column at which keys begin in keyValue.
    var keyColumn: Int { keyValue.columns - 2 * width }
    var valueColumn: Int { keyValue.columns - width }
  }

  let inputs: Inputs
  let segments: AttentionSegments
  /// [Tq, W]
  let y: Tensor
  /// [heads, Tq]
  let logsumexp: Tensor

  /// One head of one segment.
  private struct Part {
    let head: Int
    let queries: Range<Int>, keys: Range<Int>
    var rows: Int { queries.count }
    var columns: Int { keys.count }
    /// Row stride of its score matrix.
    var stride: Int { roundedUp(columns) }
  }

  private func part(_ segment: Int, _ head: Int) -> Part {
    Part(head: head, queries: segments.queries(segment), keys: segments.keys(segment))
  }

  private func element(_ base: UnsafeMutablePointer<Float>, row: Int, stride: Int, column: Int, _ part: Part)
    -> UnsafeMutablePointer<Float>
  {
    base + row * stride + column + part.head * inputs.headWidth
  }

  // MARK: Forward

  func forward(_ engine: Engine) {
    let scratch = engine.tensor([engine.threads.threadCount, segments.largestScores])
    engine.threads.run(segments.count * inputs.heads) { worker, index in
      forward(part(index / inputs.heads, index % inputs.heads), scratch.floats + worker * scratch.columns, engine)
    }
  }

  private func forward(_ part: Part, _ scores: UnsafeMutablePointer<Float>, _ engine: Engine) {
    scoresOf(part, into: scores)
    engine.kernels.attention_softmax(
      part.rows, part.columns, part.stride, inputs.scale, segments.isCausal ? 1 : 0, scores,
      logsumexp.floats + part.head * y.rows + part.queries.lowerBound)
    multiply(
      .init(scores, stride: part.stride), .init(value(part), stride: inputs.keyValue.columns),
      into: element(y.floats, row: part.queries.lowerBound, stride: inputs.width, column: 0, part),
      stride: inputs.width, rows: part.rows, columns: inputs.headWidth, depth: part.columns)
  }

  private func scoresOf(_ part: Part, into scores: UnsafeMutablePointer<Float>) {
    multiply(
      .init(query(part), stride: inputs.query.columns),
      .init(key(part), stride: inputs.keyValue.columns, transposed: true), into: scores, stride: part.stride,
      rows: part.rows, columns: part.columns, depth: inputs.headWidth)
  }

  private func query(_ part: Part) -> UnsafeMutablePointer<Float> {
    element(inputs.query.floats, row: part.queries.lowerBound, stride: inputs.query.columns, column: 0, part)
  }
  private func key(_ part: Part) -> UnsafeMutablePointer<Float> {
    element(
      inputs.keyValue.floats, row: part.keys.lowerBound, stride: inputs.keyValue.columns, column: inputs.keyColumn, part
    )
  }
  private func value(_ part: Part) -> UnsafeMutablePointer<Float> {
    element(
      inputs.keyValue.floats, row: part.keys.lowerBound, stride: inputs.keyValue.columns, column: inputs.valueColumn,
      part)
  }

  // MARK: Backward

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    let isSelf = inputs.query === inputs.keyValue
    // Keys that no segment reads, or that several read, need a gradient that starts at zero and is added to.
    let addsKeys = !segments.isOneToOne
    let dkeyValue = addsKeys ? engine.zeroedGradientTarget(inputs.keyValue) : engine.gradientTarget(inputs.keyValue)
    let dquery = isSelf ? dkeyValue : engine.gradientTarget(inputs.query)
    guard dquery != nil || dkeyValue != nil else { return }

    let scratch = engine.tensor([engine.threads.threadCount, 2 * segments.largestScores + y.rows])
    let run = { (segment: Int, head: Int, worker: Int) in
      backward(
        part(segment, head), dy: dy, dquery: dquery, dkeyValue: dkeyValue,
        scratch: scratch.floats + worker * scratch.columns, engine)
    }
    if addsKeys {
      engine.threads.run(inputs.heads) { worker, head in
        for segment in 0..<segments.count { run(segment, head, worker) }
      }
    } else {
      engine.threads.run(segments.count * inputs.heads) { worker, index in
        run(index / inputs.heads, index % inputs.heads, worker)
      }
    }
  }

  // With P the probabilities: dV = Pᵀ dY; dP = dY Vᵀ; dS = scale P (dP - rows' dY·Y); dQ = dS K; dK = dSᵀ Q.
  private func backward(
    _ part: Part, dy: Tensor, dquery: GradientTarget?, dkeyValue: GradientTarget?,
    scratch: UnsafeMutablePointer<Float>, _ engine: Engine
  ) {
    let (width, headWidth) = (inputs.width, inputs.headWidth)
    let p = scratch
    let ds = p + segments.largestScores
    let delta = ds + segments.largestScores
    let dyPart = element(dy.floats, row: part.queries.lowerBound, stride: width, column: 0, part)
    let yPart = element(y.floats, row: part.queries.lowerBound, stride: width, column: 0, part)

    scoresOf(part, into: p)
    engine.kernels.attention_probabilities(
      part.rows, part.columns, part.stride, inputs.scale, segments.isCausal ? 1 : 0, p,
      logsumexp.floats + part.head * y.rows + part.queries.lowerBound)
    multiply(
      .init(dyPart, stride: width), .init(value(part), stride: inputs.keyValue.columns, transposed: true), into: ds,
      stride: part.stride, rows: part.rows, columns: part.columns, depth: headWidth)
    engine.kernels.row_dots(part.rows, headWidth, width, dyPart, width, yPart, delta)
    if let dkeyValue {
      multiply(
        .init(p, stride: part.stride, transposed: true), .init(dyPart, stride: width),
        into: element(
          dkeyValue.floats, row: part.keys.lowerBound, stride: inputs.keyValue.columns, column: inputs.valueColumn, part
        ),
        stride: inputs.keyValue.columns, rows: part.columns, columns: headWidth, depth: part.rows,
        beta: dkeyValue.beta)
    }
    engine.kernels.attention_score_gradient(part.rows, part.columns, part.stride, inputs.scale, p, ds, delta)
    if let dquery {
      multiply(
        .init(ds, stride: part.stride), .init(key(part), stride: inputs.keyValue.columns),
        into: element(
          dquery.floats, row: part.queries.lowerBound, stride: inputs.query.columns, column: 0, part),
        stride: inputs.query.columns, rows: part.rows, columns: headWidth, depth: part.columns, beta: dquery.beta)
    }
    if let dkeyValue {
      multiply(
        .init(ds, stride: part.stride, transposed: true), .init(query(part), stride: inputs.query.columns),
        into: element(
          dkeyValue.floats, row: part.keys.lowerBound, stride: inputs.keyValue.columns, column: inputs.keyColumn, part),
        stride: inputs.keyValue.columns, rows: part.columns, columns: headWidth, depth: part.rows,
        beta: dkeyValue.beta)
    }
  }
}
