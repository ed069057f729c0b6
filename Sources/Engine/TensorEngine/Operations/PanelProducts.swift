internal import CKernels
internal import Glibc

/// Products of bfloat16 rows by a weight's panels: blocks of rows by a panel go into memory of the thread's own, and are read while
/// they are in the cache.
struct PanelProduct {
  /// [N, I], bfloat16
  let x: Tensor
  let weight: WeightPanels
  let bias: Tensor?
  /// Of what is written.
  let type: ElementType

  /// At once: with a panel of them few enough for the cache, enough for a panel to be read seldom.
  static let blockRows = 128

  /// Elements of a thread's memory.
  static func scratch(_ weight: WeightPanels) -> Int { blockRows * (weight.panels.map(\.outputs.count).max() ?? 0) }

  /// Calls `finish` with each block: its rows, its outputs, and what was computed, one row behind the other.
  /// - Parameter panels: nil for all.
  func callAsFunction(
    rows: Range<Int>, panels: Range<Int>? = nil, _ scratch: UnsafeMutableRawPointer, _ context: ProductContext,
    _ finish: (_ rows: Range<Int>, _ outputs: Range<Int>, UnsafeMutableRawPointer) -> Void
  ) {
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockRows) {
      let block = start..<min(start + Self.blockRows, rows.upperBound)
      for panel in weight.panels[panels ?? weight.panels.indices] {
        weight.multiply(
          panel, rows: block.count, x.halves + start * x.columns,
          bias: bias.map { UnsafePointer($0.floats + panel.outputs.lowerBound) }, into: scratch,
          isReduced: type == .bfloat16, context)
        finish(block, panel.outputs, scratch)
      }
    }
  }
}

extension Engine {
  /// y [N, O] = f(x Wᵀ + b) on all threads; f only where y is bfloat16.
  func multiply(_ product: PanelProduct, _ activation: Activation, into y: Tensor) {
    let size = product.type.byteCount
    let columns = y.columns
    overPanels(product) { rows, outputs, computed in
      if activation != .none {
        let place = computed.assumingMemoryBound(to: UInt16.self)
        kernels.bias_activation_bf16(activation.code, rows.count, outputs.count, nil, place, place)
      }
      for row in 0..<rows.count {
        memcpy(
          y.bytes + ((rows.lowerBound + row) * columns + outputs.lowerBound) * size,
          computed + row * outputs.count * size, outputs.count * size)
      }
    }
  }

  /// Rows are divided where there are enough for every thread, panels elsewhere.
  private func overPanels(
    _ product: PanelProduct, _ finish: (Range<Int>, Range<Int>, UnsafeMutableRawPointer) -> Void
  ) {
    matrixProducts += 1
    let (rows, panels) = (product.x.rows, product.weight.panels.count)
    let memory = tensor([threads.threadCount, PanelProduct.scratch(product.weight)], product.type)
    let size = memory.columns * product.type.byteCount
    let work = rows * product.weight.outputs * product.weight.inputs
    if rows >= PanelProduct.blockRows / 2 * threads.threadCount {
      overChunks(of: rows, minimum: 16, multiple: 16) { chunk, range in
        product(rows: range, memory.bytes + chunk * size, productContexts[chunk], finish)
      }
    } else {
      overChunks(of: panels, minimum: max(1, 400_000 * panels / max(work, 1)), multiple: 1) { chunk, range in
        product(rows: 0..<rows, panels: range, memory.bytes + chunk * size, productContexts[chunk], finish)
      }
    }
  }
}
