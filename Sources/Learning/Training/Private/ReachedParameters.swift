internal import Batching
internal import Layers
internal import Objectives
internal import Tasks
internal import TensorEngine

/// The parameters that the losses of a private run can reach, by the arena's: these get noise. It hangs on the model, on the losses, and on which
/// inputs samples have at all, and on no value in them.
struct ReachedParameters {
  let setup: RunSetup
  let locked: LockedTowers
  let settings: LoaderSettings

  /// The same on all ranks, each of which looks at the first samples of the split: a few where all have the same inputs, and more where
  /// these have no loss, as samples without a class; as many as are likely to have and to lack each input where some may lack any.
  func callAsFunction() throws -> Set<Int> {
    var alone = settings
    (alone.rank, alone.ranks, alone.workers) = (0, 1, 0)
    let samples = try setup.dataSet.samples(split: settings.split).count
    let count = min(64, samples)
    let loader = try UnitLoader(
      dataSet: setup.dataSet, tokenizer: setup.tokenizer, preprocessing: setup.preprocessing, settings: alone
    ) { _ in Array(0..<count) }
    let learnt = setup.arena.parameters.count { $0.tensor.requiresGradient }
    var reached: Set<Int> = []
    for number in 0..<(try loader.begin()) where reached.count < learnt {
      if number >= 8, setup.task.lacking.isEmpty, !reached.isEmpty { break }
      let unit = try loader.next()
      for step in stepsOfAllLosses {
        reached.formUnion(
          try setup.trained.reached(by: (batch: setup.stepBatch(unit, locked, step: step), sample: unit.samples[0])))
      }
    }
    return reached
  }

  /// A step for each loss, where steps learn one of several by lot.
  private var stepsOfAllLosses: [Int] {
    var known: Set<[String]> = []
    return (0..<1000).filter { known.insert(setup.trained.objective.names(ofStep: $0)).inserted }
  }
}
