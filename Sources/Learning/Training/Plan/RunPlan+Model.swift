public import Configuration
public import Models
internal import Objectives
internal import Tasks

extension RunConfiguration {
  /// The directory or file that the run begins with.
  var firstWeights: String? { foundWeights ?? initialize.weights }

  /// The towers that the run begins with; none where the whole model is there.
  var firstTowers: TowerPaths { firstWeights == nil ? foundTowers ?? initialize.towers : TowerPaths() }

  /// The architecture that is asked for where there is no data set: with CLIP's vocabulary.
  public func benchmarkModel() throws -> any ModelDescription {
    try model(vocabularySize: 49_408, tokens: (49_406, 49_407), from: nil).description
  }

  /// The model with all that its objectives need, these objectives, and in words what was decided about them.
  /// - Parameters:
  ///   - vocabularySize: the tokenizer's.
  ///   - tokens: that open and close a text.
  ///   - regions: numbers of the data's regions, and classes whose probabilities they have; nil where they have none.
  ///   - found: what the directory has that the run begins from.
  ///   - towers: those that it begins from, where they are not of one model.
  /// - Throws: `TrainingError.unsupported` for what the model cannot have.
  func model(
    vocabularySize: Int, tokens: (start: Int32, end: Int32),
    regions: (width: Int, classes: Int?)? = (2048, ModelRequest.publishedRegionClasses),
    from found: (any ModelDescription)?,
    towers: FoundTowers = FoundTowers()
  ) throws -> (description: any ModelDescription, objective: ObjectiveSettings, remarks: [String]) {
    var description: any ModelDescription
    do {
      description = try ModelCatalogue.description(
        modelRequest(
          vocabularySize: vocabularySize, tokens: tokens, regionWidth: regions?.width, regionClasses: regions?.classes,
          towers: towers),
        from: found)
    } catch {
      throw TrainingError.unsupported(key: error.key, what: error.problem)
    }
    var objective = objective
    var remarks: [String] = []
    let ofTask = TaskCatalogue.task(task.name).objectives
    for kind in ofTask {
      guard let made = description.with(kind.needs(objective)) else {
        throw TrainingError.unsupported(key: "task.name", what: kind.words(onLackIn: description, objective))
      }
      description = made
    }
    for kind in ObjectiveCatalogue.all where objective[kind.name] > 0 {
      guard learns(kind) else {
        objective[kind.name] = 0
        remarks.append("the recipe's objective.\(kind.name) is left out: \(task.name) has a loss of its own")
        continue
      }
      guard let made = description.with(kind.needs(objective)) else {
        let words = kind.words(onLackIn: description, objective)
        guard isStated("objective.\(kind.name)") else {
          // The recipe's, for another model.
          objective[kind.name] = 0
          remarks.append("the recipe's objective.\(kind.name) is left out: \(words)")
          continue
        }
        throw TrainingError.unsupported(key: "objective.\(kind.name)", what: words)
      }
      description = made
    }
    return (try withBranches(description), objective, remarks)
  }

  /// Folded, where that is asked for or the weights have no branches any more. What would have no effect is refused.
  private func withBranches(_ description: any ModelDescription) throws -> any ModelDescription {
    let foldable = description as? any FoldableDescription
    if model.reparameterize, foldable == nil {
      throw TrainingError.unsupported(
        key: "model.reparameterize", what: "\(description.name) has no branches to fold; leave the key out")
    }
    if model.batchNorm == .synchronised, !description.hasBatchNorm {
      let reason = foldable == nil ? "" : ", as its branches are folded"
      throw TrainingError.unsupported(
        key: "model.batch_norm", what: "\(description.name) has no batch norm\(reason); leave the key out")
    }
    let folds = model.reparameterize || foldable?.folding == .branches
    return folds ? foldable?.folded(.whole) ?? description : description
  }
}
