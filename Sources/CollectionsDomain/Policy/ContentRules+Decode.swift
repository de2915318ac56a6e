extension ContentRules {
    static func read(_ keys: inout PolicyKeys) throws -> ContentRules {
        var rules = ContentRules(firstContact: [], everyContact: [], disclosureBasis: keys.basis, letterRecommended: [])
        if let disclosures = try keys.optional("disclosures") {
            rules.disclosureBasis = disclosures.basis
            try disclosures.mapping { kinds in
                rules.firstContact = try kinds.optional("first_contact")?.codes() ?? []
                rules.everyContact = try kinds.optional("every_contact")?.codes() ?? []
            }
        }
        rules.letterRequired = try keys.optional("letter_required_fields")?.sourced { try $0.codes() }
        rules.letterRecommended = try keys.optional("letter_recommended_fields")?.list { try $0.string() } ?? []
        rules.letterForbidden = try keys.optional("letter_forbidden")?.sourced { try $0.codes() }
        rules.letterAddresses = try keys.optional("letter_addresses")?.sourced { reader in
            let kinds: CodeSet<PointKind> = try reader.codes()
            guard kinds.subtracting([.billingAddress, .homeAddress, .workAddress, .otherAddress]).isEmpty else {
                throw reader.fault("expected addresses")
            }
            return kinds
        }
        rules.validation = try keys.optional("validation")?.mapping { rule in
            ValidationRule(
                required: try rule.required("required").bool(), dueDays: try rule.required("due_days").int(0...366),
                disputeDays: try rule.required("dispute_days").int(0...366),
                assumedReceiptBusinessDays: try rule.required("assumed_receipt_business_days").int(0...100), basis: rule.basis)
        }
        return rules
    }
}
