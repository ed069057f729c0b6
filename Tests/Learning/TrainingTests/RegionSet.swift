import Batching
import Files
import Images
import TestSupport

/// A prepared set of 60 photos of three kinds, each of a grey of its own, so that only their regions tell the kinds: 1 to 3 regions of 4 numbers, of which the
/// kind's own is large, in boxes that differ. A text says the kind.
/// - Parameter regions: of a photo, in the place of its own.
func writeRegionSet(
  _ path: String, regions: (_ number: Int, RegionFeatures) throws -> RegionFeatures? = { $1 }
) throws {
  let writer = try PreparedDataSetWriter(directory: path, description: .init(name: "regions"))
  try writer.addFile(
    "tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
  for number in 0..<60 {
    let kind = number % 3
    let grey = [UInt8](repeating: UInt8(60 + number), count: 768)
    let photo = try encodeJPEG(Image(width: 16, height: 16, pixels: grey), quality: 90)
    try writer.add(
      image: photo, width: 16, height: 16,
      record: SampleRecord(
        key: "k\(100 + number)", fileName: "\(100 + number)", split: number < 40 ? "train" : "validation",
        captions: ["a \(["red", "green", "blue"][kind]) one"]),
      regions: try regions(number, regionsOf(kind: kind, number)))
  }
  try writer.finish()
}

private func regionsOf(kind: Int, _ number: Int) throws -> RegionFeatures {
  let (count, width) = (1 + number % 4 % 3, 4)
  let features = (0..<count * width).map { place in
    Float16(place % width == kind ? 2 : 0.01 * Double((number * 7 + place * 5) % 11)).bitPattern
  }
  return try RegionFeatures(
    features: features, boxes: (0..<count).flatMap { [0, 0, Float($0 + 1) / 4, Float(number % 5 + 1) / 8] })
}

/// The same regions with probabilities of five classes, of which the kind's own has most: the background first, one that is no
/// photo's last.
func withClasses(_ number: Int, _ regions: RegionFeatures) throws -> RegionFeatures {
  try RegionFeatures(
    features: regions.features, boxes: regions.boxes,
    probabilities: (0..<regions.count).flatMap { region in
      (0..<5).map { Float16($0 == number % 3 + 1 ? 0.75 : ($0 + region) % 2 == 0 ? 0.05 : 0.075).bitPattern }
    })
}
