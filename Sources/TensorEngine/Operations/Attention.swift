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
  /// The largest product of queries and keys, rows of scores beginning at multiples of 16 floats.
  let largestScores: Int
  /// The most rows of a segment.
  let longest: Int

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
    var (scores, longest) = (0, 0)
    for (segment, key) in self.keySegments.enumerated() {
      let queries = queryOffsets[segment + 1] - queryOffsets[segment]
      let keys = keyOffsets[key + 1] - keyOffsets[key]
      scores = max(scores, queries * roundedUp(keys))
      longest = max(longest, queries, keys)
    }
    (largestScores, self.longest) = (scores, longest)
  }

  var count: Int { keySegments.count }
  func queries(_ segment: Int) -> Range<Int> { queryOffsets[segment]..<queryOffsets[segment + 1] }
  func keys(_ segment: Int) -> Range<Int> {
    keyOffsets[keySegments[segment]]..<keyOffsets[keySegments[segment] + 1]
  }
  /// Whether every key row is read by exactly one query segment, so that segments may run side by side.
  var isOneToOne: Bool { keySegments == Array(0..<(keyOffsets.count - 1)) }
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
    precondition(
      inputs.query.elementType == inputs.keyValue.elementType,
      "attention: queries of \(inputs.query.elementType), keys of \(inputs.keyValue.elementType)")
    let tracked = tracks(inputs.query, inputs.keyValue)
    let y = engine.tensor([inputs.query.rows, inputs.width], inputs.query.elementType, requiresGradient: tracked)
    let operation = AttentionOperation(
      inputs: inputs, segments: segments, y: y, logsumexp: engine.tensor([inputs.heads, inputs.query.rows]))
    operation.forward(engine)
    if tracked { record(operation) }
    return y
  }
}

