import Preparation
import Scenes
import TestSupport

/// Draws scenes and prepares them, as `scenes` in `place`, with a tokenizer of 560 tokens.
func prepareScenes(_ settings: SceneSettings, in place: TemporaryDirectory) throws {
  let zip = place("scenes.zip")
  try writeScenes(to: zip, settings: settings)
  var request = PreparationRequest(source: .archive(path: zip), output: place("scenes"), threads: 2)
  request.tokenizer = .train(vocabularySize: 560)
  try prepare(request)
}
