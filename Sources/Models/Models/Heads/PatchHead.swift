internal import Layers
internal import TensorEngine

extension MaskedRegionHead {
  /// Says the normalised pixels of a hidden patch, each of them a target: mmtrain's own, as no published fusion model has it.
  /// - Parameter side: P.
  static func pixels(
    width: Int, side: Int, epsilon: Float, deviation: Float, _ builder: ParameterBuilder
  ) -> MaskedRegionHead {
    MaskedRegionHead(
      width: width, targets: 3 * side * side, activation: .geluErf, epsilon: epsilon, deviation: deviation,
      builder[patchHeadName])
  }

  /// What the names of its parameters begin with.
  static let patchHeadName = "patch_pixels"
  /// The parameter whose presence in weights says that they have it.
  static let patchHeadKey = patchHeadName + ".decoder.bias"
}
