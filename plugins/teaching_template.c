// A prompt template that writes a conversation as the script of a play, and merges consecutive messages of the
// same speaker:
//
//   [Be brief.]            (a system message)
//   Human: Hello.
//   Assistant:
//
//   cc -O2 -shared -fPIC -I ../Sources/CWorkbenchPlugin/include -o teaching_template.so teaching_template.c
#include <stdio.h>
#include <string.h>

#include "workbench_plugin.h"

static const wb_host *host;

// The template's own text, in which special tokens are recognised.
static wb_status literal(wb_output *output, const char *text) {
  return host->append_text(output, text, strlen(text), WB_LITERAL, 0);
}

// The content of a message: with this origin, a "</s>" in it does not become a token.
static wb_status content(wb_output *output, const wb_message *message, size_t index) {
  return host->append_text(output, message->content.bytes, message->content.count, WB_CONTENT, index);
}

// What a turn of a role begins with; null for a role that a play does not have.
static const char *heading(const char *role) {
  if (strcmp(role, "system") == 0) { return "["; }
  if (strcmp(role, "user") == 0) { return "Human: "; }
  if (strcmp(role, "assistant") == 0) { return "Assistant: "; }
  return NULL;
}

static int is_system(const wb_message *message) { return strcmp(message->role.bytes, "system") == 0; }

static wb_status render(
    void *context, const wb_conversation *conversation, wb_output *output, char *error, size_t capacity) {
  (void)context;
  // Check all roles before writing anything.
  for (size_t index = 0; index < conversation->message_count; index++) {
    const char *role = conversation->messages[index]->role.bytes;
    if (!heading(role)) {
      const char *reason = "message %zu has the role '%.40s'; a play has system, user and assistant only";
      snprintf(error, capacity, reason, index, role);
      return WB_INVALID_ARGUMENT;
    }
  }
  wb_status status = WB_OK;
  if (conversation->bos.bytes) {
    status = host->append_text(output, conversation->bos.bytes, conversation->bos.count, WB_BOS, 0);
  }
  const char *speaker = "";
  for (size_t index = 0; index < conversation->message_count && status == WB_OK; index++) {
    const wb_message *message = conversation->messages[index];
    if (strcmp(message->role.bytes, speaker) != 0) { status = literal(output, heading(message->role.bytes)); }
    if (status == WB_OK) { status = content(output, message, index); }
    speaker = message->role.bytes;
    int is_continued = index + 1 < conversation->message_count
                  && strcmp(conversation->messages[index + 1]->role.bytes, speaker) == 0;
    if (status == WB_OK) { status = literal(output, is_continued ? " " : is_system(message) ? "]\n" : "\n"); }
  }
  if (status == WB_OK && conversation->add_generation_prompt) { status = literal(output, "Assistant:"); }
  return status;
}

static const char *const stop_strings[] = {"\nHuman:", "\n["};

static const wb_template templates[] = {{
    .header = WB_HEADER(wb_template), .name = "play", .summary = "A conversation as the script of a play.",
    .stop_strings = stop_strings, .stop_string_count = 2, .render = render,
}};

WB_EXPORT wb_status workbench_plugin_entry(const wb_host *given, wb_plugin *plugin) {
  host = given;
  *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin), .name = "teaching-template", .version = "1.0.0",
                        .summary = "A template to learn from.", .templates = templates, .template_count = 1};
  return WB_OK;
}
