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
  /// Which tokens queries and keys are, for whoever keeps what attention does; nil where nobody says.
  public let queryTokens: TokenStreams?
  public let keyTokens: TokenStreams?
  /// The most queries and keys of a segment.
  let longest: (queries: Int, keys: Int)

  /// Each segment attends to itself.
  public init(offsets: [Int], isCausal: Bool = false, tokens: TokenStreams? = nil) {
    self.init(queryOffsets: offsets, keyOffsets: offsets, isCausal: isCausal, queryTokens: tokens, keyTokens: tokens)
  }

  /// Query segment s reads key segment s, or `keySegments[s]`.
  public init(
    queryOffsets: [Int], keyOffsets: [Int], keySegments: [Int]? = nil, isCausal: Bool = false,
    queryTokens: TokenStreams? = nil, keyTokens: TokenStreams? = nil
  ) {
    (self.queryTokens, self.keyTokens) = (queryTokens, keyTokens)
    self.queryOffsets = queryOffsets
    self.keyOffsets = keyOffsets
    self.keySegments = keySegments ?? Array(0..<max(queryOffsets.count - 1, 0))
    self.isCausal = isCausal
    precondition(
      self.keySegments.count == queryOffsets.count - 1 && self.keySegments.allSatisfy { $0 + 1 < keyOffsets.count },
      "attention: \(queryOffsets.count - 1) query segments read key segments \(self.keySegments)")
    var longest = (queries: 0, keys: 0)
    for (segment, key) in self.keySegments.enumerated() {
      longest.queries = max(longest.queries, queryOffsets[segment + 1] - queryOffsets[segment])
      longest.keys = max(longest.keys, keyOffsets[key + 1] - keyOffsets[key])
    }
    self.longest = longest
  }

  var count: Int { keySegments.count }
  func queries(_ segment: Int) -> Range<Int> { queryOffsets[segment]..<queryOffsets[segment + 1] }
  func keys(_ segment: Int) -> Range<Int> {
    keyOffsets[keySegments[segment]]..<keyOffsets[keySegments[segment] + 1]
  }
  /// Whether every key row is read by exactly one query segment, so that segments may run side by side.
  var isOneToOne: Bool { keySegments == Array(0..<(keyOffsets.count - 1)) }
}

extension Tape {
  /// Self-attention: `queryKeyValue` [T, 3W] holds queries, keys and values side by side; the result is [T, W].
  /// - Parameter dropout: the share of probabilities that is dropped, and the layer that draws the masks, as in `dropout`.
  public func attention(
    queryKeyValue: Tensor, heads: Int, segments: AttentionSegments, dropout: (rate: Float, layer: UInt64)? = nil
  ) -> Tensor {
    attention(
      AttentionOperation.Inputs(
        query: queryKeyValue, keyValue: queryKeyValue, width: queryKeyValue.columns / 3, heads: heads),
      segments, dropout: dropout)
  }

  /// Cross-attention: `query` [Tq, W], `keyValue` [Tk, 2W] holds keys and values side by side; the result is [Tq, W].
  /// - Parameter dropout: as of self-attention, a sample a query segment.
  public func attention(
    query: Tensor, keyValue: Tensor, heads: Int, segments: AttentionSegments,
    dropout: (rate: Float, layer: UInt64)? = nil
  ) -> Tensor {
    precondition(keyValue.columns == 2 * query.columns, "attention: query \(query.shape), keyValue \(keyValue.shape)")
    return attention(
      AttentionOperation.Inputs(query: query, keyValue: keyValue, width: query.columns, heads: heads), segments,
      dropout: dropout)
  }

