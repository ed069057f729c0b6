internal import Checkpoints
internal import Layers
internal import Models
internal import Reporting
internal import TensorEngine

/// Runs a model on the inputs of a case file and compares every output, loss and gradient that the file holds.
/// - Parameters:
///   - path: a model directory.
///   - tolerance: the largest difference that is right, in parts of the largest value of each array.
/// - Throws: `CaseError` for a file that does not go with the model, the errors of reading both.
public func verify(
  model path: String, case casePath: String, tolerance: Double = 1e-4, threads: Int = 1
) throws -> CaseReport {
  let file = try CaseFile(path: casePath)
  let engine = Engine(threadCount: threads)
  let loaded = try CaseModel(path: path, file, engine)
  return try CaseVerification(loaded, file, engine, tolerance: tolerance).report()
}

private struct CaseVerification {
  let loaded: CaseModel
  let file: CaseFile
  let run: CaseRun
  let parts: [any CasePart]
  let gradients: CaseGradients
  let tolerance: Double

  init(_ loaded: CaseModel, _ file: CaseFile, _ engine: Engine, tolerance: Double) throws {
    (self.loaded, self.file, self.tolerance) = (loaded, file, tolerance)
    run = CaseRun(loaded.model, file, Tape(engine))
    parts = CasePartCatalogue.all.compactMap { $0.init(loaded.model) }
    gradients = CaseGradients(
      loaded.arena, namedAs: file.names(CaseFile.gradient).map { String($0.dropFirst(CaseFile.gradient.count)) })
    try requireKnownNames()
  }

  /// Every name is one that the model gives or reads: nothing is left out in silence.
  private func requireKnownNames() throws {
    let own =
      parts.flatMap { type(of: $0).inputs + $0.results } + gradients.names.map { CaseFile.gradient + $0 }
      + file.lossesWithGradients.flatMap { loss in gradients.names.map { Self.gradients(of: loss) + $0 } }
      + loaded.parameters.map { CaseFile.parameter + $0 } + [Self.total]
    let (known, others) = (Set(own), Set(CasePartCatalogue.all.flatMap { $0.inputs + $0.results }))
    for name in file.names where !known.contains(name) {
      guard !others.contains(name) else {
        throw CaseError.cannotGive(path: file.path, name: name, model: loaded.model.description.name)
      }
      throw CaseError.unknownName(path: file.path, name: name, nearest: nearest(to: name, among: own))
    }
  }

  func report() throws -> CaseReport {
    var results: [String: Tensor] = [:]
    let wanted = file.names(CaseFile.output) + file.names(CaseFile.loss)
    for name in wanted where name != Self.total { results[name] = try result(name) }
    if file.has(Self.total) { results[Self.total] = try sum(losses, results, "\(Self.total) is there") }
    var comparisons = try wanted.map { try compare($0, results) }
    let terms = try gradientTerms()
    if !file.names(CaseFile.gradient).isEmpty {
      try backward(sum(terms, results, "a gradient is there"), run.tape)
      comparisons += try compareGradients(CaseFile.gradient)
    }
    for loss in file.lossesWithGradients { comparisons += try compareGradients(ofLoss: loss) }
    return CaseReport(
      model: loaded.model.description.name, tolerance: tolerance, comparisons: comparisons, gradientsOf: terms,
      unread: file.names(CaseFile.input).filter { !run.read.contains($0) })
  }

  private func part(_ name: String) -> (any CasePart)? { parts.first { $0.results.contains(name) } }

  private func result(_ name: String) throws -> Tensor? { try part(name)?.result(name, of: run) }

  // MARK: Losses and their gradients

  private static let total = CaseFile.loss + "total"

  /// All but their sum, and what only says more of one of them.
  private var losses: [String] { file.names(CaseFile.loss).filter { $0 != Self.total && weight($0) != 0 } }

  private func weight(_ loss: String) -> Float { part(loss).flatMap { type(of: $0).weights[loss] } ?? 1 }

