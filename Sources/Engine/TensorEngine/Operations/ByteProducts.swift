internal import CKernels

/// y = f(x Wᵀ + b) of a weight as bytes; rows of x become bytes by their own ranges, so that a row's result hangs on nothing else in
/// the batch.
struct ByteLayer {
  let weight: ByteMatrix
  let bias: Tensor?
  let activation: Activation

  /// - Parameters:
  ///   - rows: at most `ByteScratch.rows`.
  ///   - residual: is added to y, which may be it.
  func callAsFunction(
    _ x: UnsafePointer<Float>, rows: Int, adding residual: UnsafePointer<Float>? = nil,
    into y: UnsafeMutablePointer<Float>, _ scratch: ByteScratch, _ context: ProductContext, _ kernels: mmk_kernels
  ) {
    kernels.to_bytes(rows, weight.inputs, x, scratch.bytes, scratch.scales, scratch.zeros)
    // Rows that are there to fill up a form are computed of what lies there, and not read.
    let filled = min(ByteScratch.rows, (rows + 7) / 8 * 8)
    for panel in weight.weight.panels {
      let (first, columns) = (panel.outputs.lowerBound, panel.outputs.count)
      weight.weight.multiply(panel, rows: filled, scratch.bytes, into: scratch.sums, context)
      var sums = mmk_byte_sums(
        columns: columns, sums_stride: columns, stride: weight.outputs, row_scales: scratch.scales,
        row_zeros: scratch.zeros, column_scales: weight.scales.floats + first,
        column_sums: weight.sums.integers + first, bias: bias.map { UnsafePointer($0.floats + first) },
        residual: residual.map { $0 + first })
      kernels.from_sums(activation.code, &sums, rows, scratch.sums, y + first)
    }
  }
}

/// A thread's memory for a block of rows: bytes, how they are to be read, and sums.
struct ByteScratch {
  /// At once: few enough for sums and a hidden layer to stay in the cache, enough for each panel to be read seldom.
  static let rows = 64

  let bytes: UnsafeMutablePointer<UInt8>
  let scales: UnsafeMutablePointer<Float>
  let zeros: UnsafeMutablePointer<Int32>
  let sums: UnsafeMutablePointer<Int32>
  /// A hidden layer [rows, H].
  let hidden: UnsafeMutablePointer<Float>

  /// - Parameter inputs: of the widest layer.
  static func floats(inputs: Int, hidden: Int) -> Int {
    rows * ((inputs + 15) / 16 * 4 + 2 + ByteMatrix.panelOutputs + hidden)
  }

  init(_ memory: UnsafeMutablePointer<Float>, inputs: Int) {
    let raw = UnsafeMutableRawPointer(memory)
    let (rows, bytes) = (Self.rows, Self.rows * ((inputs + 15) / 16 * 16))
    self.bytes = raw.bindMemory(to: UInt8.self, capacity: bytes)
    scales = (raw + bytes).bindMemory(to: Float.self, capacity: rows)
    zeros = (raw + bytes + 4 * rows).bindMemory(to: Int32.self, capacity: rows)
    sums = (raw + bytes + 8 * rows).bindMemory(to: Int32.self, capacity: rows * ByteMatrix.panelOutputs)
    hidden = memory + bytes / 4 + rows * (2 + ByteMatrix.panelOutputs)
  }
}

extension Tape {
  /// The layer as it is computed in bytes; nil where it is not.
  func byteLayer(_ weight: Tensor, _ bias: Tensor?, _ activation: Activation) -> ByteLayer? {
    engine.byteWeights?(weight, engine).map { ByteLayer(weight: $0, bias: bias, activation: activation) }
  }

  /// y [..., O] of x [..., I], without a gradient.
  func apply(_ layer: ByteLayer, to x: Tensor) -> Tensor {
    let y = engine.tensor(x.shape.dropLast() + [layer.weight.outputs])
    engine.overByteBlocks(x.rows, inputs: x.columns) { rows, scratch, context in
      layer(
        x.floats + rows.lowerBound * x.columns, rows: rows.count, into: y.floats + rows.lowerBound * y.columns, scratch,
        context, engine.kernels)
    }
    return y
  }

  /// y = second(first(x)) + residual, the hidden layer in the cache.
  func apply(_ first: ByteLayer, _ second: ByteLayer, to x: Tensor, adding residual: Tensor?) -> Tensor {
    let y = engine.tensor(x.shape.dropLast() + [second.weight.outputs])
    let hidden = first.weight.outputs
    engine.overByteBlocks(x.rows, inputs: max(x.columns, hidden), hidden: hidden) { rows, scratch, context in
      first(
        x.floats + rows.lowerBound * x.columns, rows: rows.count, into: scratch.hidden, scratch, context, engine.kernels
      )
      let start = rows.lowerBound * y.columns
      second(
        scratch.hidden, rows: rows.count, adding: residual.map { UnsafePointer($0.floats + start) },
        into: y.floats + start, scratch, context, engine.kernels)
    }
    return y
  }
}

extension Engine {
  /// Calls `body` with blocks of rows on all threads.
  fileprivate func overByteBlocks(
    _ rows: Int, inputs: Int, hidden: Int = 0, _ body: (Range<Int>, ByteScratch, ProductContext) -> Void
  ) {
    matrixProducts += hidden == 0 ? 1 : 2
    let scratch = tensor([threads.threadCount, ByteScratch.floats(inputs: inputs, hidden: hidden)])
    overChunks(of: rows, minimum: 8, multiple: 1) { chunk, range in
      let own = ByteScratch(scratch.floats + chunk * scratch.columns, inputs: inputs)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: ByteScratch.rows) {
        body(start..<min(start + ByteScratch.rows, range.upperBound), own, productContexts[chunk])
      }
    }
  }
}
