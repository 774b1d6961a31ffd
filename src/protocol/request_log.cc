// SPDX-License-Identifier: MIT

#include "protocol/request_log.h"

#include "base/c_locale.h"
#include "protocol/log_variables.h"
#include "protocol/number.h"
#include "protocol/request_text.h"

namespace uwsgi::protocol {

void AppendLogTime(std::chrono::system_clock::time_point time, const std::string& format,
                   std::string& out) {
  AppendLocalTime(std::chrono::system_clock::to_time_t(time), format, out);
}

std::string_view LogAddress(const RequestRecord& record, bool x_forwarded_for) {
  if (x_forwarded_for) {
    const std::string_view forwarded = FindVar(*record.request, "HTTP_X_FORWARDED_FOR");
    if (!forwarded.empty()) return forwarded;
  }
  return record.request->remote_addr;
}

Result<RequestLogFormat> RequestLogFormat::Compile(const RequestLogOptions& options) {
  RequestLogFormat format;
  format.micros_ = options.micros;
  format.memory_report_ = options.memory_report;
  format.x_forwarded_for_ = options.x_forwarded_for;
  const std::string date(options.date.empty() ? "%d/%b/%Y:%H:%M:%S %z" : options.date);

  std::string_view rest = options.format;
  while (!rest.empty()) {
    const std::size_t open = rest.find("%(");
    const std::string_view literal = rest.substr(0, open);
    if (!literal.empty()) {
      format.parts_.push_back(
          {options.formats_time ? WriteStartTime : WriteLiteral, std::string(literal)});
    }
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find(')', open);
    if (close == std::string_view::npos) {
      return Error{ErrorCode::kInvalid, "log-format: a variable is not closed by ')': " +
                                            std::string(rest.substr(open))};
    }
    format.parts_.push_back(
        CompileLogVariable(rest.substr(open + 2, close - open - 2), date, options.x_forwarded_for));
    rest.remove_prefix(close + 1);
  }
  return format;
}

void RequestLogFormat::Append(const RequestRecord& record, std::string& out) const {
  if (parts_.empty()) {
    AppendDefault(record, out);
  } else {
    for (const LogPart& part : parts_) part.write(record, part.argument, out);
  }
  out += '\n';
}

void RequestLogFormat::AppendDefault(const RequestRecord& record, std::string& out) const {
  const Request& request = *record.request;
  const auto number = [&out](std::string_view before, auto value) {
    out += before;
    AppendNumber(value, out);
  };
  const auto text = [&out](std::string_view before, std::string_view value) {
    out += before;
    AppendLogText(value, out);
  };
  if (memory_report_) {
    constexpr std::uint64_t kMebi = 1 << 20;
    number("{address space usage: ", record.address_space);
    number(" bytes/", record.address_space / kMebi);
    number("MB} {rss usage: ", record.resident);
    number(" bytes/", record.resident / kMebi);
    out += "MB} ";
  }
  number("[pid: ", record.pid);
  number("|app: ", record.app_id);
  number("|req: ", record.app_requests);
  number("/", record.total_requests);
  text("] ", LogAddress(record, x_forwarded_for_));
  text(" (", request.remote_user);
  number(") {", 2 * request.packet_vars);
  number(" vars in ", request.packet_size);
  out += " bytes} [";
  out += record.start_ctime;
  text("] ", request.method);
  text(" ", request.uri);
  number(" => generated ", record.body_bytes);
  number(" bytes in ", micros_ ? record.duration.count() : record.duration.count() / 1000);
  out += micros_ ? " micros" : " msecs";
  if (!record.via.empty()) {
    out += " via ";
    out += record.via;
  }
  text(" (", request.protocol);
  number(" ", record.status);
  number(") ", record.header_count);
  number(" headers in ", record.header_bytes);
  number(" bytes (", record.switches);
  number(" switches on core ", request.core);
  out += ')';
}

}  // namespace uwsgi::protocol
