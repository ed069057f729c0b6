/// The longest path that an entry may have, in bytes, and the longest component. Linux takes less than 4096 bytes
/// together with the folder that the archive is unpacked in; what is longer is written step by step and then not found.
private let longestPath = 2048
private let longestComponent = 255
/// The most components.
private let deepest = 128

let slash = UInt8(ascii: "/")
let backslash = UInt8(ascii: "\\")

/// The name without what means nothing: `.` components and empty ones, as in `./a//b`. A slash at the beginning stays,
/// and so does one at the end, which marks a folder; a folder's name may as well end in `/.`.
func tidied(_ name: [UInt8]) -> [UInt8] {
  let all = name.split(separator: slash, omittingEmptySubsequences: false)
  func means(_ part: ArraySlice<UInt8>) -> Bool { !part.isEmpty && !part.elementsEqual(".".utf8) }
  let parts = all.filter(means)
  guard let last = all.last, !parts.isEmpty else { return name.first == slash ? [slash] : [] }
  return (name.first == slash ? [slash] : []) + parts.joined(separator: [slash]) + (means(last) ? [] : [slash])
}

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
  if name.contains(where: { $0 < 0x20 || $0 == 0x7F }) || hasWideControl(name) {
    return "it holds a control character"
  }
  if name.contains(0x5C) { return "it holds a backslash" }
  let head = Array(name.prefix(2))
  if head.count == 2, head[1] == 0x3A, (0x41...0x5A).contains(head[0] & 0xDF) { return "it begins with a drive letter" }
  var components = name.split(separator: 0x2F, omittingEmptySubsequences: false)
  if components.count > 1, components.last?.isEmpty == true { components.removeLast() }
  if components.count > deepest { return "it leads more than \(deepest) folders deep" }
  for component in components {
    if component.isEmpty { return "it has an empty component" }
    if component.elementsEqual([0x2E, 0x2E]) { return "it leads upwards" }
    if component.elementsEqual([0x2E]) { return "it has a “.” component" }
    if component.count > longestComponent { return "a component has more than \(longestComponent) bytes" }
  }
  return nil
}

/// What stands between the slashes. By scalars, as the system does it: to Swift a slash with an accent behind it is a
/// character of its own.
func componentsOfPath(_ name: String) -> [String] { name.unicodeScalars.split(separator: "/").map { String($0) } }

/// U+0080 to U+009F in UTF-8, among them the one that begins escape codes as ESC [ does.
private func hasWideControl(_ name: some Collection<UInt8>) -> Bool {
  zip(name, name.dropFirst()).contains { $0 == 0xC2 && (0x80...0x9F).contains($1) }
}

/// Tells whether names in one archive get in each other's way: the same name twice, two names that differ in Unicode form
/// only, or a file that another entry uses as a directory. `IMG.JPG` and `IMG.jpg` are two files; where they cannot be, the
/// one who unpacks them says so.
///
/// A tree of components, so that memory grows with the names' bytes however deep they lead.
struct NameClashes {
  private struct Place: Hashable {
    let parent: Int
    let component: String
  }
  private struct Node {
    let number: Int
    let isFile: Bool
    /// The entry that brought it in.
    let name: String
  }
  private var nodes: [Place: Node] = [:]

  /// The earlier entry that `name` clashes with, or nil. Directories may come more than once.
  mutating func clash(with name: String, isDirectory: Bool) -> String? {
    let components = componentsOfPath(name)
    var parent = 0
    for (depth, component) in components.enumerated() {
      let isFile = !isDirectory && depth == components.count - 1
      let place = Place(parent: parent, component: component)
      let node = nodes[place]
      if let node, node.isFile || isFile { return node.name }
      parent = node?.number ?? nodes.count + 1
      if node == nil { nodes[place] = Node(number: parent, isFile: isFile, name: name) }
    }
    return nil
  }
}
