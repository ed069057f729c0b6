internal import Batching
internal import Preparation

/// Reads an array; one that is taken has its numbers, and can be written and read again.
func readArray(_ bytes: UnsafeRawBufferPointer) throws {
  let array = try NPYArray(reading: bytes, place: "input.npy")
  try require(array.count == array.shape.reduce(1, *), "an array has as many numbers as its shape says")
  let counts = [array.floats?.count, array.halves?.count, array.integers?.count].compactMap(\.self)
  try require(!counts.isEmpty && counts.allSatisfy { $0 == array.count }, "an array has numbers of its type")
  try require(try NPYArray(reading: array.encoded, place: "again.npy") == array, "an array survives being written")
}

/// Reads a table of regions whose first row is of the photo `a`: what stands behind its key, and further rows.
func readRegions(_ bytes: UnsafeRawBufferPointer) throws {
  try withDirectory { directory in
    try write(Array("a\t".utf8) + bytes, to: directory + "/input.tsv")
    let files = try RegionFiles([directory + "/input.tsv"], photos: ["a.jpg"])
    try require(files.counts.rows >= 1 && files.counts.photosWithoutRow == 0, "the first row finds its photo")
    guard let reading = try files.reading(of: "a.jpg", width: 40, height: 30) else {
      throw Misbehaviour("a row that found its photo has no regions")
    }
    let regions = reading.features
    try require(regions.features.count == regions.count * regions.width, "every region has its numbers")
    try require(
      regions.boxes.count == 4 * regions.count && regions.boxes.allSatisfy { (0...1).contains($0) },
      "boxes lie within the photo")
    let members = Dictionary(uniqueKeysWithValues: regions.members.map { ($0.member, $0.bytes) })
    try require(try RegionFeatures(place: "a") { members[$0] } == regions, "regions survive being written")
  }
}
