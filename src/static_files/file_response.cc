// SPDX-License-Identifier: MIT

#include "static_files/file_response.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/c_locale.h"
#include "base/lasting_log.h"
#include "base/log.h"
#include "protocol/byte_ranges.h"
#include "protocol/http_date.h"

namespace uwsgi {
namespace {

using protocol::ByteRange;

std::string_view StatusText(int code) {
  switch (code) {
    case 206:
      return "206 Partial Content";
    case 304:
      return "304 Not Modified";
    case 404:
      return "404 Not Found";
    case 412:
      return "412 Precondition Failed";
    case 416:
      return "416 Range Not Satisfiable";
    case 503:
      return "503 Service Unavailable";
    default:
      return "200 OK";
  }
}

void AddField(FileResponse& response, std::string_view name, std::string_view value) {
  response.fields.append(name).append(": ").append(value).append("\r\n");
  ++response.field_count;
}

// Changes with the content as far as the file system can tell, to the nanosecond. Strong, but for
// what the server has compressed: another release of a compressor makes other bytes.
std::string MakeTag(const FoundFile& file) {
  const auto& status = file.status;
  return fmt::format("{}\"{:x}.{:x}-{:x}{}{}\"", file.encoded_size ? "W/" : "",
                     status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size,
                     file.coding.empty() ? "" : "-", file.coding);
}

// A date in the future would be kept by the client for as long as that lies ahead.
std::time_t ModifiedAt(const FoundFile& file, std::time_t now) {
  return std::min<std::time_t>(file.status.st_mtime, now);
}

void AddPart(FileResponse& response, std::string before, const ByteRange& range) {
  response.parts.push_back({std::move(before), range.first, range.count});
}

// RFC 9110 section 14.6. Nothing in the file can be taken for the boundary on purpose: it holds
// the time to the nanosecond at which the file was changed last.
void AddMultipart(FileResponse& response, const FoundFile& file,
                  const std::vector<ByteRange>& ranges) {
  const auto& changed = file.status.st_ctim;
  const std::string boundary =
      fmt::format("{:016x}{:08x}", static_cast<std::uint64_t>(changed.tv_sec) * 0x9E3779B97F4A7C15,
                  changed.tv_nsec);
  for (const ByteRange& range : ranges) {
    AddPart(response,
            fmt::format("{}--{}\r\nContent-Type: {}\r\nContent-Range: bytes {}-{}/{}\r\n\r\n",
                        response.parts.empty() ? "" : "\r\n", boundary, file.type, range.first,
                        range.first + range.count - 1, file.status.st_size),
            range);
  }
  response.after = fmt::format("\r\n--{}--\r\n", boundary);
  AddField(response, "Content-Type", "multipart/byteranges; boundary=" + boundary);
}

void AddBody(FileResponse& response, const FoundFile& file,
             const protocol::ConditionalFields& fields, bool wants_range) {
  const auto size = file.encoded_size.value_or(static_cast<std::uint64_t>(file.status.st_size));
  std::vector<ByteRange> ranges;
  auto outcome = protocol::RangeOutcome::kWhole;
  if (wants_range) outcome = protocol::ParseByteRanges(fields.range, size, ranges);
  if (outcome == protocol::RangeOutcome::kUnsatisfiable) {
    response.code = 416;
    AddField(response, "Content-Range", fmt::format("bytes */{}", size));
    return;
  }
  if (ranges.size() > 1 && outcome == protocol::RangeOutcome::kPartial) {
    response.code = 206;
    AddMultipart(response, file, ranges);
    return;
  }
  AddField(response, "Content-Type", file.type);
  if (outcome == protocol::RangeOutcome::kPartial) {
    const ByteRange& range = ranges.front();
    response.code = 206;
    AddField(response, "Content-Range",
             fmt::format("bytes {}-{}/{}", range.first, range.first + range.count - 1, size));
    AddPart(response, {}, range);
  } else if (size > 0) {
    AddPart(response, {}, {0, size});
  }
}

}  // namespace

ResponseHead FileResponse::head() const {
  ResponseHead head;
  head.status = StatusText(code);
  head.code = code;
  head.fields = fields;
  head.field_count = field_count;
  if (code != 304) {
    head.content_length = body_size();
    ++head.field_count;
  }
  return head;
}

std::uint64_t FileResponse::body_size() const {
  std::uint64_t size = after.size();
  for (const Part& part : parts) size += part.before.size() + part.count;
  return size;
}

FileResponse MakeUnavailable(int shortage) {
  LogLasting(LogLevel::kWarning, "a file cannot be opened for a client: {}{}", ErrorText(shortage),
             shortage == EMFILE ? ", see --max-fd" : "");
  FileResponse response;
  response.code = 503;
  return response;
}

int EvaluateConditions(const FoundFile& file, const protocol::ConditionalFields& fields,
                       std::time_t now) {
  return protocol::EvaluatePreconditions(fields, {MakeTag(file), ModifiedAt(file, now)}, now);
}

FileResponse MakeFileResponse(FoundFile file, const protocol::ConditionalFields& fields,
                              std::time_t now) {
  const std::time_t modified = ModifiedAt(file, now);
  const std::string tag = MakeTag(file);
  const protocol::Validators validators{tag, modified};
  FileResponse response;
  response.code = EvaluatePreconditions(fields, validators, now);
  if (response.code == 200) {
    AddBody(response, file, fields, RangeApplies(fields, validators, now));
    if (!file.encoded_size) AddField(response, "Accept-Ranges", "bytes");
    if (!file.coding.empty()) AddField(response, "Content-Encoding", file.coding);
  }
  AddField(response, "Last-Modified", protocol::FormatHttpDate(modified));
  AddField(response, "ETag", tag);
  if (file.varies) AddField(response, "Vary", "Accept-Encoding");
  if (file.keep_until) {
    AddField(response, "Expires", protocol::FormatHttpDate(*file.keep_until));
    const std::time_t age = std::max<std::time_t>(0, *file.keep_until - now);
    AddField(response, "Cache-Control", fmt::format("max-age={}", age));
  }
  response.fd = std::move(file.fd);
  return response;
}

}  // namespace uwsgi
