internal import Files
internal import Layers
internal import TensorEngine

/// The SHA-256 of names, shapes and a short hash of the numbers of some of a model's arrays, whatever files they came from: it
/// tells models apart that are different by mistake, and takes a fraction of the time that a SHA-256 of all weights would.
func fingerprint(of arena: ParameterArena, _ threads: ThreadPool?, where isIncluded: (_ name: String) -> Bool) -> String
{
  let slices = arena.slices.filter { isIncluded($0.name) }
  let digest = StreamingSHA256()
  for (slice, hash) in zip(slices, arena.hashes(of: slices, threads: threads)) {
    digest.update(Array("\(slice.name) \(slice.shape) \(hash)\n".utf8))
  }
  return digest.finish()
}
