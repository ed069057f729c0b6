internal import Collectives
internal import Glibc
internal import TensorEngine

/// What a training step takes, in numbers that no other program on the machine changes.
public struct StepCounts: Codable, Equatable, Sendable {
  /// How often the system was asked for tensor memory.
  public var systemAllocations: Int
  /// Products in bfloat16 that were compiled.
  public var compiledProducts: Int
  /// Products over all threads; those within attention's heads are not counted.
  public var matrixProducts: Int
  /// What this rank's collective calls were about, each element once however many ranks there are.
  public var communicatedBytes: Int
  /// Pages of this process that the system had to bring, none of them from a disk.
  public var pageFaults: Int

  init(_ setup: ModelSetup) {
    systemAllocations = setup.engine.systemAllocations
    compiledProducts = setup.engine.compiledProducts
    matrixProducts = setup.engine.matrixProducts
    communicatedBytes = setup.communicator.waits.bytesInCalls
    pageFaults = memoryUsage().pageFaults
  }

  static func - (after: StepCounts, before: StepCounts) -> StepCounts {
    var difference = after
    difference.systemAllocations -= before.systemAllocations
    difference.compiledProducts -= before.compiledProducts
    difference.matrixProducts -= before.matrixProducts
    difference.communicatedBytes -= before.communicatedBytes
    difference.pageFaults -= before.pageFaults
    return difference
  }

  private enum CodingKeys: String, CodingKey {
    case systemAllocations = "system_allocations"
    case compiledProducts = "compiled_products"
    case matrixProducts = "matrix_products"
    case communicatedBytes = "communicated_bytes"
    case pageFaults = "page_faults"
  }
}

/// Of this process: the most memory that it ever had, and pages that the system had to bring without a disk.
public func memoryUsage() -> (peakBytes: Int, pageFaults: Int) {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return (1024 * usage.ru_maxrss, usage.ru_minflt)
}
