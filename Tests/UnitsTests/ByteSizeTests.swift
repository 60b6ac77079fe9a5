import Testing
import Units

@Suite("Sizes as people write them") struct ByteSizeTests {
  @Test(
    "Sizes are powers of 1024",
    arguments: [
      ("0", 0), ("4096", 4096), ("512M", 512 << 20), ("2G", 2 << 30), ("1.5k", 1536), ("1KiB", 1024),
      ("1kb", 1024), ("7B", 7),
    ])
  func sizes(_ text: String, _ bytes: UInt64) {
    #expect(ByteSize(text)?.bytes == bytes)
  }

  @Test(
    "What is no size is refused",
    arguments: ["", "M", "-1", "1X", "1.5", "99999999999G", "1Mi", "1 M", "1e3"])
  func badSizes(_ text: String) {
    #expect(ByteSize(text) == nil)
  }
}
