import Pipeline
import Runtime
import Sampling
import WorkbenchAPI

// What a profile gives where the request says nothing, and notes of it for the effective settings.
extension GenerationOptions {
  /// What applies to texts too.
  mutating func apply(_ profile: Profile) {
    self.profile = profile.name
    guard maxTokens == nil, let most = profile.maxTokens else { return }
    maxTokens = most
    note("max_tokens", "\(most)")
  }

  /// What applies to the answers of a chat; the input has what applies to its prompt.
  mutating func apply(_ profile: Profile, to input: PromptInput, of request: ProtoChatRequest) {
    if input.messages.count > request.messages.count { note("system", profile.system ?? "") }
    if !request.hasAddGenerationPrompt, let adds = profile.addGenerationPrompt {
      note("add_generation_prompt", "\(adds)")
    }
    if !profile.stop.isEmpty {
      stop += profile.stop.filter { !stop.contains($0) }
      note("stop", profile.stop.joined(separator: " | "))
    }
    if profile.strip == true {
      strip = true
      note("strip", "true")
    }
    // With the start of its turn in the prompt, the model does not write it.
    if !profile.answerHead.isEmpty, !input.addGenerationPrompt {
      answerHead = profile.answerHead
      note("answer_head", profile.answerHead)
    }
  }

  private mutating func note(_ name: String, _ value: String) {
    others.append(.init(name: name, value: value, source: .profile, sourceName: profile))
  }
}
