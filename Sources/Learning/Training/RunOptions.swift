public import Safeguards
public import TensorEngine

/// What a start of a run may be told beside the configuration; none of it changes what is learnt, but for last bits.
public struct RunOptions: Sendable {
  /// Goes on with a data set that is not the one the checkpoint was trained on.
  public var acceptsDataChange = false
  /// Faults to rehearse.
  public var faults: [Fault] = []
  /// Seconds from the launcher's SIGTERM to its SIGKILL; nil where it is not known to hurry.
  public var graceSeconds: Double?
  /// Says on rank 0 which library computes fp32 products faster, where a run begins that leaves it open; nil takes OpenBLAS.
  public var fasterProducts: (@Sendable () throws -> ProductChoice)?
  /// What the start is recorded to run on; nil where nobody says.
  public var machine: RunMachine?

  public init() {}
}

/// The program, and the machine of rank 0, for who reads a run's figures later.
public struct RunMachine: Sendable {
  /// Of mmtrain.
  public var version: String
  /// As the processor calls itself.
  public var processor: String
  /// That this process may use, hardware threads of one core counted once.
  public var cores: Int
  public var memoryBytes: Int

  public init(version: String, processor: String, cores: Int, memoryBytes: Int) {
    (self.version, self.processor, self.cores, self.memoryBytes) = (version, processor, cores, memoryBytes)
  }
}
