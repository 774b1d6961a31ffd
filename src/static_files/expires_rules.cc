// SPDX-License-Identifier: MIT

#include "static_files/expires_rules.h"

namespace uwsgi {

ExpiresRules::ExpiresRules(const StaticOptions& options) {
  Add(options.expires_type, false);
  Add(options.expires_type_mtime, true);
  Add(options.expires, &ExpiresSubject::file, false);
  Add(options.expires_mtime, &ExpiresSubject::file, true);
  Add(options.expires_uri, &ExpiresSubject::uri, false);
  Add(options.expires_uri_mtime, &ExpiresSubject::uri, true);
  Add(options.expires_path_info, &ExpiresSubject::path_info, false);
  Add(options.expires_path_info_mtime, &ExpiresSubject::path_info, true);
}

void ExpiresRules::Add(const std::vector<TypeExpiry>& rules, bool from_modification) {
  for (const TypeExpiry& rule : rules) {
    rules_.push_back(
        {&ExpiresSubject::type, std::nullopt, rule.type, rule.keep, from_modification});
  }
}

void ExpiresRules::Add(const std::vector<PatternExpiry>& rules,
                       std::string_view ExpiresSubject::*subject, bool from_modification) {
  for (const PatternExpiry& rule : rules) {
    rules_.push_back({subject, rule.pattern, {}, rule.keep, from_modification});
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
