internal import Batching
internal import Inference
internal import Models
internal import Pretrained
internal import Reporting
internal import Tasks
internal import Tokenization

/// What a task is given of a sample, and what it must be given.
extension TaskModel {
  /// Refuses what is missing or too much.
  /// - Throws: `TaskError`, `InferenceError.noWords`.
  func check(_ photos: (any PhotoCollection)?, _ texts: [String]) throws {
    let path = printable(loaded.directory.path)
    let text = predictor.textName
    if readsImages, photos == nil, texts.isEmpty || !predictor.lacking.contains(hears ? .audio : .image) {
      throw TaskError.missingInput(
        what: hears ? "\(path) hears clips; give some with --audio" : "\(path) looks at photos; give some with --image")
    }
    if readsTexts, texts.isEmpty, !predictor.lacking.contains(.text) {
      throw TaskError.missingInput(what: "\(path) reads \(text)s; give some with --\(text)")
    }
    if let photos, loaded.directory.description.inputs.clips != nil, readsImages {
      for kind in [photos.kind] + (photos.clips.map { [$0.kind] } ?? []) {
        let (modality, option): (Modality, String) = kind == .photos ? (.image, "--image") : (.audio, "--audio")
        guard predictor.inputs.contains(modality) else {
          throw TaskError.missingInput(
            what: "\(path) was trained on no \(kind.word)s (task.inputs); leave \(option) out")
        }
      }
    }
    if !readsImages, let photos {
      let option = photos.kind == .photos ? "--image" : "--audio"
      throw TaskError.missingInput(
        what: "\(path) looks at no \(photos.kind.word)s, but at texts alone; leave \(option) out")
    }
    if !readsTexts, !texts.isEmpty {
      throw TaskError.missingInput(
        what: "\(path) reads no texts, but \(wordsOfSenses) alone; leave --text out")
    }
    for member in members {
      if let empty = texts.first(where: { member.loaded.directory.tokenizer.encodeBody($0, limit: 1).isEmpty }) {
        throw InferenceError.noWords(text: empty)
      }
    }
  }

  private var wordsOfSenses: String {
    guard hears else { return "looks at photos" }
    return predictor.inputs.contains(.image) ? "looks at photos and hears clips" : "hears clips"
  }

  /// Whether a sample lacks something that is seen or heard of others.
  func lacks(_ photos: any PhotoCollection, _ place: Int) -> Bool {
    guard loaded.directory.description.inputs.clips != nil else { return false }
    let clips = photos.kind == .clips ? photos : photos.clips
    let hasPhoto = photos.kind == .photos && !photos.isAbsent(at: place)
    let hasClip = clips.map { !$0.isAbsent(at: place) } ?? false
    return predictor.inputs.contains(.image) && !hasPhoto || predictor.inputs.contains(.audio) && !hasClip
  }
}
