import Glibc
import Jinja

// Times rendering: TemplateBenchmark < JOBS
//
// Reads one JSON object a line: {"source", "context", "now"}. For each it prints one line: microseconds of a
// rendering, microseconds of turning the context's JSON into values, bytes of the result and their FNV-1a hash; or
// "refused". Templates are compiled and contexts converted beforehand. Times are of the processor, so that other work
// on the machine matters less. `peer.py` in this folder writes the jobs, does the same with jinja2 and compares.

let batches = 7
let batchSeconds = 0.002

func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The median microseconds of one call, over batches of about the same length.
func microseconds(_ body: () throws -> Void) rethrows -> Double {
  var repeats = 1
  while true {
    let start = now()
    for _ in 0..<repeats { try body() }
    if now() - start > batchSeconds { break }
    repeats *= 2
  }
  var times: [Double] = []
  for _ in 0..<batches {
    let start = now()
    for _ in 0..<repeats { try body() }
    times.append((now() - start) / Double(repeats))
  }
  return times.sorted()[batches / 2] * 1e6
}

func hash(_ text: String) -> UInt32 {
  text.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
}

func measure(_ line: String) throws -> String {
  let job = try Value(json: line)
  guard case .string(let source, _)? = job["source"], case .string(let json, _)? = job["context"],
    case .int(let date)? = job["now"]
  else { return "refused" }
  let template = try Template(source)
  guard case .dict(let fields) = try Value(json: json) else { return "refused" }
  let context = Dictionary(uniqueKeysWithValues: fields.entries.map { ($0.key, $0.value) })
  let rendered: Rendered
  do {
    rendered = try template.render(context, now: date)
  } catch {
    return "refused"
  }
  let rendering = try microseconds { _ = try template.render(context, now: date) }
  let conversion = try microseconds { _ = try Value(json: json) }
  return "\(rendering) \(conversion) \(rendered.text.utf8.count) \(hash(rendered.text))"
}

do {
  while let line = readLine() {
    print(try measure(line))
    fflush(nil)
  }
} catch {
  print(error)
  exit(1)
}
