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
  public func benchmarkModel() throws -> any ModelDescription { try model(in: .measured).description }

  /// The model with all that its objectives need, and with the size that makes it like another one where it is to be.
  /// - Throws: `TrainingError.unsupported` for what the model cannot have.
  func model(in surroundings: ModelSurroundings) throws -> PlannedModel {
    try BudgetMatch(self, surroundings)?.found() ?? modelAsStated(in: surroundings)
  }

  /// The same with the sizes as they are stated.
  func modelAsStated(in surroundings: ModelSurroundings) throws -> PlannedModel {
    let request = modelRequest(
      vocabularySize: surroundings.vocabularySize, tokens: surroundings.tokens,
      regionWidth: surroundings.regions?.width, regionClasses: surroundings.regions?.classes,
      towers: surroundings.towers)
    do {
      return try withObjectives(ModelCatalogue.description(request, from: surroundings.found))
    } catch let error as ModelRequestError {
      throw TrainingError.unsupported(key: error.key, what: error.problem)
    }
  }

  /// A model with all that the objectives need of it, these objectives, and in words what was decided about them.
  func withObjectives(_ asked: any ModelDescription) throws -> PlannedModel {
    var (description, objective) = (asked, objective)
    var remarks: [String] = []
    let ofTask = TaskCatalogue.task(task).objectives
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
    return PlannedModel(
      configuration: self, description: try withBranches(description), objective: objective, remarks: remarks)
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
