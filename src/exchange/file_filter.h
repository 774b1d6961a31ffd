// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "exchange/response_filter.h"
#include "static_files/app_files.h"
#include "static_files/file_response.h"
#include "uwsgi/request.h"

namespace uwsgi {

// Sends `response`, whose head is `head`, by way of `next`. Not for a 503.
Passed PassFile(FileResponse& response, ResponseHead& head, ResponseFilter& next);

// Answers with the file that an application's head names, see AppFiles, instead of its body.
class FileFilter final : public ResponseFilter {
 public:
  // Starts over. All outlive the response.
  void Attach(const AppFiles& files, const Request& request, ResponseFilter& next);

  Passed SendHead(ResponseHead& head, BodyPlan& plan) override;
  Passed SendBody(const BodyPieces& body, Rest rest) override {
    return next_->SendBody(body, rest);
  }
  Passed SendFile(const FilePart& part, Rest rest) override { return next_->SendFile(part, rest); }

 private:
  const AppFiles* files_ = nullptr;
  const Request* request_ = nullptr;
  ResponseFilter* next_ = nullptr;
  std::string fields_;  // The head's, without the one that is the server's.
};

}  // namespace uwsgi
