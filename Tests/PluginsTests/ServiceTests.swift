import CWorkbenchPlugin
import Glibc
import Plugins
import Sampling
import Testing
import Tokens

@Suite("A plugin's sampler in service") struct ServiceTests {
  /// A library of its own, so that faults of one test do not disable another's.
  private func sampler(_ change: (inout PluginSettings) -> Void = { _ in }) throws -> PluginSampler {
    var settings = PluginSettings()
    settings.corruption = .report
    change(&settings)
    return try #require(try PluginLibrary.open(Libraries.inService.get(), settings: settings).samplers.first)
  }

  private func chain(
    _ sampler: PluginSampler, mode: Int, before: [ChainSpecification.Stage] = []
  ) throws -> SamplerChain {
    var registry = SamplerRegistry.builtIn
    try sampler.register(in: &registry)
    let stages = before + [.init("in_service", ["mode": .integer(mode)]), .init("greedy")]
    return try SamplerChain(
      ChainSpecification(stages: stages, seed: 3), registry: registry, vocabularySize: logits.count)
  }

  private let logits: [Float] = (0..<100).map { Float(($0 * 37) % 100) / 10 }

  private func sample(_ chain: inout SamplerChain) throws(SamplingError) -> TokenID {
    let logits = logits
    let result: Result<TokenID, SamplingError> = logits.withUnsafeBufferPointer { row in
      do throws(SamplingError) { return .success(try chain.sample(row).token) } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func failure(_ chain: inout SamplerChain) -> String {
    do throws(SamplingError) {
      return "token \(try sample(&chain))"
    } catch {
      return "\(error)"
    }
  }

  @Test("It stands beside the built-in stages, described in the same words") func registers() throws {
    let sampler = try sampler()
    var registry = SamplerRegistry.builtIn
    try sampler.register(in: &registry)
    let descriptor = try #require(registry.descriptor(named: "in_service"))
    #expect(descriptor.origin == "service" && descriptor.summary == "Wrong when asked.")
    let mode = try #require(descriptor.parameters.first)
    #expect(mode.kind == .integer(0...20) && mode.defaultValue == .integer(0))
    #expect(throws: SamplingError.duplicateStage(name: "in_service")) { try sampler.register(in: &registry) }
    #expect(throws: SamplingError.self) { try chain(sampler, mode: 21) }
  }

  @Test("It can change logits and drop candidates, after any other stage") func works() throws {
    let sampler = try sampler()
    var banning = try chain(sampler, mode: 10)
    let first = try sample(&banning)
    banning.accept(first)
    #expect(try sample(&banning) != first)
    banning.reset()
    #expect(try sample(&banning) == first)
    var halving = try chain(sampler, mode: 11, before: [.init("top_k", ["top_k": .integer(9)])])
    let (_, trace) = try logits.withUnsafeBufferPointer { try halving.sampleTraced($0) }
    #expect(trace.stages.map(\.name) == ["top_k", "in_service", "greedy"])
    #expect(trace.stages[1].before.candidates == 9 && trace.stages[1].after.candidates == 5)
    #expect(sampler.health.cost.calls == 4 && sampler.health.cost.nanoseconds > 0)
  }

  @Test("A copy of a chain is a clone: what one hears, the other does not") func copies() throws {
    let sampler = try sampler()
    var original = try chain(sampler, mode: 10)
    let best = try sample(&original)
    var copy = original
    copy.accept(best)
    #expect(try sample(&original) == best)
    #expect(try sample(&copy) != best)
    original.accept(best)
    #expect(try sample(&original) == sample(&copy))
  }

  @Test("A sampler that selects ends a chain; without state it needs no instance") func selects() throws {
    let library = try PluginLibrary.open(try Libraries.compile(Self.last, "selects_last"))
    let sampler = try #require(library.samplers.first)
    #expect(sampler.descriptor.selectsToken && !sampler.isStateful)
    var registry = SamplerRegistry.builtIn
    try sampler.register(in: &registry)
    let stages: [ChainSpecification.Stage] = [.init("top_k", ["top_k": .integer(7)]), .init("last")]
    var chain = try SamplerChain(
      ChainSpecification(stages: stages, seed: 1), registry: registry, vocabularySize: logits.count)
    let seventh = try #require(logits.indices.sorted { logits[$0] > logits[$1] }.prefix(7).last)
    #expect(try sample(&chain) == TokenID(seventh))
    let behind = ChainSpecification(stages: [.init("last"), .init("greedy")], seed: 1)
    #expect(throws: SamplingError.invalidChain(reason: "'greedy' comes after 'last', which picks the token"))
    {
      try SamplerChain(behind, registry: registry, vocabularySize: 4)
    }
  }

  private static let last = """
    #include "workbench_plugin.h"
    static wb_status create(void *c, const wb_sampler_setup *s, void **i, char *e, size_t n) {
      (void)c, (void)s, (void)i, (void)e, (void)n;
      return WB_OK;
    }
    static wb_status apply(void *i, wb_candidates *v, char *e, size_t n) {
      (void)i, (void)e, (void)n;
      v->selected = (int64_t)v->count - 1;
      return WB_OK;
    }
    static void destroy(void *i) { (void)i; }
    static const wb_sampler s[] = {
        {.header = WB_HEADER(wb_sampler), .name = "last", .summary = "Selects the last.", .flags = WB_SELECTS,
         .create = create, .apply = apply, .destroy = destroy}};
    WB_EXPORT wb_status workbench_plugin_entry(const wb_host *h, wb_plugin *p) {
      (void)h;
      *p = (wb_plugin){.header = WB_HEADER(wb_plugin), .name = "last", .version = "1", .summary = "Selects.",
                       .samplers = s, .sampler_count = 1};
      return WB_OK;
    }
    """

  @Test("Copies of a stage without state work at the same time on what the plugin made once")
  func sharesStatelessInstances() async throws {
    let library = try PluginLibrary.open(Libraries.throwing.get())
    let sampler = try #require(library.samplers.first)
    #expect(!sampler.isStateful)
    let stage = try sampler.makeStage(vocabularySize: 4)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var copy = stage
          var candidates = Candidates()
          try [Float](repeating: 0, count: 4).withUnsafeBufferPointer { try candidates.load($0) }
          for _ in 0..<500 { try copy.apply(to: &candidates) }
        }
      }
      try await group.waitForAll()
    }
    #expect(sampler.health.cost.calls == 2000 && sampler.health.state == .healthy)
  }

  static let faults: [(Int, String)] = [
    (1, "wrote a logit that is not a number"),
    (2, "left 0 of 100 candidates"),
    (3, "left 101 of 100 candidates"),
    (4, "returned a token that was not among the candidates"),
    (5, "failed: out of luck"),
    (7, "wrote outside the memory it was lent"),
    (8, "replaced the arrays that it was lent"),
    (9, "left only candidates with a logit of minus infinity"),
    (12, "wrote outside the memory it was lent"),
  ]

  @Test("A fault ends the step with an error that names the plugin; three disable it", arguments: faults)
  func disables(_ mode: Int, _ words: String) throws {
    let sampler = try sampler()
    var chain = try chain(sampler, mode: mode)
    for _ in 0..<3 {
      #expect(failure(&chain) == "sampler stage 'in_service' failed: plugin 'service' \(words)")
    }
    #expect(sampler.health.state == .disabled(reason: "3 faults, most recently: apply \(words)"))
    let disabled = "plugin 'service' is disabled: 3 faults, most recently: apply \(words)"
    #expect(failure(&chain) == "sampler stage 'in_service' failed: \(disabled)")
    #expect(throws: SamplingError.stageFailed(stage: "in_service", reason: disabled)) {
      try self.chain(sampler, mode: 0)
    }
    #expect(sampler.health.faults.count == 3)
  }

  @Test("A step over its budget is a fault") func holdsTheBudget() throws {
    let sampler = try sampler { $0.stepBudget = 10_000_000 }
    var chain = try chain(sampler, mode: 6)
    #expect(failure(&chain).hasSuffix(" ms of processor time; its budget is 10.0 ms"))
    #expect(sampler.health.faults.count == 1)
  }

  @Test("Waiting for a processor is not the plugin's fault: only its own time counts") func waiting() throws {
    let sampler = try sampler { $0.stepBudget = 10_000_000 }
    var chain = try chain(sampler, mode: 15)
    for _ in 0..<4 { _ = try sample(&chain) }
    #expect(sampler.health.state == .healthy && sampler.health.faults.count == 0)
  }

  @Test("A refusal to be created is the caller's mistake and counts as none") func countsNoRefusals() throws {
    let sampler = try sampler()
    for _ in 0..<5 {
      #expect(
        throws: SamplingError.stageFailed(
          stage: "in_service", reason: "plugin 'service' refused the request: mode 20 does not exist")
      ) { try chain(sampler, mode: 20) }
    }
    #expect(sampler.health.state == .healthy)
  }

  @Test("A failure of accept or clone is told by the next step") func keepsFailures() throws {
    let sampler = try sampler()
    var deaf = try chain(sampler, mode: 14)
    deaf.accept(5)
    #expect(failure(&deaf).hasSuffix("plugin 'service' failed"))
    let original = try chain(sampler, mode: 13)
    var copy = original
    #expect(failure(&copy).hasSuffix("plugin 'service' failed with WB_OUT_OF_MEMORY"))
    #expect(original.vocabularySize == 100)
  }

  @Test("Faults far apart do not add up") func forgivesOldFaults() throws {
    let sampler = try sampler()
    var faulty = try chain(sampler, mode: 1)
    _ = failure(&faulty)
    _ = failure(&faulty)
    var good = try sampler.makeStage(vocabularySize: 1)
    var candidates = Candidates()
    try [Float(0)].withUnsafeBufferPointer { try candidates.load($0) }
    for _ in 0...100_000 { try good.apply(to: &candidates) }
    _ = failure(&faulty)
    #expect(sampler.health.state == .healthy)
    #expect(sampler.health.faults.count == 3)
  }

  @Test("The helpers of the host: softmax sums to one, sort orders, random numbers repeat") func helps() {
    var logits: [Float] = [1, .random(in: -9...9), -.infinity, 3, 3, -1e30]
    var ids: [Int32] = [9, 8, 7, 6, 5, 4]
    var probabilities = [Float](repeating: 0, count: 6)
    wb_softmax(logits, 6, &probabilities)
    #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6 && probabilities[2] == 0)
    let expected = zip(ids, logits).sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    ids.withUnsafeMutableBufferPointer { ids in
      logits.withUnsafeMutableBufferPointer { logits in
        var candidates = wb_candidates()
        (candidates.ids, candidates.logits, candidates.count) = (ids.baseAddress, logits.baseAddress, 6)
        wb_sort(&candidates)
        #expect(candidates.is_sorted == 1)
      }
    }
    #expect(ids == expected.map(\.0) && logits == expected.map(\.1))
    // The first outputs for the state 1234567, from the reference implementation (Vigna, splitmix64.c).
    var state: UInt64 = 1_234_567
    #expect(wb_random(&state) == 6_457_827_717_110_365_317)
    #expect(wb_random(&state) == 3_203_168_211_198_807_973)
  }
}
