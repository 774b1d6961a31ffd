// SPDX-License-Identifier: MIT
//
// static-expires and its seven siblings: for how long clients may keep a file.

#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/pattern.h"
#include "static_files/options.h"

namespace uwsgi {

// What rules look at.
struct ExpiresSubject {
  std::string_view file;  // Its path.
  std::string_view uri;   // REQUEST_URI
  std::string_view path_info;
  std::string_view type;  // Content-Type
  std::time_t modified = 0;
};

// Immutable once made.
class ExpiresRules {
 public:
  explicit ExpiresRules(const StaticOptions& options);

  bool empty() const { return rules_.empty(); }
  // Until when the file may be kept, by the first rule that applies: those of types come first,
  // then files', URIs' and PATH_INFOs'.
  std::optional<std::time_t> Find(const ExpiresSubject& subject, std::time_t now) const;

 private:
  struct Rule {
    std::string_view ExpiresSubject::*subject;
    std::optional<Pattern> pattern;  // Without one, `type` is what must be equal.
    std::string type;
    std::chrono::seconds keep;
    bool from_modification;  // Counts from the file's time instead of now.
  };

  void Add(const std::vector<TypeExpiry>& rules, bool from_modification);
  void Add(const std::vector<PatternExpiry>& rules, std::string_view ExpiresSubject::*subject,
           bool from_modification);

  std::vector<Rule> rules_;
};

}  // namespace uwsgi
