/// The longest path that an entry may have, in bytes, and the longest component.
private let longestPath = 4096
private let longestComponent = 255

/// Why a name from an archive may not be used as a path below a directory, or nil where it may.
///
/// The rule looks at components, never at prefixes of strings, and at bytes, so that no encoding hides a separator:
/// no absolute path, drive letter, backslash, NUL or control character, and no empty, `.` or `..` component.
/// One slash at the end, which marks a directory, is fine.
package func nameProblem(_ name: some Collection<UInt8>) -> String? {
  if name.isEmpty { return "it is empty" }
  if name.count > longestPath { return "it has more than \(longestPath) bytes" }
  if name.first == 0x2F { return "it is absolute" }
  if name.contains(0) { return "it holds a NUL byte" }
  if name.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "it holds a control character" }
  if name.contains(0x5C) { return "it holds a backslash" }
  let head = Array(name.prefix(2))
  if head.count == 2, head[1] == 0x3A, (0x41...0x5A).contains(head[0] & 0xDF) { return "it begins with a drive letter" }
  var components = name.split(separator: 0x2F, omittingEmptySubsequences: false)
  if components.count > 1, components.last?.isEmpty == true { components.removeLast() }
  for component in components {
    if component.isEmpty { return "it has an empty component" }
    if component.elementsEqual([0x2E, 0x2E]) { return "it leads upwards" }
    if component.elementsEqual([0x2E]) { return "it has a “.” component" }
    if component.count > longestComponent { return "a component has more than \(longestComponent) bytes" }
  }
  return nil
}

/// Tells whether names in one archive get in each other's way: the same name twice, two names that differ in case or
/// Unicode form only, or a file that another entry uses as a directory.
struct NameClashes {
  private var files: [String: String] = [:]
  private var parents: [String: String] = [:]

  /// The earlier entry that `name` clashes with, or nil. Directories may come more than once.
  mutating func clash(with name: String, isDirectory: Bool) -> String? {
    let folded = fold(name)
    if let file = files[folded] { return file }
    for parent in ancestors(of: folded) {
      if let file = files[parent] { return file }
      if parents[parent] == nil { parents[parent] = name }
    }
    if isDirectory {
      if parents[folded] == nil { parents[folded] = name }
      return nil
    }
    if let user = parents[folded] { return user }
    files[folded] = name
    return nil
  }

  private func fold(_ name: String) -> String {
    (name.last == "/" ? String(name.dropLast()) : name).lowercased()
  }

  private func ancestors(of name: String) -> [String] {
    name.indices.filter { name[$0] == "/" }.map { String(name[..<$0]) }
  }
}
