import Files
import Foundation

/// Checkpoints that were never finished, or are not what was written.
let checkpointCases: [MalformedCase] = markerCases + memberCases + linkCases

private func checkpoint(
  _ what: String, code: Int32 = 65, _ key: String, _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  MalformedCase("checkpoint: " + what, ["inspect", "IN/run/checkpoints/step-0000002"], code, key) { inputs in
    try inputs.copy(Fixtures.shared().run, to: "run")
    try change(Inputs(path: inputs("run/checkpoints/step-0000002")))
  }
}

private func marker(_ what: String, _ key: String, _ old: String, _ new: String) -> MalformedCase {
  checkpoint("a DONE with " + what, key) { try $0.replace(old, by: new, in: "DONE") }
}

private let markerCases: [MalformedCase] =
  [
    checkpoint("no DONE", "never finished") { try removeTree($0("DONE")) },
    checkpoint("a DONE of nothing", "DONE: damaged") { try $0.write("", to: "DONE") },
    checkpoint("a DONE cut short", "DONE: damaged") {
      try $0.write(Array(try readFile($0("DONE")).dropLast(2)), to: "DONE")
    },
    checkpoint("a DONE with a tail", "DONE: damaged") { try $0.write(try readFile($0("DONE")) + [0x20], to: "DONE") },
    checkpoint("a DONE that is a list", "DONE: damaged") { try $0.write("[]", to: "DONE") },
    checkpoint("a DONE of a hundred thousand levels", "DONE: damaged") {
      try $0.write(String(repeating: "[", count: 100_000), to: "DONE")
    },
    checkpoint("a DONE that is a folder", code: 66, "DONE is a directory") {
      try removeTree($0("DONE"))
      try makeDirectory($0("DONE"))
    },
    marker("a later format", "format 2, this mmtrain reads 1", #""format":1"#, #""format":2"#),
    marker("a negative step", "DONE: damaged", #""step":2"#, #""step":-2"#),
    marker("a step in quotes", "DONE: damaged", #""step":2"#, #""step":"2""#),
    marker("a step with a fraction", "DONE: damaged", #""step":2"#, #""step":2.0"#),
    marker("a step of 10^20", "DONE: damaged", #""step":2"#, #""step":100000000000000000000"#),
    marker("a blank too many", "DONE: damaged", #""step":2"#, #""step": 2"#),
    marker("a member upwards", "lies outside", #""name":"config.json""#, #""name":"../config.json""#),
    marker("a member elsewhere", "lies outside", #""name":"config.json""#, #""name":"/etc/passwd""#),
    marker("a member with an escape code", "checkpoint", #""name":"config.json""#, #""name":"\u001b[2J""#),
    marker("a member that is not there", "other.json", #""name":"README.md""#, #""name":"README.mdother.json""#),
    marker("a hash of another content", "SHA-256 differs", "\"sha256\":\"4", "\"sha256\":\"5"),
    marker("a size of another content", "README.md", #""size":1}"#, #""size":2}"#),
    marker("a negative size", "README.md", #""size":1}"#, #""size":-1}"#),
  ]

private let memberCases: [MalformedCase] =
  [
    "README.md", "config.json", "tokenizer.json", "preprocessor_config.json", "model.safetensors",
    "training_state/optimizer.safetensors", "training_state/state.json",
  ].flatMap { name in
    [
      checkpoint("\(name) is missing", name) { try removeTree($0(name)) },
      checkpoint("\(name) has a changed byte", "SHA-256 differs") { checkpoint in
        var bytes = try readFile(checkpoint(name))
        bytes[bytes.count - 1] ^= 1
        try checkpoint.write(bytes, to: name)
      },
    ]
  }
  + [
    checkpoint("model.safetensors is cut short", "model.safetensors") {
      try $0.write(Array(try readFile($0("model.safetensors")).dropLast(1)), to: "model.safetensors")
    },
    checkpoint("model.safetensors is a folder", "model.safetensors") {
      try removeTree($0("model.safetensors"))
      try makeDirectory($0("model.safetensors"))
    },
    checkpoint("model.safetensors is a link elsewhere", "model.safetensors") { checkpoint in
      try removeTree(checkpoint("model.safetensors"))
      try FileManager.default.createSymbolicLink(
        atPath: checkpoint("model.safetensors"), withDestinationPath: "/etc/hostname")
    },
  ]

private func link(_ what: String, _ code: Int32, _ key: String, _ target: String) -> MalformedCase {
  MalformedCase("checkpoint: last is " + what, ["inspect", "IN/run/last"], code, key) { inputs in
    try inputs.copy(Fixtures.shared().run, to: "run")
    try removeTree(inputs("run/last"))
    try FileManager.default.createSymbolicLink(atPath: inputs("run/last"), withDestinationPath: target)
  }
}

private let linkCases: [MalformedCase] = [
  link("a link to nothing", 66, "run/last", "checkpoints/step-0000009"),
  link("a link to itself", 66, "run/last", "last"),
  link("a link to a file", 65, "too short", "checkpoints/step-0000001/README.md"),
]
