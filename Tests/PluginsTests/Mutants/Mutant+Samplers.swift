extension Mutant {
  private static func mutant(
    _ function: String, _ from: String, _ to: String, _ outcome: Outcome
  ) -> Mutant { Mutant("teaching_sampler.c", function, from, to, outcome) }

  /// `cooldown`: parameters, history, clone, reset.
  static let sampler: [Mutant] = [
    mutant("create", "*instance = made;\n  return WB_OK;", "return WB_OK;", .breaks("creation")),
    mutant(
      "create", "*instance = made;\n  return WB_OK;", "*instance = made;\n  return WB_FAILED;",
      .breaks("creation")),
    mutant(
      "create", "cooldown *made = calloc(1, sizeof *made);",
      "static cooldown shared;\n  cooldown *made = &shared;", .breaks("creation")),
    mutant(
      "create", "cooldown *made = calloc(1, sizeof *made);",
      "cooldown *made = malloc(sizeof *made);", .breaks("candidates")),
    mutant(
      "create", "made->strength = (float)setup->values[0].f64;",
      "static int made_before;\n  made->strength = (float)made_before++;", .breaks("seed")),
    mutant(
      "create", "made->window = (int)setup->values[1].i64;", "made->window = 0;", .breaks("candidates")),
    mutant(
      "create", "made->window = (int)setup->values[1].i64;", "made->window = (int)setup->values[0].i64;",
      .breaks("candidates")),
    mutant(
      "create", "made->strength = (float)setup->values[0].f64;", "made->strength = 1;",
      .isAllowed("a parameter without effect is a sampler of its own")),
    mutant(
      "clone", "memcpy(made, instance, sizeof *made);", "memcpy(made, instance, sizeof made);",
      .breaks("clone")),
    mutant("clone", "*copy = made;", "made->known = 0;\n  *copy = made;", .breaks("clone")),
    mutant(
      "clone", "*copy = made;", "made->known -= made->known > 0;\n  *copy = made;", .breaks("clone")),
    mutant("clone", "*copy = made;", "made->strength = 1;\n  *copy = made;", .breaks("clone")),
    mutant("clone", "*copy = made;", "made->window = 32;\n  *copy = made;", .breaks("clone")),
    mutant("clone", "*copy = made;", "*copy = (void *)instance;", .breaks("clone")),
    mutant("clone", "*copy = made;", "", .breaks("clone")),
    mutant("clone", "*copy = made;", "((cooldown *)instance)->known = 0;\n  *copy = made;", .breaks("clone")),
    mutant("clone", "*copy = made;", "made->recent[0] = 0;\n  *copy = made;", .breaks("clone")),
    mutant(
      "clone", "*copy = made;\n  return WB_OK;", "*copy = made;\n  return WB_OUT_OF_MEMORY;", .breaks("clone")
    ),
    mutant("rest", "age < self->known", "age <= self->known", .breaks("reset")),
    mutant("rest", "age < self->known", "age < self->window", .breaks("reset")),
    mutant(
      "rest", "return self->strength * share;", "return self->strength / (share - share);",
      .breaks("candidates")),
    mutant(
      "rest", "(float)(self->window - age) / (float)self->window", "1",
      .isAllowed("another course of the rest is a sampler of its own")),
    mutant(
      "rest", "self->recent[age] == token", "self->recent[age] != token",
      .isAllowed("resting all other tokens is a sampler of its own")),
    mutant("apply", "if (self->known == 0) { return WB_OK; }", "", .isAllowed("equal: nothing rests yet")),
    mutant("apply", "index < candidates->count", "index <= candidates->count", .breaks("candidates")),
    mutant(
      "apply", "const cooldown *self = instance;\n  if (self->known == 0)",
      "cooldown *self = instance;\n  self->known = 0;\n  if (self->known == 0)",
      .isAllowed("a sampler that never changes anything")),
    mutant(
      "apply", "candidates->logits[index] -= rest(self, candidates->ids[index]);",
      "candidates->logits[0] = rest(self, candidates->ids[index]) * INFINITY;", .breaks("candidates")),
    mutant(
      "apply", "candidates->logits[index] -= rest(self, candidates->ids[index]);",
      "candidates->ids[index] = self->recent[0];", .breaks("candidates")),
    mutant(
      "apply", "candidates->logits[index] -= rest(self, candidates->ids[index]);",
      "static float total;\n    candidates->logits[index] -= total += rest(self, candidates->ids[index]);",
      .breaks("seed")),
    mutant(
      "apply", "candidates->logits[index] -= rest(self, candidates->ids[index]);\n  }",
      "candidates->logits[index] -= rest(self, candidates->ids[index]);\n  }\n  candidates->count = 0;",
      .breaks("candidates")),
    mutant(
      "accept", "if (self->known < self->window) { self->known++; }", "self->known++;", .breaks("history")),
    mutant(
      "accept", "self->recent[0] = token;\n  return WB_OK;", "self->recent[0] = token;\n  return WB_FAILED;",
      .breaks("candidates")),
    mutant(
      "accept", "self->recent[0] = token;",
      "static int32_t all;\n  self->recent[0] = all = token + (all & 1);",
      .breaks("seed")),
    mutant(
      "accept", "sizeof(int32_t) * (size_t)(self->known - 1)", "sizeof(int32_t) * 100000",
      .breaks("candidates")),
    mutant(
      "accept", "self->recent[0] = token;", "self->recent[0] = 0;",
      .isAllowed("resting one token after any other is a sampler of its own")),
    mutant("reset", "((cooldown *)instance)->known = 0;", "(void)instance;", .breaks("reset")),
    mutant(
      "reset", "((cooldown *)instance)->known = 0;", "((cooldown *)instance)->known /= 2;", .breaks("reset")),
    mutant(
      "reset", "((cooldown *)instance)->known = 0;", "((cooldown *)instance)->known = 1;", .breaks("reset")),
    mutant(
      "reset", "((cooldown *)instance)->known = 0;", "memset(instance, 0, sizeof(cooldown));",
      .breaks("reset")),
    mutant(
      "reset", "((cooldown *)instance)->known = 0;",
      "((cooldown *)instance)->known = 0, ((cooldown *)instance)->strength = 1;", .breaks("reset")),
    mutant("reset", "((cooldown *)instance)->known = 0;", "free(instance);", .breaks("reset")),
    mutant("destroy", ".destroy = free,", ".destroy = reset,", .breaks("destruction")),
    mutant(
      "destroy", "static const wb_sampler samplers[]",
      "static void end(void *instance) { free(instance), free(instance); }\n#define free end\nstatic const wb_sampler samplers[]",
      .breaks("creation")),
    mutant("tables", ".clone = clone,", "", .breaks("open")),
    mutant("tables", "WB_STATEFUL | WB_HISTORY", "WB_HISTORY", .breaks("open")),
    mutant("tables", "WB_STATEFUL | WB_HISTORY", "WB_STATEFUL | WB_HISTORY | WB_KEEPS_BEST", .breaks("best")),
    mutant(
      "tables", "WB_STATEFUL | WB_HISTORY", "WB_STATEFUL | WB_HISTORY | WB_SELECTS", .breaks("candidates")),
    mutant("tables", ".fallback = {.f64 = 1.0}", ".fallback = {.f64 = 101}", .breaks("open")),
    mutant("tables", ".parameter_count = 2", ".parameter_count = 1", .breaks("creation")),
    mutant("entry", ".sampler_count = 1", ".sampler_count = 0", .breaks("open")),
    mutant("entry", "(void)host;\n", "(void)host;\n  return WB_FAILED;\n", .breaks("open")),
  ]

  /// `jitter`: a random state, in C++.
  static let jitter: [Mutant] = [
    Mutant(
      "cpp-sampler/jitter.cpp", "reset", "void reset() { state_ = seed_; }", "void reset() {}",
      .breaks("reset")),
    Mutant(
      "cpp-sampler/jitter.cpp", "reset", "void reset() { state_ = seed_; }", "void reset() { state_ = 0; }",
      .breaks("reset")),
    Mutant(
      "cpp-sampler/jitter.cpp", "clone", "new Jitter(*static_cast<const Jitter *>(instance))",
      "const_cast<void *>(instance)", .breaks("clone")),
    Mutant(
      "cpp-sampler/jitter.cpp", "clone", "new Jitter(*static_cast<const Jitter *>(instance))",
      "new Jitter(0.1, 42)", .breaks("clone")),
    Mutant(
      "cpp-sampler/jitter.cpp", "apply", "host->random(&state_)", "host->random(&shared)", .breaks("seed")),
    Mutant(
      "cpp-sampler/jitter.cpp", "apply", "std::log(-std::log(uniform))", "std::log(std::log(uniform))",
      .breaks("candidates")),
    Mutant(
      "cpp-sampler/jitter.cpp", "create", "new Jitter(setup->values[0].f64, setup->seed)",
      "new Jitter(setup->values[0].f64, ++shared)", .breaks("seed")),
    Mutant(
      "cpp-sampler/jitter.cpp", "create", "*instance = new Jitter(setup->values[0].f64, setup->seed);",
      "throw std::bad_alloc();", .breaks("creation")),
    Mutant(
      "cpp-sampler/jitter.cpp", "destroy", "delete static_cast<Jitter *>(instance);", "(void)instance;",
      .breaks("destruction")),
    Mutant("cpp-sampler/jitter.cpp", "tables", "sampler.flags = WB_STATEFUL;", "", .breaks("statelessness")),
    Mutant(
      "cpp-sampler/jitter.cpp", "tables", "parameter.fallback.f64 = 0.1;", "parameter.fallback.f64 = -0.1;",
      .breaks("open")),
  ]
}
