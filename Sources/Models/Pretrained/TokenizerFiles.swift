internal import Foundation
public import Tokenization

/// The small files beside `tokenizer.json` from which transformers knows the special tokens: `tokenizer_config.json` and
/// `special_tokens_map.json`.
public func tokenizerSideFiles(
  _ tokenizer: any Tokenizer, json: [UInt8], contextLength: Int
) throws -> [(name: String, bytes: [UInt8])] {
  let content = try JSONDecoder().decode(TokenizerContent.self, from: Data(json))
  func text(_ id: Int32) -> String? { content.addedTokens.first { $0.id == Int(id) }?.content }
  var special: [(String, String)] = []
  let isWordPiece = tokenizer is WordPiece
  if isWordPiece {
    special = [("cls_token", text(tokenizer.startToken)), ("sep_token", text(tokenizer.endToken))].compactMap(pair)
  } else {
    special = [("bos_token", text(tokenizer.startToken)), ("eos_token", text(tokenizer.endToken))].compactMap(pair)
  }
  special += [
    ("pad_token", text(tokenizer.padToken) ?? text(tokenizer.endToken)), ("unk_token", content.model.unkToken),
  ]
  .compactMap(pair)
  let names = special.map { "  \(quoted($0.0)): \(quoted($0.1))" }
  let configuration =
    names + [
      "  \"model_max_length\": \(contextLength)",
      "  \"tokenizer_class\": \"\(isWordPiece ? "BertTokenizer" : "CLIPTokenizer")\"",
    ]
  return [
    ("tokenizer_config.json", Array("{\n\(configuration.joined(separator: ",\n"))\n}\n".utf8)),
    ("special_tokens_map.json", Array("{\n\(names.joined(separator: ",\n"))\n}\n".utf8)),
  ]
}

private func pair(_ name: String, _ text: String?) -> (String, String)? { text.map { (name, $0) } }

private func quoted(_ text: String) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .withoutEscapingSlashes
  return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
}

private struct TokenizerContent: Decodable {
  struct Added: Decodable {
    let id: Int
    let content: String
  }

  struct Model: Decodable {
    let unkToken: String?

    private enum CodingKeys: String, CodingKey {
      case unkToken = "unk_token"
    }
  }

  let addedTokens: [Added]
  let model: Model

  private enum CodingKeys: String, CodingKey {
    case addedTokens = "added_tokens"
    case model
  }
}
