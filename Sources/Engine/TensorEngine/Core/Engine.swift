package import CKernels
internal import COpenBLAS

/// What operations compute with: kernels of one level, threads, pooled memory.
public final class Engine {
  public let threads: ThreadPool
  public let level: KernelLevel
  public let precision: Precision
  package let kernels: mmk_kernels
  /// Which library computes fp32 products; may change between steps. Like the memory it belongs to the thread that runs
  /// the tape.
  public var products: ProductChoice
  /// Nil computes linear layers as the precision says. Else the engine is for one model whose weights stay as they are: where no
  /// gradient is wanted, its linear layers are computed in bytes.
  public let byteWeights: ByteWeights?
  /// One for each chunk of a product, as many as threads.
  let productContexts: [ProductContext]
  /// One for each chunk of a convolution, as many as threads.
  let convolutionContexts: [ConvolutionContext]
  let memory: MemoryPool
  /// Whether tensors are made and nothing is computed: to learn how much memory a pass takes, at no more than its bookkeeping.
  public let isRehearsing: Bool

  /// - Parameters:
  ///   - threadCount: threads of this rank, the caller's own included.
  ///   - level: nil takes the best that the processor supports; it must be supported otherwise.
  ///   - precision: must be supported.
  ///   - products: which library computes fp32 products.
  ///   - isRehearsing: tensors hold anything then, mostly zeros, and no memory until they are touched.
  ///   - byteWeights: only where bytes are supported, and beside fp32.
  public init(
    threadCount: Int, level: KernelLevel? = nil, precision: Precision = .fp32,
    products: ProductChoice = .unmeasured, spins: Bool = true, isRehearsing: Bool = false,
    byteWeights: ByteWeights? = nil
  ) {
    precondition(precision.isSupported, "this processor has no \(precision.rawValue)")
    limitOneDNN()
    (self.precision, self.products, self.byteWeights) = (precision, products, byteWeights)
    self.isRehearsing = isRehearsing
    memory = MemoryPool(countsUse: isRehearsing)
    productContexts = (0..<threadCount).map { _ in ProductContext() }
    convolutionContexts = (0..<threadCount).map { _ in ConvolutionContext() }
    threads = ThreadPool(threadCount: threadCount, spins: spins, isIdle: isRehearsing)
    self.level = level ?? .best
    guard let table = mmk_kernels_at(self.level.code) else {
      preconditionFailure("this processor has no \(self.level.rawValue)")
    }
    kernels = table.pointee
    // Matrix products are divided over the engine's own threads: OpenBLAS' would spin on the cores of other ranks.
    openblas_set_num_threads(1)
  }

  deinit { threads.stop() }

  /// An engine of one thread that computes as this one does, for work that is divided from outside.
  public func ofOneThread() -> Engine {
    Engine(
      threadCount: 1, level: level, precision: precision, products: products, isRehearsing: isRehearsing,
      byteWeights: byteWeights)
  }

  /// Bytes that tensors have used at most of those that were obtained, where somebody rehearses.
  public var usedBytes: Int { memory.usedBytes }
  /// Bytes obtained from the system for tensors so far.
  public var reservedBytes: Int { memory.reservedBytes }
  /// How often the system was asked for tensor memory.
  public var systemAllocations: Int { memory.systemAllocations }

  /// Matrix products in bfloat16 or bytes that were compiled so far, a form and a chunk each.
  public var compiledProducts: Int { productContexts.reduce(0) { $0 + $1.kernelCount } }

  /// Whether rows are multiplied by weights one by one; like the memory it belongs to the thread that runs the tape.
  var multipliesRowsAlone = false

  /// Where backward passes leave what gradients of weights are made of; nil computes them. Like the memory it belongs to the thread
  /// that runs the tape.
  package var unitGradients: UnitGradients?

  /// Matrix products that all threads computed together so far; those within attention's heads are not counted. Like the
  /// memory it belongs to the thread that runs the tape.
  public internal(set) var matrixProducts = 0

  /// Convolutions by oneDNN's kernels so far: forward passes, and gradients of each kind.
  package internal(set) var directConvolutions = 0
  /// What oneDNN calls the kernels of convolutions that were compiled.
  package var convolutionKernels: [String] { convolutionContexts.flatMap(\.kernelNames) }

  /// The name of the kernel set that OpenBLAS chose for this processor.
  public static var blasCore: String { String(cString: openblas_get_corename()) }

  /// Calls `body` with ranges that cover 0 ..< rows, on all threads where the work is worth it.
  /// - Parameter columns: elements a row, to judge the work by.
  package func overRows(_ rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
    overChunks(of: rows, minimum: max(1, 16_384 / max(columns, 1)), multiple: 1) { _, range in body(range) }
  }

  /// The same for independent columns; chunks begin at multiples of 16.
  package func overColumns(_ columns: Int, rows: Int, _ body: (Range<Int>) -> Void) {
    overChunks(of: columns, minimum: max(16, 16_384 / max(rows, 1)), multiple: 16) { _, range in body(range) }
  }

  /// The same with the number of the chunk, below the number of threads: for what belongs to a chunk, whichever thread
  /// happens to take it.
  func overChunks(of count: Int, minimum: Int, multiple: Int, _ body: (_ chunk: Int, Range<Int>) -> Void) {
    guard count > 0, !isRehearsing else { return }
    let parts = min(threads.threadCount, (count + minimum - 1) / minimum)
    guard parts > 1 else { return body(0, 0..<count) }
    let even = (count + parts - 1) / parts
    let length = (even + multiple - 1) / multiple * multiple
    threads.run((count + length - 1) / length) { _, chunk in
      body(chunk, chunk * length..<min(count, (chunk + 1) * length))
    }
  }
}
