import Checkpoints

/// Small contents that differ from step to step.
func sampleContents(_ step: Int) -> CheckpointContents {
  let values = (0..<40).map { Float($0 + step) }
  return CheckpointContents(
    configuration: Array(#"{"model_type":"clip"}"#.utf8), tokenizer: Array("{}".utf8),
    preprocessor: Array("{\"size\":224}".utf8), modelCard: Array("# step \(step)\n".utf8),
    furtherFiles: [("tokenizer_config.json", Array("{}".utf8))],
    weights: [NamedTensor(name: "w", elementType: .float32, shape: [8, 5], copying: values)],
    state: [
      NamedTensor(name: "moment1.w", elementType: .float32, shape: [40], copying: values.map { -$0 }),
      NamedTensor(name: "count", elementType: .int64, shape: [], copying: [Int64(step)]),
    ],
    trainingState: Array("{\"step\":\(step)}".utf8))
}

/// What `sampleContents` put there, read back; throws where a member is not as it was written.
func sampleStep(_ checkpoint: Checkpoint) throws -> Int {
  let step = Int(try checkpoint.weights().floats("w")[0])
  guard try checkpoint.state().integers("count") == [step],
    try checkpoint.trainingState() == Array("{\"step\":\(step)}".utf8), checkpoint.step == step
  else { throw CheckpointError.marker(path: checkpoint.path, problem: "a mixture") }
  return step
}
