internal import Files

/// Makes the run directory and writes a small file there, through to the disk: what cannot be written is found out
/// before the first step, and not at the first checkpoint.
/// - Throws: `FileError` with the reason, exit code 73, or 74 for a full disk.
public func prepareOutputDirectory(_ path: String) throws {
  try makeDirectory(path)
  let probe = path + "/.probe"
  try writeAtomically(Array("mmtrain can write here\n".utf8), to: probe)
  try removeTree(probe)
}

/// Whether the run directory could be made and taken, as far as can be told without writing.
/// - Throws: `FileError`, exit code 73.
func checkOutputDirectory(_ path: String) throws {
  var place = path
  while !fileExists(place), parentDirectory(of: place) != place { place = parentDirectory(of: place) }
  try requireWritableDirectory(place)
  if place == path { try DirectoryLock.check(path) }
}
