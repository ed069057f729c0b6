internal import Reporting
internal import Settings

/// A JSON value together with where it stands, so that every complaint can name the file and the key.
struct JSONField {
  let value: JSONValue
  /// The keys that lead here, such as `model.vocab`.
  let key: String
  let file: String

  /// The whole of a file.
  init(parsing bytes: [UInt8], file: String) throws {
    if let content = mistakenContent(bytes) { throw TokenizerError.mistaken(file: file, content: content) }
    do {
      self.init(value: try JSONReader.parse(bytes), key: "", file: file)
    } catch JSONProblem.malformed(let line, let reason) {
      throw TokenizerError.malformed(file: file, line: line, reason: "not valid JSON: \(reason)")
    } catch JSONProblem.duplicateKey(let key) {
      throw TokenizerError.duplicateToken(file: file, token: String(decoding: key, as: UTF8.self))
    }
  }

  private init(value: JSONValue, key: String, file: String) {
    self.value = value
    self.key = key
    self.file = file
  }

  var isNull: Bool { if case .null = value { true } else { false } }

  /// The member `name` of an object, or nil if it is absent or null.
  func optional(_ name: String) throws -> JSONField? {
    guard case .object(let members) = value else { throw wrongType("an object") }
    guard let member = members.first(where: { $0.key.elementsEqual(name.utf8) }) else { return nil }
    let field = JSONField(value: member.value, key: key.isEmpty ? name : "\(key).\(name)", file: file)
    return field.isNull ? nil : field
  }

  /// The member `name` of an object, which must be there.
  func member(_ name: String) throws -> JSONField {
    if let field = try optional(name) { return field }
    throw TokenizerError.missingKey(file: file, key: key.isEmpty ? name : "\(key).\(name)")
  }

  func elements() throws -> [JSONField] {
    guard case .array(let elements) = value else { throw wrongType("a list") }
    return elements.enumerated().map { JSONField(value: $1, key: "\(key)[\($0)]", file: file) }
  }

  func utf8() throws -> [UInt8] {
    guard case .string(let bytes) = value else { throw wrongType("a text in quotes") }
    return bytes
  }

  func text() throws -> String { String(decoding: try utf8(), as: UTF8.self) }

  func flag() throws -> Bool {
    guard case .boolean(let flag) = value else { throw wrongType("true or false") }
    return flag
  }

  /// A token id: a whole number that fits 32 bits.
  func id() throws -> Int {
    guard case .number(let number) = value, let id = Int32(exactly: number), id >= 0 else {
      throw wrongType("a whole number from 0 to \(Int32.max)")
    }
    return Int(id)
  }

  /// An object of token ids, in file order.
  func vocabulary() throws -> [(token: [UInt8], id: Int)] {
    guard case .object(let members) = value else { throw wrongType("an object of token ids") }
    return try members.map { member in
      // The name of the field is made for the few that are wrong only.
      let (token, value) = (member.key, member.value)
      if case .number(let number) = value, let id = Int32(exactly: number), id >= 0 { return (token, Int(id)) }
      let name = String(decoding: token, as: UTF8.self)
      return (token, try JSONField(value: value, key: "\(key)[\"\(name)\"]", file: file).id())
    }
  }

  // MARK: Refusals

  func wrongType(_ expected: String) -> TokenizerError {
    .wrongType(file: file, key: key.isEmpty ? "the file" : key, expected: expected)
  }

  func unsupported(supported: String) -> TokenizerError {
    .unsupported(file: file, key: key, found: summary, supported: supported)
  }

  /// The member `name`, if it is there, must be `expected`: anything else would give other ids than mmtrain makes.
  func require(_ name: String, _ expected: Bool) throws {
    guard let field = try optional(name) else { return }
    if try field.flag() != expected { throw field.unsupported(supported: "\(expected)") }
  }

  /// The same for a text; `absent` is what leaving it out means.
  func require(_ name: String, _ expected: String, absent: String? = nil) throws {
    guard let field = try optional(name) else {
      if absent == expected { return }
      throw TokenizerError.missingKey(file: file, key: key.isEmpty ? name : "\(key).\(name)")
    }
    guard try field.utf8().elementsEqual(expected.utf8) else {
      throw field.unsupported(supported: "\"\(expected)\"")
    }
  }

  private var summary: String {
    switch value {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .number(let number): "\(number)"
    case .string(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
    case .array(let elements): "a list of \(elements.count)"
    case .object(let members):
      if case .string(let type) = members.first(where: { $0.key.elementsEqual("type".utf8) })?.value {
        "of type \(String(decoding: type, as: UTF8.self))"
      } else {
        "an object"
      }
    }
  }
}