  func attention(
    _ inputs: AttentionOperation.Inputs, _ segments: AttentionSegments, dropout: (rate: Float, layer: UInt64)?
  ) -> Tensor {
    precondition(inputs.width % inputs.heads == 0, "attention: width \(inputs.width) over \(inputs.heads) heads")
    precondition(
      segments.queryOffsets.last ?? 0 == inputs.query.rows && segments.keyOffsets.last ?? 0 == inputs.keyValue.rows,
      "attention: segments end at \(segments.queryOffsets.last ?? 0) and \(segments.keyOffsets.last ?? 0), "
        + "the rows at \(inputs.query.rows) and \(inputs.keyValue.rows)")
    precondition(
      inputs.query.elementType == inputs.keyValue.elementType,
      "attention: queries of \(inputs.query.elementType), keys of \(inputs.keyValue.elementType)")
    let tracked = tracksAttention(inputs.query, inputs.keyValue)
    let y = engine.tensor(
      inputs.query.shape.dropLast() + [inputs.width], inputs.query.elementType, requiresGradient: tracked)
    let drops = dropoutMasks.flatMap { masks in
      dropout.map { (rate: $0.rate, seeds: masks.seeds(layer: $0.layer, samples: segments.count)) }
    }
    let operation = AttentionOperation(
      inputs: inputs, segments: segments, dropout: drops, y: y,
      logsumexp: engine.tensor([inputs.heads, inputs.query.rows]),
      maps: attentionRecord?.next(segments, heads: inputs.heads, engine) ?? [])
    operation.forward(engine)
    operation.writeProbabilities()
    if tracked { record(operation) }
    return y
  }
}

/// softmax(Q Kᵀ / sqrt(d)) V a head and segment (Vaswani et al., 2017, eq. 1). Only the rows' log-sum-exp is saved: the
/// backward pass computes the probabilities again (Dao et al., 2022). All of it is fp32 in the cache: bfloat16 inputs are
/// widened as they are read.
struct AttentionOperation: DifferentiableOperation {
  struct Inputs {
    let query: Tensor, keyValue: Tensor
    let width: Int, heads: Int

    var headWidth: Int { width / heads }
    /// Column at which keys begin in keyValue.
    var keyColumn: Int { keyValue.columns - 2 * width }
    var valueColumn: Int { keyValue.columns - width }
  }

  let inputs: Inputs
  let segments: AttentionSegments
  /// With a seed a segment; nil drops nothing.
  let dropout: (rate: Float, seeds: [UInt64])?
  /// [Tq, W]
  let y: Tensor
  /// [heads, Tq]
  let logsumexp: Tensor
  /// Of each segment, where they are kept.
  let maps: [AttentionMap]

  /// One head of one segment: where its parts begin, in elements of their tensors.
  private struct Part {
    var form: mmk_attention
    let queries: Range<Int>, keys: Range<Int>
    /// First columns.
    let query: Int, key: Int, value: Int
    let logsumexp: Int
  }

  private func part(_ segment: Int, _ head: Int) -> Part {
    let (queries, keys) = (segments.queries(segment), segments.keys(segment))
    let column = head * inputs.headWidth
    var form = form(queries: queries.count, keys: keys.count)
    if let dropout {
      (form.dropout, form.seed) = (dropout.rate, dropout.seeds[segment])
      form.mask_first = UInt64(head * queries.count * keys.count)
    }
    return Part(
      form: form, queries: queries, keys: keys, query: column,
      key: inputs.keyColumn + column, value: inputs.valueColumn + column,
      logsumexp: head * y.rows + queries.lowerBound)
  }

  private func form(queries: Int, keys: Int) -> mmk_attention {
    mmk_attention(
      rows: queries, columns: keys, width: inputs.headWidth, query_stride: inputs.query.columns,
      key_stride: inputs.keyValue.columns, y_stride: y.columns, scale: 1 / Float(inputs.headWidth).squareRoot(),
      causal: segments.isCausal ? 1 : 0, dropout: 0, seed: 0, mask_first: 0)
  }

  /// Floats that the kernels need for the longest segment.
  private func scratchCount(_ engine: Engine) -> Int {
    var longest = form(queries: segments.longest.queries, keys: segments.longest.keys)
    return engine.kernels.attention_scratch(&longest)
  }

  /// The element of `rows` in `column`.
  private func place(_ rows: Range<Int>, _ column: Int, in tensor: Tensor) -> Int {
    rows.lowerBound * tensor.columns + column
  }

  /// A thread takes some heads in a row: while it computes one, the memory of the next is on its way.
  private var headGroups: Int { (inputs.heads + 3) / 4 }
  private func heads(ofGroup group: Int) -> Range<Int> {
    inputs.heads * group / headGroups..<inputs.heads * (group + 1) / headGroups
  }

  // MARK: Forward

  func forward(_ engine: Engine) {
    let scratch = engine.tensor([engine.threads.threadCount, scratchCount(engine)])
    engine.threads.run(segments.count * headGroups) { worker, index in
      for head in heads(ofGroup: index % headGroups) {
        forward(part(index / headGroups, head), scratch.floats + worker * scratch.columns, engine.kernels)
      }
    }
  }

