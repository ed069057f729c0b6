// swift-tools-version: 6.2
import PackageDescription

// The rooms stand in eight wings (docs/flow.md). Data pass through the wings in the order of this list, and every import
// points up the list: nothing comes back.

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]
/// Rooms that touch no raw memory: the compiler refuses an unmarked unsafe expression there.
let fenced: [SwiftSetting] = strict + [.strictMemorySafety()]

/// A room of a wing, which imports these rooms and products.
func room(
  _ name: String, in wing: String, imports: [Target.Dependency] = [], settings: [SwiftSetting] = strict
) -> Target {
  .target(name: name, dependencies: imports, path: "Sources/\(wing)/\(name)", swiftSettings: settings)
}

/// A library of the system, beside the room that owns it.
func library(_ name: String, in wing: String, pkgConfig: String? = nil, apt: String? = nil) -> Target {
  .systemLibrary(
    name: name, path: "Sources/\(wing)/\(name)", pkgConfig: pkgConfig, providers: apt.map { [.apt([$0])] })
}

/// C of mmtrain's own, beside the room that owns it.
func shim(_ name: String, in wing: String, imports: [Target.Dependency] = [], links: [String] = []) -> Target {
  .target(
    name: name, dependencies: imports, path: "Sources/\(wing)/\(name)",
    linkerSettings: links.map { .linkedLibrary($0) })
}

/// The tests of a room, which import it, TestSupport and these.
func tests(of room: String, in wing: String, also: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(room)Tests", dependencies: [.byName(name: room), "TestSupport"] + also,
    path: "Tests/\(wing)/\(room)Tests", swiftSettings: strict)
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// What every room may use: words for errors and progress, durable files, seeded random numbers, strict readers.
let ground = [
  library("CLinux", in: "Ground"),
  library("COpenSSL", in: "Ground", pkgConfig: "libcrypto", apt: "libssl-dev"),
  library("CXXHash", in: "Ground", pkgConfig: "libxxhash", apt: "libxxhash-dev"),
  room("Reporting", in: "Ground", imports: [logging]),
  room("Files", in: "Ground", imports: ["CLinux", "COpenSSL", "CXXHash", "Reporting"]),
  room("Randomness", in: "Ground", settings: fenced),
  room("Documents", in: "Ground", imports: ["Reporting", "Yams"]),
  room("Settings", in: "Ground", imports: ["Reporting"], settings: fenced),
]

/// Bytes become batches.
let data = [
  shim("CCurl", in: "Data", links: ["curl"]),
  room("Downloads", in: "Data", imports: ["CCurl", "Files", "Reporting"]),
  library("CZip", in: "Data", pkgConfig: "libzip", apt: "libzip-dev"),
  library("CZlib", in: "Data", pkgConfig: "zlib", apt: "zlib1g-dev"),
  room("Archives", in: "Data", imports: ["CZip", "CZlib", "Files", "Reporting"]),
  room("Catalogue", in: "Data", imports: ["Archives", "Documents", "Downloads", "Files", "Reporting"]),
  shim("CJPEG", in: "Data", links: ["jpeg"]),
  shim("CPNG", in: "Data", links: ["png"]),
  shim("CWebP", in: "Data", links: ["webp"]),
  room("Images", in: "Data", imports: ["CJPEG", "CPNG", "CWebP", "Randomness", "Reporting", "Settings"]),
  shim("CSoundFile", in: "Data", links: ["sndfile"]),
  room("Audio", in: "Data", imports: ["CSoundFile", "Randomness", "Reporting", "Settings"]),
  room("Tokenization", in: "Data", imports: ["Reporting", "Settings"]),
  room("Scenes", in: "Data", imports: ["Archives", "Images", "Randomness", "Reporting"]),
  room(
    "Batching", in: "Data",
    imports: ["Archives", "Audio", "Images", "Tokenization", "Files", "Randomness", "Reporting"]),
  room(
    "Preparation", in: "Data",
    imports: ["Batching", "Archives", "Audio", "Images", "Tokenization", "Files", "Randomness", "Reporting"]),
]

