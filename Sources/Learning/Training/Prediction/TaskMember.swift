internal import Inference
internal import Models
internal import Pretrained
internal import Tasks
internal import TensorEngine
internal import Tokenization

/// A model in memory with its task's head, ready to be asked.
struct TaskMember {
  let loaded: LoadedModel
  let task: any Task
  let predictor: any TaskPredictor

  /// - Throws: `WritingError`.
  func writing(_ request: WritingRequest) throws -> TaskMember {
    guard request.isAsked else { return self }
    return TaskMember(
      loaded: loaded, task: task,
      predictor: try requireWriting(predictor, request, path: loaded.directory.path, task))
  }

  /// What the model makes of texts; nil where there are none.
  func read(_ texts: [String]) -> Encoding? {
    guard !texts.isEmpty else { return nil }
    let ids = texts.map { loaded.directory.tokenizer.encode($0, limit: loaded.contextLength) }
    return predictor.encoded(PackedText(ids), loaded.model, loaded.tape())
  }

  /// Of each sample what is said with each text, or once where there is none.
  /// - Parameter count: texts.
  func numbers(_ asked: AskedSamples, texts: Encoding?, count: Int) -> [Float] {
    let tape = loaded.tape()
    let encodings = ModalityEncodings(
      images: asked.images.flatMap { (loaded.model as? any ImageModel)?.imageEncoder($0, predictor.tokens, tape) },
      texts: texts,
      clips: asked.clips.flatMap { (loaded.model as? any ClipModel)?.clipEncoder($0, predictor.tokens, tape) })
    let samples = asked.samples(texts: texts == nil ? nil : count)
    return predictor.numbers(loaded.model, encodings, samples, tape).values()
  }
}
