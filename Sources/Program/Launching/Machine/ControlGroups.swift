/// A folder of the kernel's that describes a control group.
package struct ControlGroupFolder {
  package let path: String
  /// Version 2 of the interface, in which one tree has all controllers.
  let isUnified: Bool
}

/// The groups of this process that `controller` rules, and those around them, innermost first.
/// - Parameter root: where /proc and /sys are, for tests.
package func controlGroupFolders(_ controller: String, root: String) -> [ControlGroupFolder] {
  var found: [ControlGroupFolder] = []
  for line in procText(root + "/proc/self/cgroup").split(separator: "\n") {
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { continue }
    if parts[1].split(separator: ",").contains(Substring(controller)) {
      // Controllers that share a tree are mounted under all their names; a link has the single one, where it was made.
      let mounts = Set([String(parts[1]), controller]).map { "/sys/fs/cgroup/" + $0 }.sorted()
      found += folders(root, mounts, String(parts[2]), isUnified: false)
    } else if parts[1].isEmpty {
      found += folders(root, ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"], String(parts[2]), isUnified: true)
    }
  }
  return found
}

private func folders(
  _ root: String, _ mounts: [String], _ group: String, isUnified: Bool
) -> [ControlGroupFolder] {
  mounts.flatMap { folders(root + $0, group) }.map { ControlGroupFolder(path: $0, isUnified: isUnified) }
}

/// `mount/a/b`, `mount/a`, `mount`. In a container the path may be one of the world outside: then only the last is there.
private func folders(_ mount: String, _ path: String) -> [String] {
  var parts = path.split(separator: "/")
  var folders: [String] = []
  while true {
    folders.append(([mount] + parts.map(String.init)).joined(separator: "/"))
    if parts.isEmpty { return folders }
    parts.removeLast()
  }
}

/// The first line of a file of the kernel; empty where it is absent.
package func firstLine(_ path: String) -> String {
  procText(path).split(separator: "\n").first.map(String.init) ?? ""
}
