internal import Archives
internal import Batching
internal import Files

/// The tables and single files at the paths that were named.
struct RegionSources {
  private(set) var tables: [RegionTable] = []
  /// `.npz` files, each of the photo that its name says: of a folder's, the path in there without the extension.
  private(set) var arrays: [(path: String, key: String)] = []
  /// What was passed over in folders, in words.
  private(set) var notes: [String] = []

  /// - Throws: `RegionError`, `NPYError` for what is no such file, `FileError` where there is none.
  init(_ paths: [String]) throws {
    for path in paths {
      if isDirectory(path) { try add(folder: path) } else { try add(file: path) }
    }
  }

  /// A folder is searched for files of single photos; tables are named one by one, as others lie beside them.
  private mutating func add(folder path: String) throws {
    let source = try FolderSource(path: path)
    let found = source.names.filter { extensionOf($0) == "npz" }
    if found.isEmpty {
      let named = source.names.filter { ["npy", "mdb", "tsv"].contains(extensionOf($0)) }
      if let other = named.first(where: { extensionOf($0) != "tsv" }) { try add(file: path + "/" + other) }
      throw RegionError.noRegions(path: path, found: named.isEmpty ? source.names : named)
    }
    arrays += found.map { (path + "/" + $0, withoutExtension($0)) }
    notes += source.notes + source.leftOut.map { "\($0.name): \($0.reason)" }
    let others = source.names.count - found.count
    if others > 0 { notes.append("files in \(path) that are no .npz and were not read: \(others)") }
  }

  private mutating func add(file path: String) throws {
    switch extensionOf(path) {
    case "npz": arrays.append((path, withoutExtension(lastComponent(of: path))))
    case "npy": try refuse(array: path)
    case "mdb":
      throw RegionError.otherKind(
        path: path, kind: "a database of LMDB",
        advice: "write an .npz for each of its entries in Python: "
          + "numpy.savez(\"PHOTO.npz\", features=…, norm_bb=…, conf=…, soft_labels=…)")
    default:
      try refuse(archive: path)
      tables.append(try RegionTable(path: path))
    }
  }

  private func withoutExtension(_ name: String) -> String { String(name.dropLast(".npz".count)) }

  /// Of the `.npy` files of regions that there are, all hold pickles; an array of numbers lacks the boxes.
  private func refuse(array path: String) throws {
    _ = try NPYArray(reading: readFile(path), place: path)
    throw RegionError.otherKind(
      path: path, kind: "an array alone",
      advice: "write it with its boxes in Python: "
        + "numpy.savez(\"PHOTO.npz\", features=…, norm_bb=…), boxes as shares of the photo from 0 to 1")
  }

  private func refuse(archive path: String) throws {
    let file = try MappedFile(path)
    let known: [(bytes: [UInt8], kind: String)] = [
      ([0x50, 0x4B, 3, 4], "a zip archive"), ([0x1F, 0x8B], "a gzip file"), ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
    ]
    let found = withExtendedLifetime(file) { known.first { file.bytes.starts(with: $0.bytes) } }
    guard let found else { return }
    throw RegionError.otherKind(
      path: path, kind: found.kind,
      advice: "unpack or convert it, and name the table (.tsv) or the folder with an .npz a photo")
  }
}
