internal import Foundation
package import Randomness

extension Augmentation {
  /// A random box of the wanted area and shape: ten attempts, then the largest centred one of a permitted shape
  /// (torchvision, RandomResizedCrop.get_params).
  package func crop(width: Int, height: Int, random: inout RandomStream) -> PixelBox {
    let area = Double(width * height)
    let logarithms = Float(log(Double(cropRatio.lowerBound)))...Float(log(Double(cropRatio.upperBound)))
    for _ in 0..<10 {
      let wanted = area * Double(random.uniform(in: cropScale))
      let ratio = exp(Double(random.uniform(in: logarithms)))
      let w = Int((wanted * ratio).squareRoot().rounded(.toNearestOrEven))
      let h = Int((wanted / ratio).squareRoot().rounded(.toNearestOrEven))
      guard w > 0, h > 0, w <= width, h <= height else { continue }
      let y = random.integer(below: height - h + 1)
      let x = random.integer(below: width - w + 1)
      return PixelBox(x: x, y: y, width: w, height: h)
    }
    return largestCentred(width: width, height: height)
  }

  private func largestCentred(width: Int, height: Int) -> PixelBox {
    let ratio = Double(width) / Double(height)
    var w = width
    var h = height
    if ratio < Double(cropRatio.lowerBound) {
      h = Int((Double(width) / Double(cropRatio.lowerBound)).rounded(.toNearestOrEven))
    } else if ratio > Double(cropRatio.upperBound) {
      w = Int((Double(height) * Double(cropRatio.upperBound)).rounded(.toNearestOrEven))
    }
    w = max(1, min(w, width))
    h = max(1, min(h, height))
    return PixelBox(x: (width - w) / 2, y: (height - h) / 2, width: w, height: h)
  }
}
