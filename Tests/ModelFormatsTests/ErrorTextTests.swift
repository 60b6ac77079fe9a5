import TestSupport
import Testing

@testable import ModelFormats

@Suite("What errors say")
struct ErrorTextTests {
  @Test(
    "a file of another kind is named",
    arguments: [
      (
        "\u{10}\0\0\0\0\0\0\0{\"a\":1}",
        "not a GGUF file; it looks like safetensors: load the folder that it is in, with its config.json"
      ),
      ("FUGG", "not a GGUF file; it looks like a big-endian GGUF file"),
      (
        "PK\u{3}\u{4}",
        "not a GGUF file; it looks like a zip archive, such as a PyTorch checkpoint: load the folder that it is in, with its config.json"
      ),
      ("<!DOCTYPE html>", "not a GGUF file; it looks like a web page"),
      (
        "version https://git-lfs.github.com/spec/v1\n",
        "not a GGUF file; it looks like a Git LFS pointer (download the file itself)"
      ),
      ("hello", "not a GGUF file; those start with the letters GGUF"),
      ("", "the file is empty; download it again"),
    ])
  func kinds(content: String, text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("model", Array(content.utf8))
    #expect(open(path).failure?.description == "\(path): \(text)")
  }

  @Test("a file that ends inside its metadata says where, what for and what to do")
  func cutMetadata() throws {
    let image = sample().image()
    let place = try #require(image.field("metadata[s.texts].value.count")).range
    let folder = try TemporaryFolder()
    let path = try folder.write("model", Array(image.bytes[..<place.upperBound]))
    let error = try #require(open(path).failure)
    #expect(
      error.description.hasPrefix(
        "\(path): the file is cut short at byte \(place.lowerBound); download it again (the length of 's.texts' is "
      ))
    #expect(error.description.hasSuffix("but only 0 bytes follow)"))
  }

  @Test("a file that ends inside its tensors names the first tensor that is not whole")
  func cutData() throws {
    let image = sample().image()
    let end = try #require(image.field("tensor[h].data")).range.upperBound
    let error = try #require(open(Array(image.bytes[..<(end - 1)])).failure)
    #expect(error.message == "the file is cut short" && error.offset == UInt64(end - 1))
    #expect(error.expected == "download it again (the tensor 'h' takes 16 bytes from byte \(end - 16))")
  }

  @Test(
    "a size is whole bytes below a KiB and one decimal of a unit above",
    arguments: [
      (0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"),
      (64 << 20, "64 MiB"), (72_736_874_496, "67.7 GiB"), (18_766_565_376, "17.5 GiB"), (Int.max, "8 EiB"),
    ])
  func sizes(bytes: Int, text: String) {
    #expect(ByteSize(bytes).description == text)
  }
}
