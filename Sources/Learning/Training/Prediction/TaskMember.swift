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

  /// Of each image, or once where there is none, what is said with each text, or once where there is none.
  /// - Parameters:
  ///   - names: of the images.
  ///   - count: texts.
  func numbers(images: ImageInput?, names: [String] = [], texts: Encoding?, count: Int) -> [Float] {
    let tape = loaded.tape()
    let beside = (loaded.model as? any ClipModel)?.clipEncoder
    let hears = images?.areClips == true && beside != nil
    let encoder = hears ? beside : (loaded.model as? any ImageModel)?.imageEncoder
    let seen = images.flatMap { encoder?($0, predictor.tokens, tape) }
    let samples = (0..<(images?.count ?? 1)).flatMap { image in
      (0..<max(count, 1)).map { text -> PooledReader.Sample in
        let place = seen == nil ? nil : image
        var sample = PooledReader.Sample(
          image: hears ? nil : place, text: texts == nil ? nil : text, clip: hears ? place : nil)
        if seen != nil { sample.name = textName(ofImage: names[image]) }
        return sample
      }
    }
    let encodings = ModalityEncodings(images: hears ? nil : seen, texts: texts, clips: hears ? seen : nil)
    return predictor.numbers(loaded.model, encodings, samples, tape).values()
  }
}
