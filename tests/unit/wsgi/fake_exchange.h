// SPDX-License-Identifier: MIT

#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "uwsgi/gateway.h"

namespace uwsgi::wsgi {

// A body that hands out at most `chunk` bytes a read, and ends as the test says.
class FakeBody : public RequestBody {
 public:
  ReadOutcome Read(std::span<char> into) override {
    std::size_t count = std::min({into.size(), chunk, data.size() - offset});
    if (count == 0 && !into.empty()) return {0, ending};
    std::memcpy(into.data(), data.data() + offset, count);
    offset += count;
    return {count, ReadStatus::kOk};
  }
  bool is_seekable() const override { return seekable; }
  bool Seek(std::uint64_t position) override {
    if (!seekable || position > data.size()) return false;
    offset = static_cast<std::size_t>(position);
    return true;
  }
  std::uint64_t position() const override { return offset; }
  std::uint64_t size() const override { return data.size(); }

  std::string data;
  std::size_t offset = 0;
  std::size_t chunk = 1 << 30;
  bool seekable = false;
  ReadStatus ending = ReadStatus::kOk;
};

// Remembers what was written, call by call. Like the real one it looks at the head's views only
// when it sends them, has one head, and writes nothing to a client that is gone.
class FakeWriter : public ResponseWriter {
 public:
  void SetHead(const ResponseHead& head) override {
    EXPECT_FALSE(sent) << "a head after the head";
    head_ = head;
  }
  WriteStatus Write(std::span<const std::string_view> pieces, bool last) override {
    SendHead();
    if (finished) ++writes_after_the_end;
    finished = finished || last;
    std::string text;
    for (const std::string_view piece : pieces) text += piece;
    writes.push_back(text);
    body += text;
    return writes_until_closed-- > 0 ? WriteStatus::kOk : WriteStatus::kClosed;
  }
  WriteStatus WriteFile(int fd, std::uint64_t offset, std::uint64_t count) override {
    SendHead();
    std::string text(static_cast<std::size_t>(count), '\0');
    const ssize_t got = ::pread(fd, text.data(), text.size(), static_cast<off_t>(offset));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    files.push_back(text);
    body += text;
    return writes_until_closed-- > 0 ? WriteStatus::kOk : WriteStatus::kClosed;
  }
  bool head_sent() const override { return sent; }
  std::uint64_t body_bytes() const override { return body.size(); }
  void Abort() override { ++aborts; }

  std::string status;
  std::string fields;
  std::optional<std::uint64_t> content_length;
  std::string body;
  std::vector<std::string> writes;
  std::vector<std::string> files;
  int writes_until_closed = 1 << 30;
  int writes_after_the_end = 0;
  int aborts = 0;
  bool sent = false;
  bool finished = false;

 private:
  void SendHead() {
    if (std::exchange(sent, true)) return;
    status = head_.status;
    fields = head_.fields;
    content_length = head_.content_length;
  }

  ResponseHead head_;
};

class FakeExchange : public Exchange {
 public:
  FakeExchange() {
    Set("REQUEST_METHOD", "GET");
    Set("SCRIPT_NAME", "");
    Set("PATH_INFO", "/");
    Set("QUERY_STRING", "");
    Set("SERVER_NAME", "localhost");
    Set("SERVER_PORT", "80");
    Set("SERVER_PROTOCOL", "HTTP/1.1");
    fake_request.uri = "/";
    fake_request.scheme = "http";
    fake_request.id = 12;
  }

  // Adds a variable, and the field of Request that stands for it.
  void Set(std::string_view key, std::string_view value) {
    bool found = false;
    for (Var& var : fake_request.vars) {
      if (var.key == key) {
        var.value = value;
        found = true;
      }
    }
    if (!found) fake_request.vars.push_back({key, value});
    if (key == "REQUEST_METHOD") fake_request.method = value;
    if (key == "PATH_INFO") fake_request.path_info = value;
    if (key == "SCRIPT_NAME") fake_request.script_name = value;
    if (key == "HTTP_HOST") fake_request.host = value;
  }
  void SetBody(const std::string& data) {
    fake_body.data = data;
    fake_request.content_length = data.size();
  }

  const Request& request() const override { return fake_request; }
  RequestBody& body() override { return fake_body; }
  ResponseWriter& response() override { return writer; }
  void SetLogVar(std::string_view name, std::string_view value) override {
    log_vars[std::string(name)] = value;
  }
  std::string_view LogVar(std::string_view name) const override {
    const auto found = log_vars.find(std::string(name));
    return found != log_vars.end() ? std::string_view(found->second) : std::string_view();
  }
  void SetAppId(int id) override { app_id = id; }
  void ForceLog() override { forced_log = true; }
  void CountException() override { ++exceptions; }
  bool UpgradeToWebSocket(std::string_view, std::string_view) override { return false; }
  WebSocket* websocket() override { return nullptr; }
  int connection_fd() override { return 42; }
  bool IsConnected() const override { return connected; }
  void Disconnect() override {
    connected = false;
    writer.writes_until_closed = 0;
  }

  Request fake_request;
  FakeBody fake_body;
  FakeWriter writer;
  std::map<std::string, std::string> log_vars;
  int app_id = -2;
  int exceptions = 0;
  bool forced_log = false;
  bool connected = true;
};

}  // namespace uwsgi::wsgi