/// Tensors, operations with gradients, parameters.
let engine = [
  library("COpenBLAS", in: "Engine", pkgConfig: "openblas", apt: "libopenblas-dev"),
  shim("COneDNN", in: "Engine", links: ["dnnl", "gomp"]),
  shim("CKernels", in: "Engine"),
  room("TensorEngine", in: "Engine", imports: ["COpenBLAS", "COneDNN", "CKernels", "Randomness"]),
  room("Layers", in: "Engine", imports: ["TensorEngine", "Randomness"]),
]

/// Numbers of one rank become numbers of all.
let ranks = [
  library("COpenMPI", in: "Ranks", pkgConfig: "ompi-c", apt: "libopenmpi-dev"),
  shim("CMPI", in: "Ranks", imports: ["COpenMPI"]),
  shim("CNodeMemory", in: "Ranks"),
  room("Collectives", in: "Ranks", imports: ["CNodeMemory", "Reporting"]),
  room("CollectivesMPI", in: "Ranks", imports: ["CMPI", "CNodeMemory", "Collectives", "Reporting"]),
]

/// What maps a batch to states, features and logits; its files; a model in memory.
let models = [
  room(
    "Models", in: "Models",
    imports: ["Audio", "Images", "Layers", "Randomness", "TensorEngine", "Reporting", "Settings"]),
  room("Checkpoints", in: "Models", imports: ["Files", "Reporting"]),
  room("Hub", in: "Models", imports: ["Downloads", "Files", "Models", "Reporting"]),
  room(
    "Pretrained", in: "Models",
    imports: [
      "Audio", "Checkpoints", "Models", "Layers", "TensorEngine", "Tokenization", "Images", "Files", "Reporting",
      "Settings",
    ]),
  room(
    "Inference", in: "Models",
    imports: [
      "Pretrained", "Models", "Layers", "TensorEngine", "Collectives", "Archives", "Audio", "Images", "Tokenization",
      "Batching", "Checkpoints", "Files", "Randomness", "Reporting",
    ]),
]

/// How weights come about, and how good they are.
let learning = [
  room("Evaluation", in: "Learning", imports: ["Collectives", "Randomness", "Reporting"]),
  room(
    "Objectives", in: "Learning",
    imports: [
      "Batching", "Models", "Layers", "TensorEngine", "Tokenization", "Collectives", "Evaluation", "Randomness",
    ]),
  room("Optimizers", in: "Learning", imports: ["Layers", "TensorEngine", "CKernels"]),
  room("Safeguards", in: "Learning", imports: ["Reporting"], settings: fenced),
  room("Calibration", in: "Learning", imports: ["Evaluation", "Files", "Randomness", "Reporting"]),
  room("Privacy", in: "Learning", imports: ["Batching", "CKernels", "Files", "Reporting"]),
  room(
    "Tasks", in: "Learning",
    imports: [
      "Audio", "Batching", "Collectives", "Evaluation", "Files", "Images", "Layers", "Models", "Objectives",
      "Randomness",
      "Reporting", "TensorEngine", "Tokenization",
    ]),
  room(
    "Configuration", in: "Learning",
    imports: [
      "Batching", "Images", "Models", "Objectives", "Privacy", "Tasks", "Collectives", "Documents", "Files",
      "Reporting",
      "Yams",
    ]),
  room(
    "Training", in: "Learning",
    imports: [
      "TensorEngine", "Layers", "Models", "Collectives", "Objectives", "Optimizers", "Audio", "Images",
      "Tokenization", "Batching", "Calibration", "Checkpoints", "Evaluation", "Pretrained", "Inference", "Privacy",
      "Safeguards", "Configuration", "Tasks", "Files", "Randomness", "Reporting", logging,
    ]),
  room(
    "Studies", in: "Learning",
    imports: [
      "Batching", "Configuration", "Documents", "Evaluation", "Files", "Reporting", "Training",
    ], settings: fenced),
]

/// What people look at.
let insight = [
  room(
    "Reports", in: "Insight",
    imports: [
      "Calibration", "Evaluation", "Files", "Images", "Inference", "Models", "Reporting", "Settings", "Studies",
      "Configuration",
    ]),
  room(
    "Verification", in: "Insight",
    imports: [
      "Images", "Tokenization", "Layers", "TensorEngine", "Collectives", "Models", "Checkpoints", "Pretrained",
      "Objectives", "Files", "Reporting",
    ]),
  room(
    "Benchmarks", in: "Insight",
    imports: ["CKernels", "TensorEngine", "Models", "Batching", "Images", "Audio", "Randomness", "Reporting"]),
  room(
    "Serving", in: "Insight",
    imports: [
      "Batching", "Collectives", "Configuration", "Evaluation", "Files", "Images", "Inference", "Reporting", "Reports",
      "TensorEngine", "Training",
    ]),
]

