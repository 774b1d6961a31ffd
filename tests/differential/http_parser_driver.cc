// SPDX-License-Identifier: MIT
//
// Reads requests from standard input, each a field of base/fields.h, and writes what this server's
// parser makes of each: its outcome, and if that is "accepted" the method, the target, the body and
// the number of variables, then each one's name and value.

#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/fields.h"
#include "protocol/chunked.h"
#include "protocol/http_request.h"

namespace uwsgi::protocol {
namespace {

enum class Outcome { kAccepted, kRefused, kIncomplete };

constexpr HttpLimits kLimits;

Outcome TakeBody(const HttpHeadParser& parser, const Request& request, std::string& rest) {
  if (!parser.chunked()) {
    const std::size_t length = request.content_length.value_or(0);
    if (rest.size() < length) return Outcome::kIncomplete;
    rest.resize(length);
    return Outcome::kAccepted;
  }
  ChunkedDecoder decoder;
  const auto step = decoder.Decode(rest, std::span(rest.data(), rest.size()));
  rest.resize(step.produced);
  if (step.state == ChunkedDecoder::State::kMalformed) return Outcome::kRefused;
  return step.state == ChunkedDecoder::State::kDone ? Outcome::kAccepted : Outcome::kIncomplete;
}

Outcome Read(std::string_view input, HttpHeadParser& parser, Request& request, std::string& body) {
  parser.Reset();
  switch (parser.Parse(input, kLimits)) {
    case HttpHeadParser::Status::kNeedMore:
      return Outcome::kIncomplete;
    case HttpHeadParser::Status::kError:
      return Outcome::kRefused;
    case HttpHeadParser::Status::kDone:
      break;
  }
  if (!parser.FillRequest(input, {}, request)) return Outcome::kRefused;
  body = input.substr(parser.head_size());
  return TakeBody(parser, request, body);
}

std::string Answer(std::string_view input) {
  HttpHeadParser parser;
  Request request;
  std::string body;
  const Outcome outcome = Read(input, parser, request, body);
  std::string text;
  if (outcome != Outcome::kAccepted) {
    AppendField(text, outcome == Outcome::kRefused ? "refused" : "incomplete");
    return text;
  }
  AppendField(text, "accepted");
  AppendField(text, request.method);
  AppendField(text, request.uri);
  AppendField(text, body);
  AppendNumber(text, request.vars.size());
  for (const Var& var : request.vars) {
    AppendField(text, var.key);
    AppendField(text, var.value);
  }
  return text;
}

}  // namespace
}  // namespace uwsgi::protocol

int main() {
  const std::string all{std::istreambuf_iterator<char>(std::cin), {}};
  uwsgi::FieldReader reader(all);
  while (!reader.at_end()) {
    const std::string answer = uwsgi::protocol::Answer(reader.Next());
    std::fwrite(answer.data(), 1, answer.size(), stdout);
  }
  return reader.failed() ? 1 : 0;
}
