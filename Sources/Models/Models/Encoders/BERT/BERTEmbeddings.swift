public import Layers
public import TensorEngine

/// What a BERT begins with: the norm of words, positions and token types, dropped in part (Devlin et al., 2019, §3.1). It is all
/// that a model has of one whose texts meet images from the first layer on.
public struct BERTEmbeddings: TextEncoder {
  public let words: Parameter
  public let positions: Parameter
  private let typeTable: Parameter?
  public let norm: LayerNorm
  private let dropout: Dropout

  /// - Parameter name: what the arrays' names begin with.
  init(_ configuration: BERTConfiguration, _ builder: ParameterBuilder, name: String = "embeddings") {
    let (embeddings, width) = (builder[name], configuration.width)
    let table = { (name: String, rows: Int) in
      embeddings.parameter(
        name + ".weight", [rows, width], .normal(standardDeviation: configuration.initialDeviation))
    }
    words = table("word_embeddings", configuration.vocabularySize)
    positions = table("position_embeddings", configuration.positions)
    typeTable = configuration.tokenTypes > 0 ? table("token_type_embeddings", configuration.tokenTypes) : nil
    norm = LayerNorm(embeddings, "LayerNorm", width: width, epsilon: configuration.epsilon, keepsFloat32: true)
    dropout = Dropout(builder, name, rate: configuration.dropout.states)
  }

  public var tokenEmbedding: Parameter { words }

  /// Of token types, for a model that has some.
  public var types: Parameter {
    guard let typeTable else { preconditionFailure("words without token types are asked for them") }
    return typeTable
  }

  /// The tokens of all texts, whatever is asked for; the first of a text stands for it.
  public func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    Encoding(states: self(texts, tape), offsets: texts.offsets, pooledAt: Array(texts.offsets.dropLast()))
  }

  /// → [T, W]
  public func callAsFunction(_ texts: PackedText, _ tape: Tape) -> Tensor {
    let words = placedWords(of: texts, tape)
    guard typeTable != nil else { return normalized(words, offsets: texts.offsets, tape) }
    return normalized(typeRows(of: texts, tape), adding: words, offsets: texts.offsets, tape)
  }

  /// Of tokens at places of their texts that are not the first ones, all of the first type: a row each [T, W].
  func callAsFunction(_ ids: [Int32], at places: [Int], _ tape: Tape) -> Tensor {
    let placed = tape.gatherRows(positions.tensor, places)
    let sum = typeTable.map { tape.add(placed, tape.gatherRows($0.tensor, places.map { _ in 0 })) } ?? placed
    return normalized(
      sum, adding: tape.gatherRows(words.tensor, ids.map(Int.init)), offsets: Array(0...ids.count), tape)
  }

  /// Words and positions [T, W].
  func placedWords(of texts: PackedText, _ tape: Tape) -> Tensor {
    tape.tokenEmbedding(ids: texts.ids, offsets: texts.offsets, table: words.tensor, position: positions.tensor)
  }

  /// Token types [T, W].
  func typeRows(of texts: PackedText, _ tape: Tape) -> Tensor {
    tape.gatherRows(types.tensor, texts.types?.map { Int($0) } ?? [Int](repeating: 0, count: texts.ids.count))
  }

  /// The norm of rows, dropped in part.
  /// - Parameter offsets: of the texts.
  func normalized(_ x: Tensor, offsets: [Int], _ tape: Tape) -> Tensor {
    dropout(norm(x, tape), offsets: offsets, tape)
  }

  /// The same of a sum.
  func normalized(_ x: Tensor, adding other: Tensor, offsets: [Int], _ tape: Tape) -> Tensor {
    dropout(norm(x, adding: other, tape).normalized, offsets: offsets, tape)
  }
}
