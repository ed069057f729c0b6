internal import Glibc
public import TensorEngine

/// Encodes each image and each text by itself, several of them at a time on threads of their own.
///
/// What it makes of a segment depends on that segment alone. In a batch that is not so: which of a library's kernels takes a
/// row of a product depends on how many rows there are and where it stands among them, and kernels differ in the last bit. So
/// states that are made once and kept can be the bits of states that are made when they are needed.
public final class SeparateEncoder {
  private let threads: ThreadPool
  /// One for each thread.
  private let engines: [Engine]
  private let engine: Engine
  private let arranged = ArrangedWeights()

  /// The encoders' weights must stay as they are while it lives.
  /// - Parameter engine: whose threads are used, and whose tensors are made.
  public init(_ engine: Engine) {
    (self.engine, threads) = (engine, engine.threads)
    engines = (0..<engine.threads.threadCount).map { _ in engine.ofOneThread() }
  }

  public func callAsFunction(_ encoder: any ImageEncoder, _ images: ImageInput, _ tokens: EncodedTokens) -> Encoding {
    encode(images.count) { encoder(images[$0..<$0 + 1], tokens, $1) }
  }

  public func callAsFunction(_ encoder: any TextEncoder, _ texts: PackedText, _ tokens: EncodedTokens) -> Encoding {
    encode(texts.count) { encoder(texts[$0..<$0 + 1], tokens, $1) }
  }

  private func encode(_ count: Int, _ one: (Int, Tape) -> Encoding) -> Encoding {
    var made = [Encoding?](repeating: nil, count: count)
    made.withUnsafeMutableBufferPointer { made in
      threads.run(count) { worker, index in
        made[index] = one(index, Tape(engines[worker], recording: false, arrangedWeights: arranged))
      }
    }
    return engine.joined(made.compactMap { $0 })
  }
}

extension Engine {
  /// The segments of encodings, end to end, without a gradient.
  func joined(_ parts: [Encoding]) -> Encoding {
    guard let first = parts.first else {
      return Encoding(states: tensor([0, 0]), offsets: [0], pooledRows: [])
    }
    let rows = parts.reduce(0) { $0 + $1.states.rows }
    let states = tensor([rows, first.states.columns], first.states.elementType)
    var (place, offsets) = (0, [0])
    for part in parts {
      memcpy(states.bytes + place, part.states.bytes, part.states.byteCount)
      place += part.states.byteCount
      let start = offsets[offsets.count - 1]
      offsets += part.offsets.dropFirst().map { start + $0 }
    }
    return Encoding(states: states, offsets: offsets, relativePooledRows: parts.flatMap(\.relativePooledRows))
  }
}
