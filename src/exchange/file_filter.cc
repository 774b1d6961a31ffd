// SPDX-License-Identifier: MIT

#include "exchange/file_filter.h"

#include <memory>
#include <string_view>
#include <utility>

namespace uwsgi {

Passed PassFile(FileResponse& response, ResponseHead& head, ResponseFilter& next) {
  BodyPlan plan;
  plan.kind = BodyPlan::Kind::kFile;
  plan.whole = response.body_size();
  if (const Passed passed = next.SendHead(head, plan); passed != Passed::kOn) return passed;
  if (plan.has_body && !response.parts.empty()) {
    const auto file = std::make_shared<const UniqueFd>(std::move(response.fd));
    for (const FileResponse::Part& part : response.parts) {
      const std::string_view before = part.before;
      if (!before.empty()) next.SendBody({{&before, 1}, before.size()}, Rest::kSoon);
      next.SendFile({&file, -1, part.offset, part.count}, Rest::kSoon);
    }
  }
  const std::string_view after = response.after;
  return next.SendBody({{&after, 1}, after.size()}, Rest::kEnd);
}

void FileFilter::Attach(const AppFiles& files, const Request& request, ResponseFilter& next) {
  files_ = &files;
  request_ = &request;
  next_ = &next;
}

Passed FileFilter::SendHead(ResponseHead& head, BodyPlan& plan) {
  auto found = plan.kind != BodyPlan::Kind::kNone ? files_->Find(head, *request_) : std::nullopt;
  if (!found) {
    files_->Strip(head, fields_);
    return next_->SendHead(head, plan);
  }
  if (found->code == 503) return Passed::kUnavailable;
  ResponseHead named = found->head();
  named.has_date = head.has_date;
  named.has_server = head.has_server;
  named.wants_close = head.wants_close;
  static_cast<void>(PassFile(*found, named, *next_));
  head.code = named.code;
  return Passed::kAnswered;
}

}  // namespace uwsgi
