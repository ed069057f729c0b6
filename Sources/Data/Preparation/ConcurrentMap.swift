internal import Dispatch

/// What becomes of each element, in their order. Each worker takes every `workers`th element.
func concurrentMap<Element: Sendable, Value: Sendable>(
  _ elements: [Element], workers: Int, _ transform: @Sendable (Element) throws -> Value
) -> [Result<Value, any Error>] {
  var outcomes = [Result<Value, any Error>?](repeating: nil, count: elements.count)
  outcomes.withUnsafeMutableBufferPointer { buffer in
    nonisolated(unsafe) let places = buffer  // no two workers write to one place
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for place in stride(from: worker, to: elements.count, by: workers) {
        places[place] = Result { try transform(elements[place]) }
      }
    }
  }
  return outcomes.compactMap(\.self)
}
