// swift-tools-version: 6.2
import PackageDescription

// Set by scripts/test for the build with the thread sanitizer: a lock that it can see.
let sanitized: [SwiftSetting] =
    Context.environment["VOLFEFE_THREAD_SANITIZER"] == nil ? [] : [.define("THREAD_SANITIZER")]

let package = Package(
    name: "volfefe",
    products: [
        .executable(name: "volfefe", targets: ["VolfefeCLI"]),
        .library(name: "Volfefe", targets: ["Volfefe"]),
        .library(name: "Inference", targets: ["Inference"]),
    ],
    dependencies: [
        // Launching and tearing down worker processes (process groups, pidfd, teardown).
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        // SQLite: WAL pool, migrations, prepared statements.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Commands, options, help, completion.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // volfefe.yaml, with line and column of every node.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // SHA-256 of texts.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .target(
            name: "Inference",
            dependencies: [
                .product(name: "Subprocess", package: "swift-subprocess")
            ],
            swiftSettings: sanitized
        ),
        .target(
            name: "Volfefe",
            dependencies: [
                "Inference",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        // C: register loops that measure what a core can do.
        .target(name: "MachinePeak"),
        .executableTarget(
            name: "VolfefeCLI",
            dependencies: [
                "Inference", "Volfefe", "MachinePeak",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        // Not a product: `scripts/bench pool` builds and runs it.
        .executableTarget(
            name: "PoolBenchmark",
            dependencies: [
                "Inference", "Volfefe", .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            path: "benchmarks/pool",
            exclude: ["echo_worker.py", "plain_loop.py"]
        ),
        // Not a product either: `scripts/bench queue` builds and runs it.
        .executableTarget(
            name: "QueueBenchmark", dependencies: ["Volfefe"], path: "benchmarks/queue", exclude: ["__main__.py"]
        ),
        .testTarget(
            name: "InferenceTests",
            dependencies: ["Inference"]
        ),
        .testTarget(name: "VolfefeTests", dependencies: ["Volfefe"]),
        .testTarget(
            name: "VolfefeCLITests",
            dependencies: [
                "VolfefeCLI", "Volfefe", "MachinePeak", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