/// The command line, the processes.
let program: [Target] = [
  shim("CStartup", in: "Program"),
  shim("CProcess", in: "Program"),
  room(
    "Launching", in: "Program",
    imports: [
      "CProcess", "Checkpoints", "Collectives", "CollectivesMPI", "Files", "Reporting",
      logging,
    ]),
  .executableTarget(
    name: "mmtrain",
    dependencies: [
      "CStartup", "Launching", "Training", "Configuration", "Privacy", "Safeguards", "Inference", "Pretrained",
      "Benchmarks",
      "Preparation", "Scenes", "CollectivesMPI", "Calibration", "Studies", "Serving", "Catalogue", "Collectives",
      "Reports", "Verification",
      "Checkpoints",
      "Evaluation",
      "Batching", "Models", "TensorEngine", "Tokenization", "Archives", "Hub", "Files", "Reporting", logging,
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ], path: "Sources/Program/mmtrain", swiftSettings: strict),
]

/// What tests of several rooms share.
let support: [Target] = [
  .systemLibrary(name: "CTLS", path: "Tests/CTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
  .target(
    name: "TestSupport",
    dependencies: [
      "TensorEngine", "Layers", "Models", "Audio", "Images", "Tokenization", "Checkpoints", "Files", "Settings",
    ],
    path: "Tests/TestSupport", swiftSettings: strict),
  .target(
    name: "TLSSupport", dependencies: ["CTLS", "Files", "TestSupport"], path: "Tests/TLSSupport",
    swiftSettings: strict),
  .target(
    name: "FuzzTargets",
    dependencies: [
      "Archives", "Audio", "Batching", "CZlib", "Catalogue", "Checkpoints", "Configuration", "Files", "Images",
      "Preparation",
      "Reporting", "Tokenization",
    ], path: "Tests/Fuzzing/Sources/FuzzTargets", swiftSettings: strict),
]

/// Tests mirror the rooms.
let roomTests = [
  tests(of: "Reporting", in: "Ground"),
  tests(of: "Files", in: "Ground", also: ["Reporting"]),
  tests(of: "Randomness", in: "Ground"),
  tests(of: "Documents", in: "Ground"),
  tests(of: "Settings", in: "Ground", also: ["Reporting"]),
  tests(of: "Downloads", in: "Data", also: ["Files", "Reporting", "TLSSupport"]),
  tests(of: "Archives", in: "Data", also: ["Files", "Reporting"]),
  tests(
    of: "Catalogue", in: "Data", also: ["Archives", "Documents", "Downloads", "Files", "Reporting", "TLSSupport"]),
  tests(of: "Images", in: "Data", also: ["Randomness", "Reporting", "Settings"]),
  tests(of: "Audio", in: "Data", also: ["Randomness", "Reporting", "Settings"]),
  tests(of: "Tokenization", in: "Data", also: ["Reporting", "Settings"]),
  tests(of: "Scenes", in: "Data", also: ["Archives", "Images", "Files"]),
  tests(
    of: "Batching", in: "Data", also: ["Audio", "Images", "Tokenization", "Files", "Randomness", "Reporting"]),
  tests(
    of: "Preparation", in: "Data",
    also: ["Batching", "Archives", "Images", "Scenes", "Tokenization", "Files", "Reporting"]),
  tests(of: "TensorEngine", in: "Engine", also: ["CKernels", "Randomness"]),
  tests(of: "Layers", in: "Engine", also: ["TensorEngine"]),
  tests(of: "Collectives", in: "Ranks", also: ["CollectivesMPI", "Reporting"]),
  tests(
    of: "Models", in: "Models",
    also: ["Files", "Images", "Layers", "TensorEngine", "Reporting", "Settings"]),
  tests(of: "Checkpoints", in: "Models", also: ["Files", "Randomness", "Reporting"]),
  tests(of: "Hub", in: "Models", also: ["Downloads", "Files", "Reporting"]),
  tests(
    of: "Pretrained", in: "Models",
    also: [
      "Audio", "Checkpoints", "Models", "Layers", "TensorEngine", "Tokenization", "Images", "Files", "Reporting",
      "Settings",
    ]),
  tests(
    of: "Inference", in: "Models",
    also: [
      "Pretrained", "Models", "Checkpoints", "TensorEngine", "Collectives", "Images", "Batching", "Files",
      "Reporting",
    ]),
  tests(
    of: "Objectives", in: "Learning",
    also: [
      "Audio", "Batching", "Evaluation", "Files", "Models", "Optimizers", "Tokenization", "Layers", "TensorEngine",
      "Collectives", "Randomness",
    ]),
  tests(of: "Optimizers", in: "Learning", also: ["Files", "Layers", "Models", "Objectives", "TensorEngine"]),
  tests(of: "Safeguards", in: "Learning"),
  tests(of: "Evaluation", in: "Learning", also: ["Collectives", "Files", "Randomness", "Reporting"]),
  tests(of: "Calibration", in: "Learning", also: ["Evaluation", "Files", "Randomness", "Reporting"]),
  tests(of: "Privacy", in: "Learning", also: ["Batching", "CKernels", "Files", "Images", "Reporting"]),
  tests(of: "Tasks", in: "Learning", also: ["Batching", "Evaluation", "Images"]),
  tests(of: "Configuration", in: "Learning", also: ["Files", "Models", "Objectives", "Reporting"]),
  tests(
    of: "Training", in: "Learning",
    also: [
      "Audio", "Calibration", "Configuration", "Objectives", "Evaluation", "Pretrained", "Inference", "Checkpoints",
      "Collectives", "Files",
      "Images",
      "Layers", "Models", "Batching", "Preparation", "Privacy", "Randomness", "Scenes", "Settings", "Tasks",
      "Tokenization",
      "Reporting",
      "Safeguards",
      "TensorEngine", logging,
    ]),
  tests(
    of: "Studies", in: "Learning",
    also: ["Configuration", "Evaluation", "Files", "Preparation", "Reporting", "Scenes"]),
  tests(
    of: "Reports", in: "Insight",
    also: ["Batching", "Calibration", "Evaluation", "Files", "Images", "Inference", "Models", "Reporting"]),
  tests(of: "Verification", in: "Insight", also: ["mmtrain", "Checkpoints", "Files", "Reporting", "TensorEngine"]),
  tests(
    of: "Serving", in: "Insight",
    also: ["Batching", "Files", "Images", "Inference", "Pretrained", "Reporting", "Training"]),
  tests(of: "Benchmarks", in: "Insight", also: ["Audio", "Batching", "Images", "Models", "TensorEngine"]),
  tests(of: "Launching", in: "Program", also: ["Files", "Reporting"]),
]

/// Tests of the program, of all readers of foreign files, of the house.
let houseTests: [Target] = [
  .testTarget(
    name: "CommandTests",
    dependencies: [
      "TestSupport", "TLSSupport", "mmtrain", "Launching", "Archives", "Images", "Checkpoints", "Batching",
      "Preparation", "Privacy", "Scenes", "TensorEngine", "Files", "Reporting",
    ], path: "Tests/Program/CommandTests", swiftSettings: strict),
  .testTarget(
    name: "DistributedTests",
    dependencies: ["TestSupport", "mmtrain", "Preparation", "Privacy", "Scenes", "Files", "Randomness"],
    path: "Tests/Program/DistributedTests", swiftSettings: strict),
  .testTarget(
    name: "MalformedTests",
    dependencies: ["TestSupport", "FuzzTargets", "mmtrain", "Batching", "Checkpoints", "Files", "Images"],
    swiftSettings: strict),
  .testTarget(name: "HouseTests", dependencies: ["TestSupport"], swiftSettings: strict),
]

let package = Package(
  name: "mmtrain",
  products: [.executable(name: "mmtrain", targets: ["mmtrain"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: ground + data + engine + ranks + models + learning + insight + program + support + roomTests + houseTests,
  swiftLanguageModes: [.v6]
)
