import ArgumentParser
import SwiftProtobuf
import Testing
import WorkbenchAPI

@testable import workbench

@Suite struct ConversionTextTests {
  @Test("How far a work is shows in bytes and, once it can be told, in the time that is left")
  func workDone() {
    let gibibyte: UInt64 = 1 << 30
    #expect(WorkDone(bytes: 0, of: 0, seconds: 5).text == "")
    #expect(WorkDone(bytes: 0, of: gibibyte, seconds: 5).text == "0 B of 1.0 GiB")
    #expect(WorkDone(bytes: gibibyte, of: 4 * gibibyte, seconds: 0.5).text == "1.0 GiB of 4.0 GiB")
    #expect(WorkDone(bytes: gibibyte, of: 4 * gibibyte, seconds: 5).text == "1.0 GiB of 4.0 GiB, 15 s left")
    #expect(
      WorkDone(bytes: gibibyte, of: 41 * gibibyte, seconds: 5).text == "1.0 GiB of 41.0 GiB, 3 min 20 s left")
    #expect(WorkDone(bytes: gibibyte, of: 4 * gibibyte, seconds: 5).fraction == 0.25)
    // A daemon that counts wrong makes no crash.
    #expect(WorkDone(bytes: .max, of: gibibyte, seconds: 5).text == "1.0 GiB of 1.0 GiB, 0 s left")
    #expect(WorkDone(bytes: 1, of: .max, seconds: 1e300).fraction < 1)
  }

  @Test("A result names the types of its tensors, and what was quantised twice")
  func result() {
    var result = ProtoConvertedModel()
    result.output = "/m/new.gguf"
    result.bytes = 3 << 20
    #expect(ConversionText.result(result, output: "new.gguf") == "wrote new.gguf: 3.0 MiB, no weights\n")
    result.shares = [
      .with {
        $0.type = "Q8_0"
        $0.tensors = 15
      },
      .with {
        $0.type = "F32"
        $0.tensors = 1
      },
    ]
    #expect(
      ConversionText.result(result, output: "new.gguf")
        == "wrote new.gguf: 3.0 MiB, 15 tensors Q8_0, 1 tensor F32\n")
    result.requantized = 1
    #expect(
      ConversionText.result(result, output: "new.gguf").contains("\n1 tensor had been quantised before: "))
    result.notes = ["one thing", "another"]
    #expect(ConversionText.result(result, output: "new.gguf").hasSuffix("\nnote: one thing\nnote: another\n"))
  }

  @Test("Relative paths start at the client's folder, and one choice of weights is needed")
  func arguments() async throws {
    let convert = try await Convert.asyncParse(["m", "new.gguf", "--type", "q8_0", "--force"])
    let request = convert.request(folder: "/here")
    #expect(request.path == "/here/m" && request.output == "/here/new.gguf")
    #expect(request.type == "q8_0" && !request.tokenizerOnly && request.replace)
    let vocabulary = try await Convert.asyncParse(["/m", "/new.gguf", "--tokenizer-only"])
    #expect(vocabulary.request(folder: "/here").tokenizerOnly)
    for arguments in [["m", "n"], ["m", "n", "--type", "f16", "--tokenizer-only"]] {
      await #expect(throws: (any Error).self) { _ = try await Convert.asyncParse(arguments) }
    }
  }
}
