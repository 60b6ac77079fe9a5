import CKernels
import Testing

extension KernelTests {
  @Suite struct Types {
    @Test("every type has the block sizes and values that the gguf package gives it", arguments: types)
    func dequantises(type: ck_type) throws {
      let fixture = try Fixture(type)
      #expect(ck_type_is_known(Int32(type.rawValue)))
      #expect(fixture.cols % ck_block_values(type) == 0)
      #expect(fixture.cols / ck_block_values(type) * ck_block_bytes(type) == fixture.rowBytes)
      var row = [Float](repeating: .nan, count: fixture.cols)
      for index in 0..<fixture.rows {
        let bytes = Array(fixture.bytes[index * fixture.rowBytes..<(index + 1) * fixture.rowBytes])
        ck_dequantize_row(type, bytes, &row, row.count)
        let expected = Array(fixture.floats[index * fixture.cols..<(index + 1) * fixture.cols])
        #expect(row == expected, "row \(index) of \(type.name)")
      }
    }

    @Test("numbers between and beyond the types are unknown")
    func unknown() {
      let known = Set(types.map { Int32($0.rawValue) })
      for number in Int32(-2)...300 { #expect(ck_type_is_known(number) == known.contains(number)) }
      #expect(!ck_type_is_known(.max))
      #expect(!ck_type_is_known(.min))
    }

    @Test("a packed matrix is at most 5 % larger than the file's", arguments: types)
    func packedSize(type: ck_type) {
      let file = 160 * 1024 / ck_block_values(type) * ck_block_bytes(type)
      let packed = ck_packed_bytes(type, 160, 1024)
      #expect(packed >= file)
      #expect(Double(packed) <= 1.05 * Double(file))
    }

    @Test("packing panel by panel gives the same bytes as packing all at once", arguments: types)
    func packsInParts(type: ck_type) throws {
      let matrix = try Fixture(type).matrix(rows: 37, cols: 256)
      #expect(matrix.packed() == matrix.packed(split: true))
    }

    @Test("a level that the processor lacks is refused, the others are taken")
    func levelsAreTaken() {
      let before = ck_current_level()
      defer { _ = ck_set_level(before) }
      for level in levels {
        #expect(ck_set_level(level))
        #expect(ck_current_level() == level)
      }
      #expect(!ck_set_level(ck_level(rawValue: ck_best_level().rawValue + 1)))
      #expect(ck_current_level() == ck_best_level())
    }
  }
}
