// SPDX-License-Identifier: MIT

#include "static_files/expires_rules.h"

#include <charconv>
#include <utility>

#include "base/log.h"

namespace uwsgi {
namespace {

// Splits "WHAT<separator>SECONDS" at the last separator.
std::optional<std::pair<std::string, std::chrono::seconds>> Split(const char* option,
                                                                  const std::string& text,
                                                                  char separator) {
  const std::size_t at = text.rfind(separator);
  std::int64_t seconds = -1;
  if (at != std::string::npos && at > 0) {
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + at + 1, end, seconds);
    if (parsed.ptr != end) seconds = -1;
  }
  if (seconds < 0) {
    LogError("{} = {}: expected {}, so it never applies", option, text,
             separator == '=' ? "TYPE=SECONDS" : "EXPRESSION SECONDS");
    return std::nullopt;
  }
  std::string what = text.substr(0, at);
  while (what.ends_with(' ')) what.pop_back();
  return std::pair(std::move(what), std::chrono::seconds(seconds));
}

}  // namespace

ExpiresRules::ExpiresRules(const StaticOptions& options) {
  AddTypes("static-expires-type", options.expires_type, false);
  AddTypes("static-expires-type-mtime", options.expires_type_mtime, true);
  AddPatterns("static-expires", options.expires, &ExpiresSubject::file, false);
  AddPatterns("static-expires-mtime", options.expires_mtime, &ExpiresSubject::file, true);
  AddPatterns("static-expires-uri", options.expires_uri, &ExpiresSubject::uri, false);
  AddPatterns("static-expires-uri-mtime", options.expires_uri_mtime, &ExpiresSubject::uri, true);
  AddPatterns("static-expires-path-info", options.expires_path_info, &ExpiresSubject::path_info,
              false);
  AddPatterns("static-expires-path-info-mtime", options.expires_path_info_mtime,
              &ExpiresSubject::path_info, true);
}

void ExpiresRules::AddTypes(const char* option, const std::vector<std::string>& texts,
                            bool from_modification) {
  for (const std::string& text : texts) {
    auto split = Split(option, text, '=');
    if (!split) continue;
    rules_.push_back({&ExpiresSubject::type, std::nullopt, std::move(split->first), split->second,
                      from_modification});
  }
}

void ExpiresRules::AddPatterns(const char* option, const std::vector<std::string>& texts,
                               std::string_view ExpiresSubject::*subject, bool from_modification) {
  for (const std::string& text : texts) {
    const auto split = Split(option, text, ' ');
    if (!split) continue;
    auto pattern = Pattern::Compile(split->first);
    if (!pattern) {
      LogError("{}: {}, so it never applies", option, pattern.error().message);
      continue;
    }
    rules_.push_back({subject, *std::move(pattern), {}, split->second, from_modification});
  }
}

std::optional<std::time_t> ExpiresRules::Find(const ExpiresSubject& subject,
                                              std::time_t now) const {
  for (const Rule& rule : rules_) {
    const std::string_view text = subject.*rule.subject;
    if (rule.pattern ? rule.pattern->Matches(text) : rule.type == text) {
      return (rule.from_modification ? subject.modified : now) + rule.keep.count();
    }
  }
  return std::nullopt;
}

}  // namespace uwsgi
