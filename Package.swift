// swift-tools-version: 6.2
import PackageDescription

/// One list for every target: Swift 6 mode comes with the tools version, the rest is opted into here.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "recourse",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "recourse", targets: ["recourse"]),
        .executable(name: "recourse-worker", targets: ["recourse-worker"]),
        .library(name: "PostgresDriver", targets: ["PostgresDriver"]),
        .library(name: "AgencyClient", targets: ["AgencyClient", "WireTypes"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(name: "CLinux"),

        // The database, knowing nothing of collections.
        .target(
            name: "PostgresDriver",
            dependencies: ["CLibPQ", .target(name: "CLinux", condition: .when(platforms: [.linux])), logging, metrics, collections],
            swiftSettings: strict),
        .target(name: "EmbeddedPostgres", dependencies: ["PostgresDriver", logging], swiftSettings: strict),

        // The business: pure decisions, then the SQL, then the use cases.
        .target(name: "CollectionsDomain", dependencies: [collections], swiftSettings: strict),
        .target(
            name: "Schema", path: "Schema", exclude: ["schema.dump.sql"], sources: ["Schema.swift"],
            resources: [
                .embedInCode("0001_control.sql"), .embedInCode("0002_portfolio.sql"), .embedInCode("0003_dispatch.sql"),
                .embedInCode("0004_isolation.sql"), .embedInCode("0005_plans.sql"), .embedInCode("0006_card_orders.sql"),
                .embedInCode("0007_terms.sql"), .embedInCode("0008_complaints.sql"), .embedInCode("0009_task_access.sql"),
            ],
            swiftSettings: strict),
        .target(
            name: "CollectionsStore",
            dependencies: ["PostgresDriver", "CollectionsDomain", "Schema", crypto, logging], swiftSettings: strict),
        .target(
            name: "Coordinator",
            dependencies: [
                "CollectionsStore", "CollectionsDomain", "PostgresDriver", "WireTypes", crypto, logging, metrics, lifecycle, yaml,
                subprocess,
                collections,
            ],
            swiftSettings: strict),

        // What agencies see.
        .target(name: "WireTypes", swiftSettings: strict),
        .target(
            name: "AgencyAPI",
            dependencies: [
                "Coordinator", "CollectionsStore", "CollectionsDomain", "PostgresDriver", "WireTypes", hummingbird, crypto, logging,
                metrics, nioCore, lifecycle,
            ],
            swiftSettings: strict),
        .target(
            name: "AgencyClient", dependencies: ["WireTypes", httpClient, logging, lifecycle, nioCore, nioHTTP1, subprocess],
            swiftSettings: strict),
        .target(
            name: "Simulator", dependencies: ["AgencyClient", "WireTypes", "CollectionsDomain", logging, lifecycle], swiftSettings: strict),

        // The two commands.
        .executableTarget(
            name: "recourse",
            dependencies: [
                "AgencyAPI", "AgencyClient", "Coordinator", "CollectionsStore", "CollectionsDomain", "EmbeddedPostgres", "PostgresDriver",
                "Schema",
                "Simulator", "WireTypes", arguments, lifecycle, unixSignals, logging, httpClient, subprocess,
                nioCore, nioHTTP1,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "recourse-worker", dependencies: ["AgencyClient", "WireTypes", arguments, lifecycle, unixSignals, logging],
            swiftSettings: strict),

        // Tests.
        .target(
            name: "RecourseTesting",
            dependencies: ["PostgresDriver", "EmbeddedPostgres", "CollectionsStore", "CollectionsDomain", "Schema", logging],
            swiftSettings: strict),
        .testTarget(
            name: "PostgresDriverTests", dependencies: ["PostgresDriver", "RecourseTesting", "EmbeddedPostgres", logging],
            swiftSettings: strict),
        .testTarget(name: "CollectionsDomainTests", dependencies: ["CollectionsDomain"], swiftSettings: strict),
        .testTarget(
            name: "CollectionsStoreTests",
            dependencies: ["CollectionsStore", "CollectionsDomain", "PostgresDriver", "Schema", "RecourseTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: ["Coordinator", "CollectionsStore", "CollectionsDomain", "PostgresDriver", "WireTypes", "RecourseTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "AgencyAPITests",
            dependencies: [
                "AgencyAPI", "AgencyClient", "Coordinator", "CollectionsStore", "CollectionsDomain", "PostgresDriver", "WireTypes",
                "RecourseTesting",
                "recourse", "recourse-worker", crypto, lifecycle, subprocess, httpClient, nioCore,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CollectionsStore", "CollectionsDomain", "Coordinator", "PostgresDriver", "RecourseTesting", "EmbeddedPostgres",
                "AgencyClient", "WireTypes", "Simulator", "recourse", "recourse-worker", logging, subprocess,
            ],
            swiftSettings: strict),
    ]
)
