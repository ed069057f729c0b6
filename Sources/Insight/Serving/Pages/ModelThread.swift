internal import Foundation

/// A model with the one thread that asks it. Others wait in a line, which has an end.
package final class ModelThread<Model>: Sendable {
  private final class Line: @unchecked Sendable {  // `condition` guards what threads share
    let condition = NSCondition()
    var questions: [(Model) -> Void] = []
    var isEnding = false
  }

  private let line = Line()
  private let places: Int

  /// Waits until the model is made.
  /// - Parameters:
  ///   - places: questions that are answered or wait at once, at most.
  ///   - make: runs on the thread.
  /// - Throws: what `make` throws; `ServingError.noThread`.
  package init(places: Int, make: @escaping @Sendable () throws -> Model) throws {
    self.places = places
    let made = Answer<Void>()
    let isStarted = detachThread { [line] in
      let model: Model
      do {
        model = try make()
      } catch {
        return made.give(.failure(error))
      }
      made.give(.success(()))
      while let question = line.condition.withLock({ () -> ((Model) -> Void)? in
        while line.questions.isEmpty, !line.isEnding { line.condition.wait() }
        return line.questions.first
      }) {
        question(model)
        line.condition.withLock { _ = line.questions.removeFirst() }
      }
    }
    guard isStarted else { throw ServingError.noThread }
    try made.take()
  }

  deinit {
    line.condition.withLock { line.isEnding = true }
    line.condition.broadcast()
  }

  /// What the model says, when it is this question's turn.
  /// - Throws: `Refusal` where too many wait; what `body` throws.
  package func ask<Said: Sendable>(_ body: @escaping @Sendable (Model) throws -> Said) throws -> Said {
    let answer = Answer<Said>()
    let isTaken = line.condition.withLock {
      guard line.questions.count < places else { return false }
      line.questions.append { model in answer.give(Result { try body(model) }) }
      return true
    }
    guard isTaken else {
      throw Refusal.busy("\(places) questions are before yours, as many as may wait for a model", seconds: 2)
    }
    line.condition.broadcast()
    return try answer.take()
  }
}

/// What one thread gives and another waits for.
private final class Answer<Said: Sendable>: @unchecked Sendable {  // given before the signal, taken after it
  private let isGiven = DispatchSemaphore(value: 0)
  private var result: Result<Said, any Error>?

  func give(_ result: Result<Said, any Error>) {
    self.result = result
    isGiven.signal()
  }

  func take() throws -> Said {
    isGiven.wait()
    guard let result else { preconditionFailure("an answer without words") }
    return try result.get()
  }
}
