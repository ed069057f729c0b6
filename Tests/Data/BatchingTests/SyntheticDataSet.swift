import Batching
import Images
import Randomness

/// A photo that differs from those of other numbers.
func syntheticJPEG(_ number: Int, width: Int = 24, height: Int = 18) throws -> [UInt8] {
  var random = RandomStream(seed: 7, UInt64(number))
  let colour = (0..<3).map { _ in UInt8(random.integer(below: 256)) }
  let pixels = (0..<width * height).flatMap { i in
    (0..<3).map { c in i % width < number % width ? colour[c] : 255 - colour[c] }
  }
  return try encodeJPEG(Image(width: width, height: height, pixels: pixels), quality: 90)
}

/// Writes a data set of `train` and `validation` samples with 1 to 5 captions each, in small shards.
func writeSyntheticDataSet(
  _ directory: String, train: Int, validation: Int = 0, shardBytes: Int = 20_000,
  captions: (Int) -> [String] = { n in (0...n % 5).map { "Caption \($0) of  photo \(n)" } }
) throws {
  let writer = try PreparedDataSetWriter(
    directory: directory, description: DataSetDescription(name: "synthetic"), shardBytes: shardBytes)
  for (split, count, first) in [("train", train, 0), ("validation", validation, 10_000)] {
    for i in first..<first + count {
      let name = "photo-" + String(100_000 + i)
      try writer.add(
        image: try syntheticJPEG(i), width: 24, height: 18,
        record: SampleRecord(key: name, fileName: name + ".jpg", split: split, captions: captions(i)))
    }
  }
  try writer.finish()
}