/// softmax(Q Kᵀ / sqrt(d)) V a head and segment (Vaswani et al., 2017, eq. 1). Only the rows' log-sum-exp is saved: the
/// backward pass computes the probabilities again (Dao et al., 2022). All of it is fp32: bfloat16 inputs are widened, and
/// results rounded, a head at a time.
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

  private func logsumexp(of part: Part) -> UnsafeMutablePointer<Float> {
    logsumexp.floats + part.head * y.rows + part.queries.lowerBound
  }

  // MARK: Forward

  func forward(_ engine: Engine) {
    let block = segments.longest * inputs.headWidth
    let scratch = engine.tensor([engine.threads.threadCount, segments.largestScores + 4 * block])
    engine.threads.run(segments.count * inputs.heads) { worker, index in
      let heads = HeadReader(
        scratch: scratch.floats + worker * scratch.columns + segments.largestScores, block: block,
        headWidth: inputs.headWidth, kernels: engine.kernels)
      forward(part(index / inputs.heads, index % inputs.heads), scratch.floats + worker * scratch.columns, heads)
    }
  }

  private func forward(_ part: Part, _ scores: UnsafeMutablePointer<Float>, _ heads: HeadReader) {
    let (query, key, value) = read(part, heads)
    multiply(
      query.operand, key.transposed, into: scores, stride: part.stride, rows: part.rows, columns: part.columns,
      depth: inputs.headWidth)
    heads.kernels.attention_softmax(
      part.rows, part.columns, part.stride, inputs.scale, segments.isCausal ? 1 : 0, scores, logsumexp(of: part))
    heads.write(y, part.queries, column: part.head * inputs.headWidth, accumulates: false, slot: 3) { result, _ in
      multiply(
        .init(scores, stride: part.stride), value.operand, into: result.pointer, stride: result.stride,
        rows: part.rows, columns: inputs.headWidth, depth: part.columns)
    }
  }

  private func read(_ part: Part, _ heads: HeadReader) -> (query: HeadMatrix, key: HeadMatrix, value: HeadMatrix) {
    let column = part.head * inputs.headWidth
    return (
      heads.read(inputs.query, part.queries, column: column, slot: 0),
      heads.read(inputs.keyValue, part.keys, column: inputs.keyColumn + column, slot: 1),
      heads.read(inputs.keyValue, part.keys, column: inputs.valueColumn + column, slot: 2)
    )
  }

  // MARK: Backward

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    let isSelf = inputs.query === inputs.keyValue
    // Keys that no segment reads, or that several read, need a gradient that starts at zero and is added to, in fp32.
    let addsKeys = !segments.isOneToOne
    let sum = addsKeys && inputs.keyValue.requiresGradient ? engine.zeros(inputs.keyValue.shape) : nil
    let dkeyValue =
      sum.map { GradientTarget(tensor: $0, accumulates: true) } ?? engine.gradientTarget(inputs.keyValue)
    let dquery = isSelf ? dkeyValue : engine.gradientTarget(inputs.query)
    guard dquery != nil || dkeyValue != nil else { return }
    run(dy, dquery, dkeyValue, segmentsApart: !addsKeys, engine)
    if let sum { engine.addGradient(sum, to: inputs.keyValue) }
  }

  /// - Parameter segmentsApart: segments may run side by side; otherwise only heads may.
  private func run(
    _ dy: Tensor, _ dquery: GradientTarget?, _ dkeyValue: GradientTarget?, segmentsApart: Bool, _ engine: Engine
  ) {
    let block = segments.longest * inputs.headWidth
    let scratch = engine.tensor(
      [engine.threads.threadCount, 2 * segments.largestScores + segments.longest + 6 * block])
    let each = { (segment: Int, head: Int, worker: Int) in
      let start = scratch.floats + worker * scratch.columns
      let heads = HeadReader(
        scratch: start + 2 * segments.largestScores + segments.longest, block: block, headWidth: inputs.headWidth,
        kernels: engine.kernels)
      backward(part(segment, head), dy: dy, dquery: dquery, dkeyValue: dkeyValue, scratch: start, heads)
    }
    if segmentsApart {
      engine.threads.run(segments.count * inputs.heads) { worker, index in
        each(index / inputs.heads, index % inputs.heads, worker)
      }
    } else {
      engine.threads.run(inputs.heads) { worker, head in
        for segment in 0..<segments.count { each(segment, head, worker) }
      }
    }
  }

  // With P the probabilities: dV = Pᵀ dY; dP = dY Vᵀ; dS = scale P (dP - rows' dY·Y); dQ = dS K; dK = dSᵀ Q.
  private func backward(
    _ part: Part, dy: Tensor, dquery: GradientTarget?, dkeyValue: GradientTarget?,
    scratch: UnsafeMutablePointer<Float>, _ heads: HeadReader
  ) {
    let (rows, columns, width, column) = (part.rows, part.columns, inputs.headWidth, part.head * inputs.headWidth)
    let p = scratch
    let ds = p + segments.largestScores
    let delta = ds + segments.largestScores
    let (query, key, value) = read(part, heads)
    let dyPart = heads.read(dy, part.queries, column: column, slot: 3)
    let yPart = heads.read(y, part.queries, column: column, slot: 4)

    multiply(
      query.operand, key.transposed, into: p, stride: part.stride, rows: rows, columns: columns, depth: width)
    heads.kernels.attention_probabilities(
      rows, columns, part.stride, inputs.scale, segments.isCausal ? 1 : 0, p, logsumexp(of: part))
    multiply(
      dyPart.operand, value.transposed, into: ds, stride: part.stride, rows: rows, columns: columns, depth: width)
    heads.kernels.row_dots(rows, width, dyPart.stride, dyPart.pointer, yPart.stride, yPart.pointer, delta)
    heads.write(dkeyValue, part.keys, column: inputs.valueColumn + column, slot: 5) { result, beta in
      multiply(
        .init(p, stride: part.stride, transposed: true), dyPart.operand, into: result.pointer, stride: result.stride,
        rows: columns, columns: width, depth: rows, beta: beta)
    }
    heads.kernels.attention_score_gradient(rows, columns, part.stride, inputs.scale, p, ds, delta)
    heads.write(dquery, part.queries, column: column, slot: 5) { result, beta in
      multiply(
        .init(ds, stride: part.stride), key.operand, into: result.pointer, stride: result.stride, rows: rows,
        columns: width, depth: columns, beta: beta)
    }
    heads.write(dkeyValue, part.keys, column: inputs.keyColumn + column, slot: 5) { result, beta in
      multiply(
        .init(ds, stride: part.stride, transposed: true), query.operand, into: result.pointer, stride: result.stride,
        rows: columns, columns: width, depth: rows, beta: beta)
    }
  }
}