  private func forward(_ part: Part, _ scratch: UnsafeMutablePointer<Float>, _ kernels: mmk_kernels) {
    var form = part.form
    let query = place(part.queries, part.query, in: inputs.query)
    let key = place(part.keys, part.key, in: inputs.keyValue)
    let value = place(part.keys, part.value, in: inputs.keyValue)
    let result = place(part.queries, part.query, in: y)
    if y.elementType == .bfloat16 {
      kernels.attention_bf16(
        &form, inputs.query.halves + query, inputs.keyValue.halves + key, inputs.keyValue.halves + value,
        y.halves + result, logsumexp.floats + part.logsumexp, scratch)
    } else {
      kernels.attention(
        &form, inputs.query.floats + query, inputs.keyValue.floats + key, inputs.keyValue.floats + value,
        y.floats + result, logsumexp.floats + part.logsumexp, scratch)
    }
  }

  // MARK: Backward

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    writeProbabilityGradients(dy, engine)
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
    let wide = (inputs.headWidth + 15) & ~15
    let gradients = (segments.longest.queries + 2 * segments.longest.keys) * wide
    let scratch = engine.tensor([engine.threads.threadCount, gradients + scratchCount(engine)])
    let each = { (segment: Int, head: Int, worker: Int) in
      let start = scratch.floats + worker * scratch.columns
      let gradient = PartGradient(
        query: start, key: start + segments.longest.queries * wide,
        value: start + (segments.longest.queries + segments.longest.keys) * wide)
      let part = part(segment, head)
      backward(part, dy, gradient, scratch: start + gradients, engine.kernels)
      write(gradient.query, part.queries, column: part.query, to: dquery, engine.kernels)
      write(gradient.key, part.keys, column: part.key, to: dkeyValue, engine.kernels)
      write(gradient.value, part.keys, column: part.value, to: dkeyValue, engine.kernels)
    }
    if segmentsApart {
      engine.threads.run(segments.count * headGroups) { worker, index in
        for head in heads(ofGroup: index % headGroups) { each(index / headGroups, head, worker) }
      }
    } else {
      engine.threads.run(inputs.heads) { worker, head in
        for segment in 0..<segments.count { each(segment, head, worker) }
      }
    }
  }

  /// The gradients of one part in scratch memory, fp32, their rows filled up to a multiple of 16.
  private struct PartGradient {
    let query: UnsafeMutablePointer<Float>
    let key: UnsafeMutablePointer<Float>
    let value: UnsafeMutablePointer<Float>
  }

  private func backward(
    _ part: Part, _ dy: Tensor, _ gradient: PartGradient, scratch: UnsafeMutablePointer<Float>, _ kernels: mmk_kernels
  ) {
    var form = part.form
    let query = place(part.queries, part.query, in: inputs.query)
    let key = place(part.keys, part.key, in: inputs.keyValue)
    let value = place(part.keys, part.value, in: inputs.keyValue)
    let result = place(part.queries, part.query, in: y)
    if y.elementType == .bfloat16 {
      kernels.attention_backward_bf16(
        &form, inputs.query.halves + query, inputs.keyValue.halves + key, inputs.keyValue.halves + value,
        y.halves + result, dy.halves + result, logsumexp.floats + part.logsumexp, gradient.query, gradient.key,
        gradient.value, scratch)
    } else {
      kernels.attention_backward(
        &form, inputs.query.floats + query, inputs.keyValue.floats + key, inputs.keyValue.floats + value,
        y.floats + result, dy.floats + result, logsumexp.floats + part.logsumexp, gradient.query, gradient.key,
        gradient.value, scratch)
    }
  }

  private func write(
    _ gradient: UnsafeMutablePointer<Float>, _ rows: Range<Int>, column: Int, to target: GradientTarget?,
    _ kernels: mmk_kernels
  ) {
    guard let target else { return }
    let (start, stride) = (place(rows, column, in: target.tensor), target.tensor.columns)
    if target.tensor.elementType == .bfloat16 {
      kernels.write_rows_bf16(
        rows.count, inputs.headWidth, gradient, target.tensor.halves + start, stride, target.accumulate)
    } else {
      kernels.write_rows(
        rows.count, inputs.headWidth, gradient, target.tensor.floats + start, stride, target.accumulate)
    }
  }
}
