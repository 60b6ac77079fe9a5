import Glibc
import Tokenizers
import Tokens

// Times encoding and decoding: TokenizerBenchmark TOKENIZER TEXT [--ids | --texts [--plain]]
//
// TOKENIZER is a GGUF file, a tokenizer.json, a tokenizer.model or a folder with one of the last two. Times are of the
// processor, so that other work on the machine matters less. The text is cut into parts of about 2 KB at line ends, as
// requests arrive; each part is one call. `twin.py` in this folder does the same with Hugging Face's tokenizers or sentencepiece.
//
// --ids prints the ids of every part instead. --texts reads TEXT as texts that each end with the byte 0x1E, and prints
// for each its ids, with special tokens parsed unless --plain is given, and what they decode to, in hexadecimal.

let partBytes = 2048
let rounds = 5

func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func read(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "rb") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
    bytes.append(contentsOf: chunk[..<count])
  }
  return bytes
}

func parts(_ bytes: [UInt8]) -> [[UInt8]] {
  var result: [[UInt8]] = []
  var start = 0
  var end = 0
  while end < bytes.count {
    end += 1
    if bytes[end - 1] == 10, end - start >= partBytes {
      result.append(Array(bytes[start..<end]))
      start = end
    }
  }
  if start < end { result.append(Array(bytes[start..<end])) }
  return result
}

func median(_ body: () throws -> Void) rethrows -> Double {
  var times: [Double] = []
  for _ in 0..<rounds {
    let start = now()
    try body()
    times.append(now() - start)
  }
  return times.sorted()[rounds / 2]
}

func printTexts(_ bytes: [UInt8], _ tokenizer: any Tokenizer, _ special: SpecialParsing) throws {
  for text in bytes.split(separator: 0x1E, omittingEmptySubsequences: false).dropLast() {
    let ids = try tokenizer.encode(Array(text), special: special).map(\.id)
    let decoded = tokenizer.decode(ids).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    print(ids.map(\.description).joined(separator: " "), decoded.joined(), separator: "\t")
  }
}

func run() throws {
  let arguments = CommandLine.arguments
  guard arguments.count >= 3, let text = read(arguments[2]) else {
    print("usage: TokenizerBenchmark TOKENIZER TEXT [--ids | --texts [--plain]]")
    exit(2)
  }
  let start = now()
  let tokenizer = try TokenizerFile.open(path: arguments[1])
  let load = now() - start
  if arguments.count > 3, arguments[3] == "--texts" {
    return try printTexts(text, tokenizer, arguments.contains("--plain") ? .none : .all)
  }
  let all = parts(text)
  if arguments.count > 3 {
    for part in all {
      print(try tokenizer.encode(part).map(\.id.description).joined(separator: " "))
    }
    return
  }
  var ids: [[TokenID]] = []
  let encode = try median { ids = try all.map { try tokenizer.encode($0).map(\.id) } }
  var decoded = 0
  let decode = median { decoded = ids.reduce(0) { $0 + tokenizer.decode($1).count } }
  let tokens = ids.reduce(0) { $0 + $1.count }
  let megabytes = Double(text.count) / 1e6
  func line(_ label: String, _ value: Double, _ unit: String) {
    print("\(label): \((value * 100).rounded() / 100) \(unit)")
  }
  print("\(tokenizer.name): \(tokenizer.vocabularySize) pieces, \(text.count) bytes, \(tokens) tokens")
  line("load", load * 1000, "ms")
  line("encode", megabytes / encode, "MB/s")
  line("decode", Double(decoded) / 1e6 / decode, "MB/s")
}

do {
  try run()
} catch {
  print(error)
  exit(1)
}
