internal import Layers
internal import TensorEngine

/// The text's stream before it meets the image: a BERT's embeddings, and the layers in front of the first connection. The 12-in-1
/// model puts a token of the task behind each text's first one (Lu et al., "12-in-1", 2020, §3.2): its row is added to nothing, and
/// words keep the positions that they had.
struct ViLBERTText: TextEncoder {
  let embeddings: BERTEmbeddings
  /// [tasks, W]; nil for a model without such tokens.
  let tasks: Parameter?
  let streams: CoAttentionJoin

  init(_ configuration: ViLBERTConfiguration, streams: CoAttentionJoin, _ builder: ParameterBuilder) {
    self.streams = streams
    embeddings = BERTEmbeddings(configuration.words, builder["bert"])
    tasks = configuration.taskTokens.map {
      builder.parameter(
        "bert.embeddings.task_embeddings.weight", [$0, configuration.words.width],
        .normal(standardDeviation: BERTConfiguration.deviation))
    }
  }

  var tokenEmbedding: Parameter { embeddings.words }
  var insertedTokens: Int { tasks == nil ? 0 : 1 }

  /// Where there are task tokens, with the first one.
  func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let all = self(texts, tasks: [Int](repeating: 0, count: texts.count), tape)
    return switch tokens {
    case .all: all
    case .pooled: Encoding(pooled: all.pooled(tape))
    }
  }

  /// - Parameter tasks: of each text, where there are task tokens.
  func callAsFunction(_ texts: PackedText, tasks: [Int], _ tape: Tape) -> Encoding {
    let (embedded, offsets) = embed(texts, tasks: tasks, tape)
    return Encoding(
      states: streams.alone(text: embedded, offsets: offsets, tape), offsets: offsets,
      pooledAt: Array(offsets.dropLast()))
  }

  /// What the first layer reads.
  func embed(_ texts: PackedText, tasks: [Int], _ tape: Tape) -> (states: Tensor, offsets: [Int]) {
    guard let table = self.tasks else { return (embeddings(texts, tape), texts.offsets) }
    let words = tape.add(embeddings.typeRows(of: texts, tape), embeddings.placedWords(of: texts, tape))
    let rows = tape.gatherRows(table.tensor, tasks)
    let order = (0..<texts.count).flatMap { text -> [Int] in
      let own = texts.offsets[text]..<texts.offsets[text + 1]
      return own.prefix(1) + [words.rows + text] + own.dropFirst()
    }
    let placed = tape.gatherRows(tape.concatenateRows([words, rows]), order)
    let offsets = texts.offsets.enumerated().map { $1 + $0 }
    return (embeddings.normalized(placed, offsets: offsets, tape), offsets)
  }
}
