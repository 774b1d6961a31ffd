// SPDX-License-Identifier: MIT

#include "protocol/log_variables.h"

#include <algorithm>
#include <array>

#include "protocol/number.h"
#include "protocol/request_text.h"

namespace uwsgi::protocol {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMebi = 1 << 20;
constexpr std::string_view kVarPrefix = "var.";

// A missing or empty value is shown as "-".
void AppendTextOrDash(std::string_view text, std::string& out) {
  if (text.empty()) {
    out += '-';
  } else {
    AppendLogText(text, out);
  }
}

template <typename Unit>
std::int64_t StartIn(const RequestRecord& record) {
  return duration_cast<Unit>(record.request->started_at.time_since_epoch()).count();
}

std::int64_t EndInSeconds(const RequestRecord& record) {
  return duration_cast<seconds>(record.request->started_at.time_since_epoch() + record.duration)
      .count();
}

// Seconds with six decimals.
void AppendSeconds(microseconds duration, std::string& out) {
  AppendNumber(duration.count() / 1'000'000, out);
  std::string fraction;
  AppendNumber(duration.count() % 1'000'000, fraction);
  out += '.';
  out.append(6 - std::min<std::size_t>(fraction.size(), 6), '0');
  out += fraction;
}

void WriteVar(const RequestRecord& record, const std::string& key, std::string& out) {
  AppendTextOrDash(FindVar(*record.request, key), out);
}

void WriteLogVar(const RequestRecord& record, const std::string& name, std::string& out) {
  constexpr std::size_t kMaxSize = 255;
  std::string_view value;
  for (const auto& [key, text] : record.log_vars) {
    if (key == name) value = text;
  }
  AppendTextOrDash(value.substr(0, kMaxSize), out);
}

void WriteAddress(const RequestRecord& record, const std::string&, std::string& out) {
  AppendTextOrDash(LogAddress(record, false), out);
}

void WriteForwardedAddress(const RequestRecord& record, const std::string&, std::string& out) {
  AppendTextOrDash(LogAddress(record, true), out);
}

// Makes writers of expressions, so that the table below has one line for each variable.
template <auto kValue>
void WriteNumber(const RequestRecord& record, const std::string&, std::string& out) {
  AppendNumber(kValue(record), out);
}

template <auto kValue>
void WriteText(const RequestRecord& record, const std::string&, std::string& out) {
  AppendTextOrDash(kValue(record), out);
}

struct NamedWriter {
  std::string_view name;
  LogWriter write;
};

using R = const RequestRecord&;

constexpr std::array kTexts = {
    NamedWriter{"uri", WriteText<[](R r) { return r.request->uri; }>},
    NamedWriter{"method", WriteText<[](R r) { return r.request->method; }>},
    NamedWriter{"user", WriteText<[](R r) { return r.request->remote_user; }>},
    NamedWriter{"host", WriteText<[](R r) { return r.request->host; }>},
    NamedWriter{"proto", WriteText<[](R r) { return r.request->protocol; }>},
    NamedWriter{"uagent", WriteText<[](R r) { return r.request->user_agent; }>},
    NamedWriter{"referer", WriteText<[](R r) { return r.request->referer; }>},
    NamedWriter{"ctime", WriteText<[](R r) { return r.start_ctime; }>},
    NamedWriter{"secs",
                [](R r, const std::string&, std::string& out) { AppendSeconds(r.duration, out); }},
};

constexpr std::array kNumbers = {
    NamedWriter{"status", WriteNumber<[](R r) { return r.status; }>},
    NamedWriter{"rsize", WriteNumber<[](R r) { return r.body_bytes; }>},
    NamedWriter{"hsize", WriteNumber<[](R r) { return r.header_bytes; }>},
    NamedWriter{"size", WriteNumber<[](R r) { return r.header_bytes + r.body_bytes; }>},
    NamedWriter{"cl", WriteNumber<[](R r) { return r.request->content_length.value_or(0); }>},
    NamedWriter{"micros", WriteNumber<[](R r) { return r.duration.count(); }>},
    NamedWriter{"msecs", WriteNumber<[](R r) { return r.duration.count() / 1000; }>},
    NamedWriter{"tmsecs", WriteNumber<StartIn<milliseconds>>},
    NamedWriter{"tmicros", WriteNumber<StartIn<microseconds>>},
    NamedWriter{"time", WriteNumber<StartIn<seconds>>},
    NamedWriter{"epoch", WriteNumber<EndInSeconds>},
    NamedWriter{"pid", WriteNumber<[](R r) { return r.pid; }>},
    NamedWriter{"wid", WriteNumber<[](R r) { return r.worker_id; }>},
    NamedWriter{"switches", WriteNumber<[](R r) { return r.switches; }>},
    NamedWriter{"vars", WriteNumber<[](R r) { return 2 * r.request->packet_vars; }>},
    NamedWriter{"core", WriteNumber<[](R r) { return r.request->core; }>},
    NamedWriter{"vsz", WriteNumber<[](R r) { return r.address_space; }>},
    NamedWriter{"rss", WriteNumber<[](R r) { return r.resident; }>},
    NamedWriter{"vszM", WriteNumber<[](R r) { return r.address_space / kMebi; }>},
    NamedWriter{"rssM", WriteNumber<[](R r) { return r.resident / kMebi; }>},
    NamedWriter{"pktsize", WriteNumber<[](R r) { return r.request->packet_size; }>},
    NamedWriter{"modifier1", WriteNumber<[](R r) { return int{r.request->modifier1}; }>},
    NamedWriter{"modifier2", WriteNumber<[](R r) { return int{r.request->modifier2}; }>},
    NamedWriter{"headers", WriteNumber<[](R r) { return r.header_count; }>},
    NamedWriter{"werr", WriteNumber<[](R r) { return r.write_errors; }>},
    NamedWriter{"rerr", WriteNumber<[](R r) { return r.read_errors; }>},
    NamedWriter{"ioerr", WriteNumber<[](R r) { return r.write_errors + r.read_errors; }>},
};

}  // namespace

