// A C++ client of the daemon workbenchd: lists templates, streams a chat and cancels one.
//
//   make && build/chat unix:/path/of/workbenchd.sock MODEL "Why is the sky blue?"
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <string>

#include "workbench/v1/generation.grpc.pb.h"
#include "workbench/v1/templates.grpc.pb.h"

namespace wb = workbench::v1;

static wb::ChatRequest question(const std::string &model, const std::string &text) {
  wb::ChatRequest request;
  request.set_model(model);
  auto *message = request.add_messages();
  message->set_role("user");
  message->set_content(text);
  request.mutable_options()->set_max_tokens(48);
  request.mutable_options()->mutable_sampling()->set_temperature(0);
  return request;
}

static bool listTemplates(const std::shared_ptr<grpc::Channel> &channel, const std::string &model) {
  grpc::ClientContext context;
  wb::ListTemplatesRequest request;
  request.set_model(model);
  wb::ListTemplatesResponse response;
  grpc::Status status = wb::Templates::NewStub(channel)->List(&context, request, &response);
  if (!status.ok()) {
    std::cerr << "chat: " << status.error_message() << "\n";
    return false;
  }
  std::cout << "templates:";
  for (const auto &one : response.templates()) std::cout << " " << one.name();
  std::cout << "\n";
  return true;
}

static bool stream(wb::Generation::Stub &generation, const wb::ChatRequest &request) {
  grpc::ClientContext context;
  auto reader = generation.Chat(&context, request);
  wb::GenerationResponse response;
  std::cout << "answer: ";
  while (reader->Read(&response)) {
    std::cout << response.text() << std::flush;
    if (response.has_finish()) {
      std::cout << "\nfinish: " << wb::FinishReason_Name(response.finish().reason()) << " after "
                << response.finish().generated_tokens() << " tokens\n";
    }
  }
  grpc::Status status = reader->Finish();
  if (!status.ok()) std::cerr << "chat: " << status.error_message() << "\n";
  return status.ok();
}

static bool cancel(wb::Generation::Stub &generation, wb::ChatRequest request) {
  request.mutable_options()->set_max_tokens(2000);
  request.mutable_options()->set_ignore_end(true);
  grpc::ClientContext context;
  auto reader = generation.Chat(&context, request);
  wb::GenerationResponse response;
  int received = 0;
  while (received < 3 && reader->Read(&response)) received += response.tokens_size();
  context.TryCancel();
  while (reader->Read(&response)) {
  }
  bool cancelled = reader->Finish().error_code() == grpc::StatusCode::CANCELLED;
  std::cout << (cancelled ? "cancelled after " : "NOT cancelled after ") << received << " tokens\n";
  return cancelled;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    std::cerr << "usage: chat ADDRESS MODEL QUESTION\n";
    return 2;
  }
  auto channel = grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  if (!listTemplates(channel, argv[2])) return 1;
  auto generation = wb::Generation::NewStub(channel);
  wb::ChatRequest request = question(argv[2], argv[3]);
  return stream(*generation, request) && cancel(*generation, request) ? 0 : 1;
}
