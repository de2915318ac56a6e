import CollectionsDomain
import Testing

@Suite("strict reading")
struct PolicyReaderTests {
    private func reader(_ literal: PolicyLiteral, sources: [String: Force]? = nil) throws -> PolicyReader {
        try PolicyReader(literal.node, sources: sources)
    }

    private func fault(_ body: () throws -> some Any) -> PolicyError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? PolicyError
        }
    }

    @Test("an unknown key is a fault with file, line and path, and names the known ones")
    func unknownKey() throws {
        let reader = try reader(["known": 1, "inner": ["colour": "red"]])
        let error = try #require(
            fault {
                try reader.mapping { keys in
                    _ = try keys.required("known").int(0...9)
                    try keys.required("inner").mapping { _ = try $0.optional("shape") }
                }
            })
        #expect(error.file == "test.yaml" && error.line == 2 && error.path == "inner.colour")
        #expect(error.reason.contains("unknown key") && error.reason.contains("shape"))
        #expect(error.description.hasPrefix("test.yaml:2: inner.colour: unknown key"))
    }

    @Test("a missing key and a null one are the same fault")
    func missingKey() throws {
        for literal in [["a": nil], [:]] as [PolicyLiteral] {
            let error = try #require(fault { try reader(literal).mapping { _ = try $0.required("a") } })
            #expect(error.reason == "missing key 'a'")
        }
    }

    @Test(
        "numbers carry no quotes, unit or sign and lie in their range",
        arguments: [PolicyLiteral.text("6"), "6d", .word("6d"), .word("+6"), .word("6.0"), 60, -1, true, nil, []])
    func numbers(value: PolicyLiteral) throws {
        #expect(fault { try reader(value).int(0...59) } != nil)
        #expect(try reader(7).int(0...59) == 7)
    }

    @Test("dates, times, instants and decimals are quoted")
    func quoted() throws {
        #expect(try reader("2026-12-01").day().description == "2026-12-01")
        #expect(try reader("08:00").time().minutes == 480)
        #expect(try reader("50000.00").decimal(scale: 2) == 5_000_000)
        #expect(try reader("0.5").decimal(scale: 2) == 50)
        #expect(try reader("2026-12-01T08:00:00+08:00").instant().description == "2026-12-01T00:00:00Z")
        #expect(fault { try reader(.word("2026-12-01")).day() } != nil)
        #expect(fault { try reader(.word("08:00")).time() } != nil)
        #expect(fault { try reader(.word("50000.00")).decimal(scale: 2) } != nil)
        for text in ["1,5", "1.234", "-1", "", "1e3"] { #expect(fault { try reader(.text(text)).decimal(scale: 2) } != nil) }
        #expect(fault { try reader("2026-02-30").day() } != nil)
        #expect(fault { try reader(.word("yes")).bool() } != nil)
    }

    @Test("a wrapped value is read as the value, with its own source and force")
    func wrapped() throws {
        let sources: [String: Force] = ["CN10": .standard, "CN3": .law]
        let plain = try reader(["value": 6, "source": ["CN10", "CN3"]], sources: sources)
        #expect(try plain.int(0...9) == 6)
        #expect(plain.basis == RuleBasis(sources: ["CN10", "CN3"], force: .law))
        #expect(
            try reader(["value": 6, "source": "CN3", "force": "bank"], sources: sources).basis == RuleBasis(sources: ["CN3"], force: .bank))
        #expect(fault { try reader(["value": 6, "unit": "days"], sources: sources).int(0...9) }?.path == "unit")
        #expect(fault { try reader(["value": 6, "source": "CN99"], sources: sources).int(0...9) }?.reason.contains("CN99") == true)
        #expect(fault { try reader(["value": 6, "force": "strong"], sources: sources).int(0...9) } != nil)
    }

    @Test("values inherit the basis of the mapping they stand in; a document may be cited with its line")
    func inherited() throws {
        let sources: [String: Force] = ["CN5": .law, "S3": .bank]
        let outer = try reader(["source": "CN5", "months": 60, "days": ["value": 3, "source": "S3:20"]], sources: sources)
        try outer.mapping { keys in
            #expect(try keys.required("months").basis == RuleBasis(sources: ["CN5"], force: .law))
            #expect(try keys.required("days").basis == RuleBasis(sources: ["S3:20"], force: .bank))
            _ = try keys.required("days").int(0...9)
        }
    }
}
