internal import Documents
internal import Downloads
internal import Files
internal import Reporting

/// Reads the key `files` of a manifest.
enum FileListReader {
  private static let keys = ["name", "role", "urls", "sha256", "md5", "size", "members"]
  private static let largest = 1 << 50
  /// So that the sizes of all can be added.
  private static let most = 1_000

  static func files(_ value: DocumentValue, _ fields: inout FieldReader) -> [SourceFile] {
    guard case .list(let items) = value.content, !items.isEmpty else {
      fields.fail(value, "files must be a list, each file beginning with a dash: `- name: photos.zip`")
      return []
    }
    guard items.count <= most else {
      fields.fail(value, "files are \(items.count), and at most \(most) are taken; pack them into fewer archives")
      return []
    }
    var files: [SourceFile] = []
    for item in items {
      guard let file = file(item, &fields) else { continue }
      if let same = files.first(where: { $0.name.lowercased() == file.name.lowercased() }) {
        fields.fail(
          item, "\(printable(file.name)) and \(printable(same.name)) would be one file; give them other names")
      }
      files.append(file)
    }
    for role in [SourceFile.Role.captions, .splits] {
      let read = files.filter { $0.role == role && $0.isReadByItself }
      if read.count > 1 {
        fields.fail(
          value,
          "\(read.map { printable($0.name) }.joined(separator: " and ")) both are the file of role \(role.rawValue); "
            + "there may be one")
      }
    }
    return files
  }

  private static func file(_ item: DocumentValue, _ fields: inout FieldReader) -> SourceFile? {
    guard let members = fields.members(item, of: "a file", keys: keys) else { return nil }
    let urls = urls(members["urls"], item, &fields)
    let name = name(members["name"], urls, item, &fields)
    let role = role(members["role"], item, &fields)
    guard let name, let role else { return nil }
    var file = SourceFile(name: name, role: role, urls: urls.map(\.text))
    file.sha256 = fields.digest(members["sha256"], "sha256", digits: 64)
    file.md5 = fields.digest(members["md5"], "md5", digits: 32)
    file.size = fields.count(members["size"], "size", in: 1...largest)
    for (text, place) in fields.texts(members["members"], "members") ?? [] {
      if let fault = faultOfBaseName(text) { fields.fail(place, "members: \(printable(text)) \(fault)") }
      file.members.append(text)
    }
    if let place = members["members"], role == .photos {
      fields.fail(place, "members are for files of role captions or splits; photos are all taken")
    }
    if members["sha256"] == nil, let plain = urls.first(where: { $0.text.hasPrefix("http://") }) {
      fields.fail(
        plain.place, "http:// can be changed on the way: allowed only with sha256; use https://, or give sha256")
    }
    return file
  }

  private static func urls(
    _ value: DocumentValue?, _ item: DocumentValue, _ fields: inout FieldReader
  ) -> [(text: String, place: DocumentValue)] {
    guard let value else {
      fields.fail(item, "a file needs urls: its addresses, the best one first")
      return []
    }
    let urls = fields.texts(value, "urls") ?? []
    if case .list(let items) = value.content, items.isEmpty { fields.fail(value, "urls is empty") }
    for (text, place) in urls where !isWebAddress(text) {
      fields.fail(place, "urls: \(shown(text)) is no address that begins with https:// or http://")
    }
    return urls
  }

  private static func name(
    _ value: DocumentValue?, _ urls: [(text: String, place: DocumentValue)], _ item: DocumentValue,
    _ fields: inout FieldReader
  ) -> String? {
    if let value {
      guard let name = fields.text(value, "name") else { return nil }
      guard let fault = faultOfBaseName(name) else { return name }
      fields.fail(value, "name: \(printable(name)) \(fault)")
      return nil
    }
    guard let url = urls.first?.text else { return nil }
    if let name = baseName(ofURL: url) { return name }
    fields.fail(item, "the address \(shown(url)) gives no safe file name; add name: such as photos.zip")
    return nil
  }

  private static func role(
    _ value: DocumentValue?, _ item: DocumentValue, _ fields: inout FieldReader
  ) -> SourceFile.Role? {
    let names = SourceFile.Role.allCases.map(\.rawValue)
    guard let value else {
      fields.fail(item, "a file needs role: \(names.joined(separator: ", "))")
      return nil
    }
    guard let text = fields.text(value, "role") else { return nil }
    if let role = SourceFile.Role(rawValue: text) { return role }
    let hint = nearest(to: text, among: names).map { "; did you mean \($0)?" } ?? ""
    fields.fail(value, "role must be one of \(names.joined(separator: ", ")), not \(printable(text))\(hint)")
    return nil
  }
}

extension SourceFile {
  /// Whether preparing reads it as the one file of its role, rather than as an archive beside the photos.
  var isReadByItself: Bool { !members.isEmpty || !isArchiveName(name) }
}
