// swift-tools-version: 6.2
import PackageDescription

// The rooms that read what comes from outside, compiled once more with the coverage counters of libFuzzer
// (docs/fuzzing.md). `Sources` holds links to the rooms' own folders, so that what is fuzzed is what is built; the main
// package does not know of this one but shares the target FuzzTargets, by which its tests replay seeds and findings.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "fuzzing",
  products: [.library(name: "Fuzz", type: .static, targets: ["Fuzz"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CZip", pkgConfig: "libzip"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash"),
    .systemLibrary(name: "CLinux"),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
    .target(name: "CWebP", linkerSettings: [.linkedLibrary("webp")]),
    .target(name: "CSoundFile", linkerSettings: [.linkedLibrary("sndfile")]),
    .target(name: "CNodeMemory"),
    .target(
      name: "Reporting", dependencies: [.product(name: "Logging", package: "swift-log")], swiftSettings: settings),
    .target(name: "Files", dependencies: ["CLinux", "COpenSSL", "CXXHash", "Reporting"], swiftSettings: settings),
    .target(name: "Randomness", swiftSettings: settings),
    .target(name: "Settings", dependencies: ["Reporting"], swiftSettings: settings),
    .target(name: "Documents", dependencies: ["Reporting", "Yams"], swiftSettings: settings),
    .target(name: "Downloads", dependencies: ["CCurl", "Files", "Reporting"], swiftSettings: settings),
    .target(name: "Collectives", dependencies: ["CNodeMemory", "Reporting"], swiftSettings: settings),
    .target(name: "Archives", dependencies: ["CZip", "CZlib", "Files", "Reporting"], swiftSettings: settings),
    .target(
      name: "Catalogue", dependencies: ["Archives", "Documents", "Downloads", "Files", "Reporting"],
      swiftSettings: settings),
    .target(
      name: "Images", dependencies: ["CJPEG", "CPNG", "CWebP", "Randomness", "Reporting", "Settings"],
      swiftSettings: settings),
    .target(
      name: "Audio", dependencies: ["CSoundFile", "Randomness", "Reporting", "Settings"], swiftSettings: settings),
    .target(name: "Tokenization", dependencies: ["Reporting", "Settings"], swiftSettings: settings),
    .target(
      name: "Batching",
      dependencies: ["Archives", "Audio", "Images", "Tokenization", "Files", "Randomness", "Reporting"],
      swiftSettings: settings),
    .target(
      name: "Preparation",
      dependencies: ["Batching", "Archives", "Audio", "Images", "Tokenization", "Files", "Randomness", "Reporting"],
      swiftSettings: settings),
    .target(name: "Checkpoints", dependencies: ["Files", "Reporting"], swiftSettings: settings),
    // The configuration knows the names of models and objectives, which bring the engine along.
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CKernels"),
    .target(
      name: "TensorEngine", dependencies: ["COpenBLAS", "COneDNN", "CKernels", "Randomness"], swiftSettings: settings),
    .target(name: "Layers", dependencies: ["TensorEngine", "Randomness"], swiftSettings: settings),
    .target(
      name: "Models", dependencies: ["Images", "Layers", "TensorEngine", "Randomness", "Reporting", "Settings"],
      swiftSettings: settings),
    .target(
      name: "Objectives",
      dependencies: ["Batching", "Models", "Layers", "TensorEngine", "Tokenization", "Collectives", "Randomness"],
      swiftSettings: settings),
    .target(
      name: "Evaluation", dependencies: ["Collectives", "Randomness", "Reporting"], swiftSettings: settings),
    .target(
      name: "Tasks",
      dependencies: [
        "Batching", "Collectives", "Evaluation", "Files", "Images", "Layers", "Models", "Objectives", "Randomness",
        "Reporting", "TensorEngine", "Tokenization",
      ], swiftSettings: settings),
    .target(
      name: "Configuration",
      dependencies: [
        "Batching", "Images", "Models", "Objectives", "Tasks", "Collectives", "Documents", "Files", "Reporting", "Yams",
      ],
      swiftSettings: settings),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Archives", "Audio", "Batching", "CZlib", "Catalogue", "Checkpoints", "Configuration", "Files", "Images",
        "Preparation",
        "Reporting", "Tokenization",
      ], swiftSettings: settings),
    .target(name: "Fuzz", dependencies: ["FuzzTargets"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
