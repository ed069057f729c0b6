/// The tokens that a file lists: those of its vocabulary, and the added ones, which may stand in both lists.
struct TokenIds {
  /// What to call the source in errors.
  let file: String
  let vocabulary: [(token: [UInt8], id: Int)]
  let added: [(content: [UInt8], id: Int, isNormalized: Bool)]

  /// The text of every token by id, after checking that the ids are 0, 1, 2, … and no text is there twice.
  ///
  /// - Throws: `TokenizerError`, naming the first offender.
  func tokens() throws -> [[UInt8]] {
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

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// A token that a section other than the vocabulary names, with the id it gives it, if it gives one.
struct NamedToken {
  var text: [UInt8]
  var id: Int?
  /// Where it is named, for errors.
  var key = "the text's start or end"

  /// The id that the vocabulary gives the token.
  ///
  /// - Throws: `TokenizerError` if there is none, or another than the section says.
  func resolve(in ids: [[UInt8]: Int32], file: String) throws -> Int32 {
    let name = String(decoding: text, as: UTF8.self)
    guard let known = ids[text] else { throw TokenizerError.unknownToken(file: file, key: key, token: name) }
    if let id, id != Int(known) {
      throw TokenizerError.differentId(file: file, token: name, id: id, vocabularyId: Int(known))
    }
    return known
  }
}
