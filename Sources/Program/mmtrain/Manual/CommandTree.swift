internal import FoundationEssentials

/// The commands and their options, as the argument parser describes them to other programs.
struct CommandTree: Decodable {
  let commandName: String
  let abstract: String?
  let discussion: String?
  let shouldDisplay: Bool
  let subcommands: [CommandTree]?
  let arguments: [Argument]?

  struct Argument: Decodable {
    let kind: Kind
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let defaultValue: String?
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool
  }

  enum Kind: String, Decodable {
    case positional, option, flag
  }

  struct Name: Decodable {
    let kind: String
    let name: String

    var text: String { (kind == "long" ? "--" : "-") + name }
  }

  /// - Parameter json: what `--experimental-dump-help` prints.
  init(json: String) throws {
    struct Document: Decodable { let command: CommandTree }
    self = try JSONDecoder().decode(Document.self, from: Data(json.utf8)).command
  }
}
