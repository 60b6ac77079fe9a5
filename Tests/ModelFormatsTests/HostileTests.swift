import Foundation
import ModelFormats
import TestSupport
import Testing

@Suite("Files that are wrong")
struct HostileTests {
  @Test("the sample is right before anything is done to it")
  func control() throws {
    #expect(try open(sample().image().bytes).get().tensorNames == ["a", "q", "h"])
    #expect(Malformed.all.count >= 60)
    #expect(Set(Malformed.all.map(\.name)).count == Malformed.all.count)
  }

  @Test("each wrong file gives its typed error in one line", arguments: Malformed.all)
  func malformed(_ file: Malformed) throws {
    let error = try #require(open(file.bytes).failure)
    #expect(error.kind == file.kind, "\(error)")
    #expect(!error.description.contains("\n"))
    #expect(error.description.utf8.count < 1_000)
    #expect((error.offset ?? 0) <= UInt64(file.bytes.count))
  }

  @Test("an unsupported type is named beside those that are supported")
  func unsupportedType() throws {
    let image = sample().image()
    let error = try #require(open(image.setting("tensor[q].type", to: 16)).failure)
    #expect(error.message == "the tensor 'q' has type 16 (IQ2_XXS)")
    #expect(error.expected.hasPrefix("supported types are F32, F16, Q4_0"))
    #expect(error.offset == image.field("tensor[q].type").map { UInt64($0.range.lowerBound) })
  }

  @Test("a file cut at any byte is an error until its last tensor is there")
  func truncation() throws {
    var writer = sample()
    writer.set("s.filler", .strings((0..<130).map { "piece number \($0)" }))
    let image = writer.image()
    let end = try #require(image.field("tensor[h].data")).range.upperBound
    #expect(image.bytes.count >= 4_096 - 512)
    let folder = try TemporaryFolder(inMemory: true)
    for count in 0...image.bytes.count {
      let result = open(try folder.write("cut", Array(image.bytes.prefix(count))))
      let kind = result.failure?.kind
      let expected: ModelFormatError.Kind? = count < 4 ? .notAModel : count < end ? .truncated : nil
      // A short file can also have too few bytes for its counts, which is the same kind.
      #expect(kind == expected, "cut to \(count) bytes")
    }
  }

  @Test(
    "mutated files open with all data inside or give a typed error; none hangs", .timeLimit(.minutes(60)))
  func mutations() throws {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["MUTATION_SEED"].flatMap(UInt64.init) ?? 20_261_122
    let count = Mutations.count(20_000)
    var writer = sample()
    writer.set("s.scores", .floats([0, -1, -2]))
    writer.set("s.double", .float64(1))
    let mutator = Mutator(writer.image(), seed: seed)
    let folder = try TemporaryFolder(inMemory: true)
    var opened = 0
    for index in 0..<count {
      let mutation = mutator.mutation(index)
      let path = try folder.write("mutant", mutation.bytes)
      guard case .success(let file) = open(path) else { continue }
      opened += 1
      for tensor in file.tensors.values {
        let sum = tensor.withBytes { bytes in bytes.reduce(0) { $0 &+ Int($1) } }
        #expect(tensor.byteCount <= mutation.bytes.count && sum >= 0, "\(mutation)")
        #expect(tensor.type.byteCount(shape: tensor.shape) == tensor.byteCount, "\(mutation)")
        #expect(tensor.rows * tensor.columns == tensor.elementCount, "\(mutation)")
      }
    }
    // Both outcomes must be common, or the mutations do not reach what they should.
    #expect(opened > count / 50 && opened < count * 9 / 10, "\(opened) of \(count) opened, seed \(seed)")
  }

  @Test("the same seed and index make the same mutation")
  func reproducible() {
    let image = sample().image()
    let a = Mutator(image, seed: 5).mutation(17)
    #expect(Mutator(image, seed: 5).mutation(17).bytes == a.bytes)
    #expect(a.description.hasPrefix("seed 5 index 17: "))
    let different = Set((0..<500).map { Mutator(image, seed: 5).mutation($0).bytes })
    #expect(different.count > 450)
  }
}
