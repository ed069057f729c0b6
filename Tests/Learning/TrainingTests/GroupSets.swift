import Batching
import Files
import Images
import Randomness
import TestSupport

/// A prepared set once more, each of whose samples is of a group or is not.
/// - Parameter change: is given the place of a sample in its split.
func writeGrouped(
  from path: String, to directory: String, _ change: (_ place: Int, inout SampleRecord) -> Void
) throws {
  let found = try PreparedDataSet(path: path)
  let writer = try PreparedDataSetWriter(directory: directory, description: .init(name: "grouped"))
  try writer.addFile("tokenizer.json", bytes: try found.sideFile("tokenizer.json") ?? [])
  for split in found.manifest.splits {
    for (place, sample) in try found.samples(split: split.name).enumerated() {
      var record = try found.record(sample)
      change(place, &record)
      try found.withImageBytes(sample) {
        try writer.add(image: Array($0), width: sample.width, height: sample.height, record: record)
      }
    }
  }
  try writer.finish()
}

/// Photos of two kinds of birds, `label:bird`, that their left half tells from each other five times in six, and of two places, `label:place`,
/// which their right half tells always. Nine in ten train beside their own place, so that the place tells the bird more often than the bird
/// does; in the split `test` half of them.
func writeBirds(to directory: String) throws {
  let writer = try PreparedDataSetWriter(directory: directory, description: .init(name: "birds"))
  try writer.addFile("tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
  for (split, strangers, each) in [("train", 1, 200), ("test", 5, 120)] {
    for number in 0..<2 * each {
      let bird = number % 2
      let place = number / 2 % 10 < strangers ? 1 - bird : bird
      var random = RandomStream(seed: 3, split == "train" ? 0 : 1, UInt64(number))
      let tell = 128 + 30 * (Float(2 * bird - 1) + random.normal())
      let levels = [UInt8(min(255, max(0, tell))), place == 0 ? 60 : 200]
      let pixels = (0..<256).flatMap { [UInt8](repeating: levels[$0 % 16 < 8 ? 0 : 1], count: 3) }
      var columns = SampleColumns()
      columns.labels = ["bird": [bird == 0 ? "landbird" : "waterbird"], "place": [place == 0 ? "land" : "water"]]
      try writer.add(
        image: storedPNG(Image(width: 16, height: 16, pixels: pixels)), width: 16, height: 16,
        record: SampleRecord(
          key: "\(split)\(1000 + number)", fileName: "\(split)\(1000 + number)", split: split, captions: ["a bird"],
          columns: columns))
    }
  }
  try writer.finish()
}
