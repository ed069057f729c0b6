import Batching
import Files
import Foundation
import Inference
import Pretrained
import Serving
import TestSupport
import Training

/// A small model that answers questions about photos.
func servedAnswers(_ limits: ServerLimits = ServedSite.hasty) throws -> ModelPredictions {
  try ModelPredictions(of: "answers", limits) {
    let directory = try ModelDirectory(path: goldenDirectory + "/predictions/answers")
    let model = try TaskModel([directory], answersFile: nil, asksWords: false, threads: 1)
    return try model.map { .task($0) } ?? .heads(LoadedModel(directory, threads: 1))
  }
}

/// Some photos with an index that a small model has made of them.
func servedPhotos(in directory: TemporaryDirectory, _ limits: ServerLimits = ServedSite.hasty) throws -> PhotoSearch {
  let model = try TinyCLIP(in: directory("model")).path
  try writePhotos((0..<6).map { "\($0).jpg" }, in: directory("photos"))
  let photos = try photoCollection(at: directory("photos"))
  let loaded = try LoadedModel(path: model, threads: 1)
  let encoded = try loaded.encode(photos)
  let table = FeatureFile.Table(features: encoded.features, names: photos.names)
  try FeatureFile(stamp: try loaded.stamp(name: model), images: table, photos: directory("photos"))
    .write(to: directory("index.safetensors"))
  return try PhotoSearch(index: directory("index.safetensors"), limits) { try LoadedModel(path: $0, threads: 1) }
}
