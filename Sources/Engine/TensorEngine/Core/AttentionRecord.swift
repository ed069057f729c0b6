/// Tokens that belong together, as those name them who lay out the rows of attentions: of a text, say.
public struct TokenStream: Hashable, Sendable {
  public let name: String

  public init(_ name: String) { self.name = name }
}

/// Which tokens the rows of an attention's segments are: those of one stream, or of several end to end.
public struct TokenStreams: Sendable {
  /// In the order in which a segment holds them.
  public let streams: [TokenStream]
  /// Of every stream but the first the row at which it begins, a segment each.
  private let starts: [[Int]]

  public init(_ stream: TokenStream) { (streams, starts) = ([stream], []) }

  /// - Parameter starts: the row of each segment at which the second stream begins.
  public init(_ first: TokenStream, _ second: TokenStream, from starts: [Int]) {
    self.init([first, second], [starts])
  }

  private init(_ streams: [TokenStream], _ starts: [[Int]]) { (self.streams, self.starts) = (streams, starts) }

  /// The same with tokens of another stream behind those of each segment.
  public func followed(by stream: TokenStream, from starts: [Int]) -> TokenStreams {
    TokenStreams(streams + [stream], self.starts + [starts])
  }

  /// How the rows of a segment fall into streams.
  func spans(_ segment: Int, _ rows: Range<Int>) -> [TokenSpan] {
    let edges = [rows.lowerBound] + starts.map { $0[segment] } + [rows.upperBound]
    return streams.indices.map { TokenSpan(stream: streams[$0], count: edges[$0 + 1] - edges[$0]) }
  }
}

/// The tokens of a stream in a segment.
public struct TokenSpan: Equatable, Sendable {
  public let stream: TokenStream
  public let count: Int

  public init(stream: TokenStream, count: Int) { (self.stream, self.count) = (stream, count) }
}

/// What an attention did in one segment.
public final class AttentionMap {
  /// What queries and keys are; empty where whoever laid them out does not say.
  public let queries: [TokenSpan]
  public let keys: [TokenSpan]
  /// The number of the attention in its pass, and of its segment.
  public let attention: Int
  public let segment: Int
  /// Keys of other streams are these as they were before the attention of this number: its own, unless streams meet.
  public let meeting: Int
  /// softmax(Q Kᵀ / √d) [heads, Tq, Tk]
  public let probabilities: Tensor
  /// Of what was differentiated, with respect to them; nil where no backward pass has reached them.
  public internal(set) var gradient: Tensor?

  init(
    queries: [TokenSpan], keys: [TokenSpan], attention: Int, segment: Int, meeting: Int, probabilities: Tensor
  ) {
    (self.queries, self.keys) = (queries, keys)
    (self.attention, self.segment, self.meeting) = (attention, segment, meeting)
    self.probabilities = probabilities
  }
}

/// Keeps what the attentions of a pass did, for explanations: a tape that is given one leaves their maps here.
///
/// Attention itself keeps no probabilities. They are computed once more beside it, and their gradients beside its backward
/// pass; a pass that is not recorded pays nothing for it. The gradients do not need any weight to be learnt.
public final class AttentionRecord {
  /// In the order in which they were computed, segment by segment.
  public private(set) var maps: [AttentionMap] = []
  private var attentions = 0
  /// The number of the attention that the streams' meeting began with, while there is one.
  private var meetingStart: Int?

  public init() {}

  func meeting<Result>(_ body: () throws -> Result) rethrows -> Result {
    meetingStart = attentions
    defer { meetingStart = nil }
    return try body()
  }

  /// Makes room for the maps of the next attention, a segment each.
  func next(_ segments: AttentionSegments, heads: Int, _ engine: Engine) -> [AttentionMap] {
    let made = (0..<segments.count).map { segment in
      let (queries, keys) = (segments.queries(segment), segments.keys(segment))
      return AttentionMap(
        queries: segments.queryTokens?.spans(segment, queries) ?? [],
        keys: segments.keyTokens?.spans(segments.keySegments[segment], keys) ?? [], attention: attentions,
        segment: segment, meeting: meetingStart ?? attentions,
        probabilities: engine.tensor([heads, queries.count, keys.count]))
    }
    maps += made
    attentions += 1
    return made
  }
}

extension Tape {
  /// Whether attentions leave what they did.
  public var keepsAttention: Bool { attentionRecord != nil }

  /// A place where streams read each other as they came into it, whatever `body` has made of them meanwhile. Only a record
  /// of attention has to know.
  public func meeting<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let attentionRecord else { return try body() }
    return try attentionRecord.meeting(body)
  }
}