  /// The losses whose sum the gradients are of: the one that the metadata name, else all.
  private func gradientTerms() throws -> [String] {
    guard !file.names(CaseFile.gradient).isEmpty else { return [] }
    guard let name = file.gradientOf, name != Self.total else { return losses }
    guard losses.contains(name) else {
      throw CaseError.missingLoss(path: file.path, problem: "gradient_of names \"\(name)\", and no such loss is there")
    }
    return [name]
  }

  /// - Parameter reason: why there has to be one, in words.
  private func sum(_ names: [String], _ results: [String: Tensor], _ reason: String) throws -> Tensor {
    guard !names.isEmpty else {
      throw CaseError.missingLoss(path: file.path, problem: "\(reason), and no loss.… that it is made of")
    }
    let addends = names == losses ? try parts.compactMap { try $0.addend(of: run) } : []
    return run.tape.weightedSum(
      names.compactMap { name in results[name].map { (weight(name), $0) } } + addends.map { (1, $0) })
  }

  private func backward(_ loss: Tensor, _ tape: Tape) throws {
    loaded.arena.markGradientsStale()
    try tape.backward(from: loss)
    loaded.arena.clearUnreachedGradients()
  }

  private static func gradients(of loss: String) -> String { "gradient_\(loss)." }

  /// The gradients of one loss alone, on a run of its own.
  private func compareGradients(ofLoss loss: String) throws -> [CaseReport.Comparison] {
    // What another loss is told apart by is enough to name it.
    let names = [CaseFile.loss + loss] + file.names(CaseFile.loss).filter { $0.hasSuffix("_" + loss) }
    guard let name = names.first(where: file.has), let part = part(name) else {
      throw CaseError.missingLoss(path: file.path, problem: "gradients of \(names[0]) are there, and no such loss is")
    }
    let own = CaseRun(loaded.model, file, Tape(run.tape.engine))
    try backward(part.result(name, of: own), own.tape)
    return try compareGradients(Self.gradients(of: loss))
  }

  // MARK: Comparing

  private func compare(_ name: String, _ results: [String: Tensor]) throws -> CaseReport.Comparison {
    guard let tensor = results[name] else { preconditionFailure("no part gives \(name)") }
    let slots = try part(name)?.slots(name, of: run)
    // A list has a number a slot.
    let row = tensor.shape.count == 1 ? [] : [tensor.columns]
    return try compare(name, slots.map { $0.shape + row } ?? tensor.shape, tensor.values(), slots, columns: row.first)
  }

  /// In a softmax the bias of all keys cancels out, so its gradient is rounding alone. A gradient much smaller than the others is
  /// held against a hundredth of the largest value of them all.
  private func compareGradients(_ prefix: String) throws -> [CaseReport.Comparison] {
    let names = file.names(prefix)
    let largest = try names.reduce(0.0) { largest, name in
      try file.floats(name).reduce(largest) { max($0, Double($1.magnitude)) }
    }
    return try names.map { name in
      guard let (shape, values) = gradients[String(name.dropFirst(prefix.count))] else {
        preconditionFailure("\(name) is no parameter's")
      }
      return try compare(name, shape, values, floor: largest / 100)
    }
  }

  private func compare(
    _ name: String, _ shape: [Int], _ values: [Float], _ slots: CaseSlots? = nil, columns: Int? = nil, floor: Double = 0
  ) throws -> CaseReport.Comparison {
    let found = file.shape(name)
    // Some programs save a single number as a list of one.
    guard found == shape || shape.isEmpty && found == [1] else {
      throw run.mistaken(name, "has the shape \(found), and the model gives \(shape)")
    }
    let expected = try file.numbers(name)
    return CaseReport.Comparison(
      name, shape: found, values, expected: slots?.values(expected, columns: columns ?? 1) ?? expected, floor: floor,
      tolerance: tolerance)
  }
}
