import CWorkbenchPlugin
import Glibc

/// What a library offers, on its way from the process that holds it to the trial.
enum LibraryDescription {
  /// Writes all but the functions; of those, which are present.
  static func write(
    _ offer: wb_plugin, _ samplers: [wb_sampler], _ templates: [wb_template], _ tokenizers: [wb_tokenizer],
    _ reader: ForeignReader, to answer: inout MessageWriter
  ) throws(PluginError) {
    for text in [offer.name, offer.version, offer.summary] { answer.add(text) }
    answer.add(samplers.count)
    for sampler in samplers {
      answer.add(sampler.name)
      answer.add(sampler.summary)
      answer.add(UInt64(sampler.flags))
      for isPresent in [sampler.clone != nil, sampler.accept != nil, sampler.reset != nil] {
        answer.add(isPresent)
      }
      let parameters = try reader.elements(
        sampler.parameters, sampler.parameter_count, wb_parameter(), least: WB_PARAMETER_1_0, "parameter")
      answer.add(parameters.count)
      for parameter in parameters { write(parameter, to: &answer) }
    }
    answer.add(templates.count)
    for template in templates {
      answer.add(template.name)
      answer.add(template.summary)
      answer.add(Int(template.stop_string_count))
      for index in 0..<Int(template.stop_string_count) { answer.add(template.stop_strings[index]) }
    }
    answer.add(tokenizers.count)
    for tokenizer in tokenizers {
      answer.add(tokenizer.name)
      answer.add(tokenizer.summary)
      answer.add(UInt64(tokenizer.flags))
      for number in [
        tokenizer.vocabulary_size, tokenizer.bos, tokenizer.eos, tokenizer.unknown, tokenizer.padding,
      ] {
        answer.add(number)
      }
      answer.add(Int(tokenizer.end_of_generation_count))
      for index in 0..<Int(tokenizer.end_of_generation_count) {
        answer.add(tokenizer.end_of_generation[index])
      }
    }
  }

  private static func write(_ parameter: wb_parameter, to answer: inout MessageWriter) {
    answer.add(parameter.name)
    answer.add(parameter.meaning)
    answer.add(parameter.type)
    answer.add(Int(parameter.type) == WB_TEXT ? parameter.fallback.text : nil)
    for value in [parameter.fallback, parameter.minimum, parameter.maximum] {
      answer.add(UInt64(bitPattern: value.i64))
    }
  }
}
