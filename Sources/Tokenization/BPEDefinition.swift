/// All that makes a byte-level BPE tokenizer, as a file or a training run states it and before anything is checked.
struct BPEDefinition {
  /// What to call the source in errors.
  var file: String
  /// The tokens in byte symbols, and special ones as they are.
  var vocabulary: [(token: [UInt8], id: Int)]
  /// In order of rank.
  var merges: [(left: [UInt8], right: [UInt8])]
  /// Where the merge of that rank stands in the file, for errors.
  var mergePlace: @Sendable (Int) -> String = { "merge \($0)" }
  var added: [(content: [UInt8], id: Int, isNormalized: Bool)]
  var start: NamedToken
  var end: NamedToken
  /// What stands for a byte that has no symbol in the vocabulary; without it such bytes vanish.
  var unknown: [UInt8]?
}

extension BPEDefinition {
  /// The text of every token by id, after checking that the ids are 0, 1, 2, … and no text is there twice.
  func tokensById() throws -> [[UInt8]] {
    var ids: [[UInt8]: Int] = [:]
    for (token, id) in vocabulary {
      guard ids.updateValue(id, forKey: token) == nil else {
        throw TokenizerError.duplicateToken(file: file, token: text(token))
      }
    }
    var all = vocabulary
    for added in added {
      if let id = ids[added.content] {
        guard id == added.id else {
          throw TokenizerError.differentId(file: file, token: text(added.content), id: added.id, vocabularyId: id)
        }
      } else {
        ids[added.content] = added.id
        all.append((added.content, added.id))
      }
    }
    return try placed(all)
  }

  private func placed(_ all: [(token: [UInt8], id: Int)]) throws -> [[UInt8]] {
    var tokens = [[UInt8]?](repeating: nil, count: all.count)
    for (token, id) in all where id < all.count {
      if let other = tokens[id] {
        throw TokenizerError.duplicateId(file: file, id: id, tokens: [text(other), text(token)])
      }
      tokens[id] = token
    }
    return try tokens.enumerated().map { id, token in
      guard let token else { throw TokenizerError.missingId(file: file, id: id, count: all.count) }
      return token
    }
  }

  func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