void WriteLiteral(const RequestRecord&, const std::string& text, std::string& out) { out += text; }

void WriteStartTime(const RequestRecord& record, const std::string& format, std::string& out) {
  AppendLogTime(record.request->started_at, format, out);
}

std::span<const std::string_view> LogVariableNames() {
  static constexpr std::size_t kOwn = 3;
  static constexpr auto kNames = [] {
    std::array<std::string_view, kTexts.size() + kNumbers.size() + kOwn> names = {"addr", "ltime",
                                                                                  "ftime"};
    std::size_t count = kOwn;
    for (const NamedWriter& row : kTexts) names[count++] = row.name;
    for (const NamedWriter& row : kNumbers) names[count++] = row.name;
    std::ranges::sort(names);
    return names;
  }();
  return kNames;
}

bool IsLogVariable(std::string_view name) {
  return name.starts_with(kVarPrefix) || std::ranges::binary_search(LogVariableNames(), name);
}

LogPart CompileLogVariable(std::string_view name, const std::string& date, bool x_forwarded_for) {
  if (name.starts_with(kVarPrefix)) return {WriteVar, std::string(name.substr(kVarPrefix.size()))};
  if (name == "addr") return {x_forwarded_for ? WriteForwardedAddress : WriteAddress, ""};
  if (name == "ltime") return {WriteStartTime, "%d/%b/%Y:%H:%M:%S %z"};
  if (name == "ftime") return {WriteStartTime, date};
  for (const NamedWriter& row : kTexts) {
    if (row.name == name) return {row.write, ""};
  }
  for (const NamedWriter& row : kNumbers) {
    if (row.name == name) return {row.write, ""};
  }
  return {WriteLogVar, std::string(name)};
}

}  // namespace uwsgi::protocol
