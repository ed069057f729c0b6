internal import Catalogue

/// Reads the manifest of a data set, whose names become files and whose addresses are asked.
func readCatalogue(_ bytes: UnsafeRawBufferPointer) throws {
  let manifest = try withFile(bytes) { try SourceManifest(file: $0) }
  try require(isBaseName(manifest.name), "the name \(manifest.name.debugDescription) was let through")
  try require(manifest.isFetchable || manifest.obtain != nil, "it is known where the photos come from")
  for file in manifest.files { try checkFile(file) }
  try require(
    Set(manifest.files.map { $0.name.lowercased() }).count == manifest.files.count, "every file has a name of its own")
  try require((manifest.size ?? 0) >= 0, "sizes can be added")
  let expected = manifest.expected
  let counts = [expected.photos, expected.captions, expected.captionsPerPhoto].compactMap(\.self)
  try require((counts + expected.splits.map(\.photos)).allSatisfy { $0 >= 0 }, "nothing is expected less than no times")
}

private func checkFile(_ file: SourceFile) throws {
  for name in [file.name] + file.members {
    try require(isBaseName(name), "the name \(name.debugDescription) was let through")
  }
  try require(!file.urls.isEmpty, "a file has an address")
  for url in file.urls {
    let isSecure = url.utf8.starts(with: "https://".utf8)
    try require(
      isSecure || url.utf8.starts(with: "http://".utf8) && file.sha256 != nil,
      "the address \(url.debugDescription) was let through")
    try require(url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }, "an address has no spaces or control characters")
  }
  try require((file.size ?? 1) > 0, "a file has bytes")
  for (digest, digits) in [(file.sha256, 64), (file.md5, 32)] {
    try require(
      digest?.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } ?? true
        && digest?.utf8.count ?? digits == digits, "a digest has its digits")
  }
}

/// The rule once more, by bytes: it names a file of a folder and nothing elsewhere, and nothing hidden.
private func isBaseName(_ name: String) -> Bool {
  (1...200).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: ".")
    && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x2F && $0 != 0x5C && $0 != 0x7F }
}
