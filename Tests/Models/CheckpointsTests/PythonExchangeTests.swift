import Checkpoints
import Files
import TestSupport
import Testing

/// What is written here loads in Python, and the reverse.
@Suite(.enabled(if: python != nil, "MMTRAIN_PYTHON names no Python with safetensors and transformers"))
struct PythonExchangeTests {
  private func runPython(_ script: String, _ arguments: String...) throws -> String {
    let result = try run(
      try #require(python), ["-c", script] + arguments, environment: ["HF_HUB_OFFLINE": "1"], timeout: 400)
    try #require(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func safetensorsReadsWhatIsWrittenHere() throws {
    let directory = try TemporaryDirectory()
    let types = try SafetensorsFile(path: goldenDirectory + "/safetensors/types.safetensors")
    let tensors = try types.entries.map { try types.tensor($0.name) }
    try writeSafetensors(tensors, metadata: [("format", "pt"), ("é\n", "\"x\"")], to: directory("ours.safetensors"))
    let output = try runPython(
      """
      import sys, torch
      from safetensors import safe_open
      from safetensors.torch import load_file
      ours, reference = load_file(sys.argv[1]), load_file(sys.argv[2])
      assert ours.keys() == reference.keys()
      for name, value in reference.items():
        assert ours[name].dtype == value.dtype and torch.equal(ours[name], value), name
      assert safe_open(sys.argv[1], "pt").metadata() == {"format": "pt", "é\\n": '"x"'}
      print("equal")
      """, directory("ours.safetensors"), types.path)
    #expect(output == "equal\n")
  }

  /// A model from transformers, through a checkpoint of ours, back into transformers.
  @Test func transformersLoadsACheckpoint() throws {
    let directory = try TemporaryDirectory()
    _ = try runPython(
      """
      import sys, torch
      from transformers import CLIPConfig, CLIPModel
      torch.manual_seed(0)
      tower = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2)
      CLIPModel(CLIPConfig(projection_dim=8, text_config=dict(tower, vocab_size=99, max_position_embeddings=12),
        vision_config=dict(tower, image_size=32, patch_size=16))).save_pretrained(sys.argv[1])
      """, directory("source"))
    let source = try SafetensorsFile(path: weightsPath(at: directory("source")))
    var contents = sampleContents(1)
    contents.configuration = try readFile(directory("source/config.json"))
    contents.weights = try source.entries.map { try source.tensor($0.name) }
    let saved = try CheckpointStore(runDirectory: directory("run")).save(step: 1, contents)
    try saved.weights().requireExactly(source.entries.map { ($0.name, $0.shape) })
    let output = try runPython(
      """
      import sys, torch
      from transformers import CLIPModel
      ours, report = CLIPModel.from_pretrained(sys.argv[2], output_loading_info=True)
      assert not any(report.values()), report
      source = CLIPModel.from_pretrained(sys.argv[1]).state_dict()
      for name, value in ours.state_dict().items():
        assert torch.equal(value, source[name]), name
      print(len(source))
      """, directory("source"), directory("run/last"))
    #expect(Int(output.dropLast()) ?? 0 >= source.entries.count)
  }
}
