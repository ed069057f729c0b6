internal import TensorEngine

/// How attention becomes an explanation.
public enum ExplanationMethod: String, CaseIterable, Sendable {
  /// By attention and its gradient (Chefer et al., 2021).
  case relevance
  /// By attention alone (Abnar & Zuidema, 2020).
  case rollout

  /// What it goes by, for people.
  public var words: String {
    switch self {
    case .relevance:
      "Relevance by attention and its gradient (Chefer et al., 2021): what an attention does counts as far as more of it "
        + "would raise the score."
    case .rollout: "Attention rollout (Abnar & Zuidema, 2020): what attention does counts, whatever the score."
    }
  }

  var rule: any RelationRule {
    switch self {
    case .relevance: GradientRelevance()
    case .rollout: AttentionRollout()
    }
  }

  /// What tokens of a pair are made of, by all attentions of a pass over it.
  /// - Parameter streams: what encoders made; further ones are found in the maps.
  func relations(_ record: AttentionRecord, streams: [TokenSpan]) throws(ExplanationError) -> TokenRelations {
    var relations = TokenRelations(try Self.streams(record.maps, and: streams))
    var before = relations
    for map in record.maps {
      if map.meeting == map.attention { before = relations }
      let step = AttentionStep(
        map: map, queries: relations.places(of: map.queries), keys: relations.places(of: map.keys))
      rule.apply(step, before: before, to: &relations)
    }
    return relations
  }

  private static func streams(
    _ maps: [AttentionMap], and known: [TokenSpan]
  ) throws(ExplanationError) -> [TokenSpan] {
    var found = known
    for map in maps {
      guard !map.queries.isEmpty, !map.keys.isEmpty else { throw .unnamedTokens(attention: map.attention + 1) }
      precondition(map.segment == 0, "an explanation is of one image and one text")
      for span in map.queries + map.keys {
        let same = found.first { $0.stream == span.stream }
        guard same?.count ?? span.count == span.count else {
          throw .changedTokens(stream: span.stream.name, before: same?.count ?? 0, now: span.count)
        }
        if same == nil { found.append(span) }
      }
    }
    return found
  }
}
