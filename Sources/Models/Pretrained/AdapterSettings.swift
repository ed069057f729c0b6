internal import Files
internal import Layers
internal import Reporting
internal import Settings

/// What an `adapter_config.json` says, PEFT's file beside an adapter's weights.
struct AdapterSettings: Equatable {
  /// r
  let rank: Int
  let alpha: Double
  /// rsLoRA's.
  var isRankStabilized = false
  /// Where the model is that the adapter belongs to, as whoever wrote it has named it.
  let base: String?

  static let fileName = "adapter_config.json"

  /// What an update is multiplied by.
  var scale: Float {
    LowRankAdaptation.scale(rank: rank, alpha: alpha, isRankStabilized: isRankStabilized)
  }

  /// Reads the file, all of whose keys must be known.
  /// - Throws: `SettingsError` for what would make other numbers of the same weights.
  init(directory: String) throws {
    let path = directory + "/" + Self.fileName
    let settings = try Settings(json: readFile(path, limit: 1 << 20), file: path).withoutNulls
    // Of another kind of adapter the other keys need not be known.
    guard try settings.text("peft_type") == "LORA" else {
      throw settings.has("peft_type")
        ? settings.unsupported("peft_type", wanted: "\"LORA\"") : SettingsError.missing(file: path, key: "peft_type")
    }
    try settings.require(Self.known)
    rank = try settings.required(settings.whole("r"), "r")
    alpha = try settings.required(settings.number("lora_alpha"), "lora_alpha")
    isRankStabilized = try settings.flag("use_rslora") ?? false
    base = try settings.text("base_model_name_or_path")
    guard rank > 0 else { throw settings.wrongType("r", "a whole number from 1") }
  }

  init(rank: Int, alpha: Double, base: String) { (self.rank, self.alpha, self.base) = (rank, alpha, base) }

  /// Which layers have an update, and what was trained whole, the keys of the weights say.
  private static let known = KnownKeys(
    read: ["peft_type", "r", "lora_alpha", "use_rslora", "base_model_name_or_path"],
    harmless: [
      "target_modules", "exclude_modules", "modules_to_save", "layers_to_transform", "layers_pattern", "lora_dropout",
      "inference_mode", "task_type", "auto_mapping", "revision", "peft_version", "megatron_core", "qalora_group_size",
      "eva_config", "ensure_weight_tying", "runtime_config",
    ],
    understood: [
      "bias": [.text("none")], "fan_in_fan_out": no, "use_dora": no, "use_qalora": no, "use_bdlora": no,
      "lora_bias": no,
      "rank_pattern": [.object([])], "alpha_pattern": [.object([])], "loftq_config": [.object([])],
      // The others change the weights that the updates are added to.
      "init_lora_weights": [.boolean(true), .boolean(false), .text("gaussian"), .text("eva"), .text("orthogonal")],
    ])

  private static let no = [JSONValue.boolean(false)]

  /// The file, as PEFT reads it.
  /// - Parameters:
  ///   - layers: that have an update.
  ///   - modules: that were trained whole.
  func json(layers: [String], modules: [String]) -> [UInt8] {
    Array(
      OrderedJSON.object([
        ("base_model_name_or_path", base.map { .text($0) } ?? .null), ("bias", .text("none")),
        ("fan_in_fan_out", .flag(false)), ("inference_mode", .flag(true)), ("init_lora_weights", .flag(true)),
        ("lora_alpha", Int(exactly: alpha).map { .integer($0) } ?? .number(alpha)), ("lora_dropout", .number(0)),
        ("modules_to_save", modules.isEmpty ? .null : .list(modules.map { .text($0) })), ("peft_type", .text("LORA")),
        ("r", .integer(rank)), ("target_modules", .list(layers.map { .text($0) })), ("task_type", .null),
        ("use_dora", .flag(false)), ("use_rslora", .flag(isRankStabilized)),
      ]).document.utf8)
  }
}
