// swift-tools-version: 6.2
import PackageDescription

// The rooms follow the way of the data (docs/flow.md): every import points down this list, nothing comes back.

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]
/// Rooms that touch no raw memory: the compiler refuses an unmarked unsafe expression there.
let fenced: [SwiftSetting] = strict + [.strictMemorySafety()]

let package = Package(
  name: "mmtrain",
  products: [.executable(name: "mmtrain", targets: ["mmtrain"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries and shims
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
    .target(name: "CWebP", linkerSettings: [.linkedLibrary("webp")]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CMPI", dependencies: ["COpenMPI"]),
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CKernels"),
    .target(name: "CNodeMemory"),
    .target(name: "CStartup"),
    .target(name: "CProcess"),
    .systemLibrary(name: "CTLS", path: "Tests/CTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),

    // What every room may use: words for errors and progress, durable files, seeded random numbers
    .target(
      name: "Reporting", dependencies: [.product(name: "Logging", package: "swift-log")], swiftSettings: strict),
    .target(name: "Files", dependencies: ["CLinux", "COpenSSL", "CXXHash", "Reporting"], swiftSettings: strict),
    .target(name: "Randomness", swiftSettings: fenced),
    .target(name: "Documents", dependencies: ["Reporting", "Yams"], swiftSettings: strict),
    .target(name: "Settings", dependencies: ["Reporting"], swiftSettings: fenced),

    // What comes over the network
    .target(name: "Downloads", dependencies: ["CCurl", "Files", "Reporting"], swiftSettings: strict),
    .target(name: "Hub", dependencies: ["Downloads", "Files", "Reporting", "Settings"], swiftSettings: strict),

    // Tensors, models
    .target(
      name: "TensorEngine", dependencies: ["COpenBLAS", "COneDNN", "CKernels", "Randomness"], swiftSettings: strict),
    .target(name: "Layers", dependencies: ["TensorEngine", "Randomness"], swiftSettings: strict),
    .target(
      name: "Models", dependencies: ["Layers", "TensorEngine", "Randomness", "Settings"], swiftSettings: strict),
    .target(name: "Collectives", dependencies: ["CNodeMemory", "Reporting"], swiftSettings: strict),
    .target(
      name: "CollectivesMPI", dependencies: ["CMPI", "CNodeMemory", "Collectives", "Reporting"], swiftSettings: strict),
    .target(
      name: "Objectives", dependencies: ["Models", "Layers", "TensorEngine", "Collectives", "Randomness"],
      swiftSettings: strict),
    .target(name: "Optimizers", dependencies: ["Layers", "TensorEngine", "CKernels"], swiftSettings: strict),

    // Data
    .target(name: "Archives", dependencies: ["CZip", "CZlib", "Files", "Reporting"], swiftSettings: strict),
    .target(
      name: "Catalogue", dependencies: ["Archives", "Documents", "Downloads", "Files", "Reporting"],
      swiftSettings: strict),
    .target(
      name: "Images", dependencies: ["CJPEG", "CPNG", "CWebP", "Randomness", "Reporting", "Settings"],
      swiftSettings: strict),
    .target(name: "Tokenization", dependencies: ["Reporting", "Settings"], swiftSettings: strict),
    .target(
      name: "Batching",
      dependencies: ["Archives", "Images", "Tokenization", "Files", "Randomness", "Reporting"],
      swiftSettings: strict),
    .target(
      name: "Preparation",
      dependencies: ["Batching", "Archives", "Images", "Tokenization", "Files", "Randomness", "Reporting"],
      swiftSettings: strict),
    .target(
      name: "Scenes", dependencies: ["Archives", "Images", "Randomness", "Reporting", "Files"], swiftSettings: strict),

    .target(
      name: "Verification", dependencies: ["Images", "Tokenization", "Layers", "TensorEngine", "Reporting"],
      swiftSettings: strict),

    // Results
    .target(name: "Checkpoints", dependencies: ["Files", "Reporting"], swiftSettings: strict),
    .target(name: "Evaluation", dependencies: ["Collectives", "Reporting"], swiftSettings: strict),

    // Models on disk, of mmtrain's making and of others'
    .target(
      name: "Pretrained",
      dependencies: [
        "Checkpoints", "Models", "Layers", "TensorEngine", "Tokenization", "Images", "Files", "Reporting", "Settings",
      ], swiftSettings: strict),

    .target(
      name: "Inference",
      dependencies: [
        "Pretrained", "Models", "Layers", "TensorEngine", "Collectives", "Archives", "Images", "Tokenization",
        "Batching", "Checkpoints", "Files", "Randomness", "Reporting",
      ], swiftSettings: strict),

    // What watches over a run: verdicts on numbers, no ranks and no files
    .target(name: "Safeguards", dependencies: ["Reporting"], swiftSettings: fenced),

    // The loop and the command
    .target(
      name: "Training",
      dependencies: [
        "TensorEngine", "Layers", "Models", "Collectives", "Objectives", "Optimizers", "Archives", "Images",
        "Tokenization", "Batching", "Checkpoints", "Evaluation", "Pretrained", "Inference", "Safeguards", "Documents",
        "Files",
        "Randomness", "Reporting",
        .product(name: "Logging", package: "swift-log"), "Yams",
      ], swiftSettings: strict),
    .target(
      name: "Benchmarks",
      dependencies: ["CKernels", "TensorEngine", "Layers", "Models", "Batching", "Images", "Randomness", "Reporting"],
      swiftSettings: strict),
    .executableTarget(
      name: "mmtrain",
      dependencies: [
        "CStartup", "CProcess", "Training", "Safeguards", "Inference", "Pretrained", "Benchmarks", "Preparation",
        "Scenes", "CollectivesMPI", "Catalogue",
        "Collectives",
        "Verification",
        "Checkpoints",
        "Evaluation",
        "Batching",
        "Models", "Layers", "Objectives", "Optimizers", "TensorEngine", "Tokenization", "Images", "Archives", "Hub",
        "Files", "Randomness", "Reporting",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    // Tests mirror the rooms
    .target(
      name: "TestSupport",
      dependencies: ["TensorEngine", "Layers", "Models", "Images", "Tokenization", "Checkpoints", "Files"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "TLSSupport", dependencies: ["CTLS", "Files", "TestSupport"], path: "Tests/TLSSupport",
      swiftSettings: strict),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Archives", "Batching", "CZlib", "Catalogue", "Checkpoints", "Files", "Images", "Preparation", "Reporting",
        "Tokenization", "Training",
      ], path: "Tests/Fuzzing/Sources/FuzzTargets", swiftSettings: strict),
  ]
    + [
      ("Reporting", []), ("Files", ["Reporting"]), ("Randomness", []), ("Documents", []), ("Settings", ["Reporting"]),
      ("Downloads", ["Files", "Reporting", "TLSSupport"]), ("Hub", ["Downloads", "Files", "Reporting"]),
      ("TensorEngine", ["Randomness"]), ("Layers", ["TensorEngine", "Randomness"]),
      ("Models", ["Files", "Layers", "TensorEngine", "Randomness", "Settings"]),
      ("Collectives", ["CollectivesMPI", "Reporting"]),
      ("Objectives", ["Files", "Models", "Layers", "TensorEngine", "Collectives", "Randomness"]),
      ("Optimizers", ["Files", "Layers", "Models", "TensorEngine"]),
      ("Archives", ["Files", "Reporting"]),
      ("Catalogue", ["Archives", "Documents", "Downloads", "Files", "Reporting", "TLSSupport"]),
      ("Images", ["Randomness", "Reporting", "Settings"]), ("Tokenization", ["Reporting", "Settings"]),
      ("Batching", ["Archives", "Images", "Tokenization", "Files", "Randomness", "Reporting"]),
      ("Preparation", ["Batching", "Archives", "Images", "Tokenization", "Files", "Reporting"]),
      ("Scenes", ["Archives", "Images", "Files", "Randomness"]),
      ("Benchmarks", ["Models", "TensorEngine"]),
      ("Verification", ["Reporting", "TensorEngine"]),
      ("Checkpoints", ["Files", "Randomness", "Reporting"]),
      ("Evaluation", ["Collectives", "Randomness", "Reporting"]), ("Safeguards", []),
      (
        "Pretrained",
        [
          "Checkpoints", "Models", "Layers", "TensorEngine", "Tokenization", "Images", "Files", "Randomness",
          "Reporting",
        ]
      ),
      (
        "Inference",
        [
          "Pretrained", "Checkpoints", "Models", "TensorEngine", "Collectives", "Archives", "Images", "Batching",
          "Files",
          "Reporting",
        ]
      ),
      (
        "Training",
        [
          "Pretrained", "Checkpoints", "Collectives", "Files", "Images", "Layers", "Models", "Batching", "Preparation",
          "Scenes",
          "Tokenization", "Reporting", "TensorEngine", .product(name: "Logging", package: "swift-log"),
        ]
      ),
    ].map { (room: String, also: [Target.Dependency]) in
      .testTarget(
        name: "\(room)Tests", dependencies: [.byName(name: room), "TestSupport"] + also, swiftSettings: strict)
    }
    + [
      .testTarget(
        name: "CommandTests",
        dependencies: [
          "TestSupport", "TLSSupport", "mmtrain", "Archives", "Images", "Checkpoints", "Batching", "Training",
          "TensorEngine", "Files", "Reporting",
        ],
        swiftSettings: strict),
      .testTarget(name: "HouseTests", dependencies: ["TestSupport"], swiftSettings: strict),
      .testTarget(
        name: "MalformedTests",
        dependencies: [
          "TestSupport", "FuzzTargets", "mmtrain", "Batching", "Checkpoints", "Files", "Images",
        ],
        swiftSettings: strict),
      .testTarget(
        name: "DistributedTests",
        dependencies: ["TestSupport", "mmtrain", "Preparation", "Scenes", "Files", "Randomness"], swiftSettings: strict),
    ],
  swiftLanguageModes: [.v6]
)
