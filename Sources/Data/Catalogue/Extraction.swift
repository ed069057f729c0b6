internal import Archives
internal import Files
internal import Reporting

/// Takes caption and split files out of the archives that a manifest says they are in.
struct Extraction {
  let directory: String

  /// The file of a role: one that was fetched as it is, or one that is taken out of its archive now, with those that are
  /// to lie beside it. Nil where the role has none of its own.
  func path(of files: [SourceFile], role: SourceFile.Role) throws -> String? {
    guard let file = files.first(where: { $0.role == role && $0.isReadByItself }) else { return nil }
    let path = directory + "/" + file.name
    guard let first = file.members.first else { return path }
    let folder = "\(directory)/\(extractedFolder)/\(role.rawValue)"
    try removeTree(folder)
    try makeDirectory(folder)
    let unpacking = UnpackingDirectory("\(directory)/\(extractedFolder)/unpacked")
    let source = try openSource(path, unpacking: unpacking)
    for member in file.members {
      let bytes = try source.read(name(of: member, in: source.names, path: path))
      try writeAtomically(bytes, to: folder + "/" + member)
    }
    try unpacking.remove()
    return folder + "/" + first
  }

  /// The one file of the archive that has the base name.
  private func name(of member: String, in names: [String], path: String) throws -> String {
    let found = names.filter { lastComponent(of: $0) == member }
    guard let name = found.first else {
      let suggestion = nearest(to: member, among: names.map { lastComponent(of: $0) })
      throw CatalogueError.missingMember(path: path, member: member, suggestion: suggestion)
    }
    guard found.count == 1 else {
      throw CatalogueError.severalMembers(path: path, member: member, first: name, second: found[1])
    }
    return name
  }
}
