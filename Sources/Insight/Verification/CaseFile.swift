internal import Checkpoints

/// Inputs and what another program made of them: arrays called `input.…`, `output.…`, `loss.…`, `gradient.…` and
/// `parameter.…` (docs/verification.md).
struct CaseFile {
  let path: String
  private let file: SafetensorsFile

  /// - Throws: `SafetensorsError` for what is no safetensors file, `CaseError` for one that holds nothing to compare, or NaN.
  init(path: String) throws {
    (self.path, file) = (path, try SafetensorsFile(path: path))
    let notFinite = try file.notFiniteTensors()
    guard notFinite.isEmpty else { throw CaseError.notFinite(path: path, names: notFinite) }
    let kinds = [Self.output, Self.loss, Self.gradient]
    guard names.contains(where: { name in kinds.contains { name.hasPrefix($0) } }) else {
      throw CaseError.nothingToCompare(path: path)
    }
  }

  static let (input, output, loss, gradient) = ("input.", "output.", "loss.", "gradient.")
  /// A tensor in the place of one of the model's weights, or beside them.
  static let parameter = "parameter."

  var names: [String] { file.entries.map(\.name) }

  /// The losses that have gradients of their own here, `gradient_NAME.…`, in the order of the file.
  var lossesWithGradients: [String] {
    var losses: [String] = []
    for name in names where name.hasPrefix("gradient_") {
      let loss = name.dropFirst("gradient_".count).prefix { $0 != "." }
      if !losses.contains(String(loss)) { losses.append(String(loss)) }
    }
    return losses
  }

  /// In the order of the file.
  func names(_ prefix: String) -> [String] { names.filter { $0.hasPrefix(prefix) } }

  func has(_ name: String) -> Bool { file.entry(named: name) != nil }

  func shape(_ name: String) -> [Int] { file.entry(named: name)?.shape ?? [] }

  /// The loss that gradients are of, where the file's metadata name one.
  var gradientOf: String? { file.metadata.first { $0.key == "gradient_of" }?.value }

  /// The values of an array, whatever type of floating-point numbers they are.
  func floats(_ name: String) throws -> [Float] {
    try ofItsType(name, "floating-point numbers") { try file.floats(name) }
  }

  /// The values of an array, whatever type of integers they are.
  func integers(_ name: String) throws -> [Int] { try ofItsType(name, "integers") { try file.integers(name) } }

  /// The values of an array, of whatever type.
  func numbers(_ name: String) throws -> [Float] {
    do {
      return try file.floats(name)
    } catch SafetensorsError.elementType {
      return try integers(name).map { Float($0) }
    }
  }

  private func ofItsType<Values>(_ name: String, _ wanted: String, _ read: () throws -> Values) throws -> Values {
    do {
      return try read()
    } catch SafetensorsError.elementType(_, _, let found, _) {
      throw CaseError.mistakenArray(
        path: path, name: name, problem: "holds \(found.rawValue), and \(wanted) are needed")
    }
  }
}
