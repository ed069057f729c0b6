/// What a text may not go on with, and what it had better not.
struct TokenRules {
  let settings: DecodingSettings
  let stop: Int32

  /// Tokens that may not come next.
  func forbidden(after tokens: [Int32]) -> Set<Int32> {
    var found = repeated(after: tokens)
    if tokens.count < settings.minimumLength { found.insert(stop) }
    return found
  }

  /// Whether a text ends with a token, or with its last place.
  func ends(_ token: Int32, at length: Int) -> Bool { token == stop || length >= settings.maximumLength }

  /// What would make the text's last tokens a row that it has already.
  private func repeated(after tokens: [Int32]) -> Set<Int32> {
    let length = settings.blockedRepetition
    guard length > 0, tokens.count >= length else { return [] }
    let last = tokens.suffix(length - 1)
    var found: Set<Int32> = []
    for start in 0...tokens.count - length where tokens[start..<start + length - 1].elementsEqual(last) {
      found.insert(tokens[start + length - 1])
    }
    return found
  }

  /// Changes the logits of tokens that the text has.
  func penalize(_ logits: UnsafeMutableBufferPointer<Float>, _ tokens: [Int32]) {
    guard settings.repetitionPenalty != 1 else { return }
    let penalty = Float(settings.repetitionPenalty)
    for token in Set(tokens) {
      let logit = logits[Int(token)]
      logits[Int(token)] = logit > 0 ? logit / penalty : logit * penalty
    }
  }
}
