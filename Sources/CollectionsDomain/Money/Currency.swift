/// An ISO 4217 currency with the number of digits of its minor unit.
///
/// Only currencies of the list below exist: an unknown code is a fault of the file that names it, never a guess at two digits.
package struct Currency: Hashable, Sendable, CustomStringConvertible {
    /// The three-letter code, upper case.
    package let code: String
    /// Digits after the decimal point of the major unit (2 for CNY, 0 for JPY, 3 for KWD).
    package let minorDigits: Int

    /// The currency with the given ISO 4217 code; `nil` when the code is not in force. Lower case is not accepted.
    package init?(_ code: String) {
        guard let digits = Self.digits[code] else { return nil }
        self.code = code
        self.minorDigits = digits
    }

    private init(known code: String, minorDigits: Int) {
        self.code = code
        self.minorDigits = minorDigits
    }

    /// Renminbi, in which the thresholds of the Chinese policy are written.
    package static let cny = Currency(known: "CNY", minorDigits: 2)

    /// Minor units in one major unit (100 for CNY).
    package var minorPerMajor: Int64 { Self.powersOfTen[minorDigits] }

    /// The code.
    package var description: String { code }

    /// Every currency in force, by code.
    package static let all: [Currency] = digits.sorted { $0.key < $1.key }.map { Currency(known: $0.key, minorDigits: $0.value) }

    private static let powersOfTen: [Int64] = [1, 10, 100, 1_000, 10_000]

    /// Every code in force, and those whose minor unit is not of two digits. Funds, metals and test codes are left out on purpose.
    private static let digits: [String: Int] = {
        var table: [String: Int] = [:]
        let twoDigits = """
            AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP \
            CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR \
            KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN \
            PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD \
            TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
            """
        for code in twoDigits.split(separator: " ") { table[String(code)] = 2 }
        for code in "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(separator: " ") { table[String(code)] = 0 }
        for code in "BHD IQD JOD KWD LYD OMR TND".split(separator: " ") { table[String(code)] = 3 }
        table["CLF"] = 4
        table["UYW"] = 4
        return table
    }()
}
