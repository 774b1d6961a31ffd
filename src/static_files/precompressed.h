// SPDX-License-Identifier: MIT
//
// static-gzip and its companions: compressed twins of files, made beforehand, beside them.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/pattern.h"
#include "static_files/file_response.h"
#include "static_files/open_beneath.h"
#include "static_files/options.h"

namespace uwsgi {

// Immutable once made.
class Precompressed {
 public:
  explicit Precompressed(const StaticOptions& options);

  // Whether twins of the file at `path` are looked for.
  bool AppliesTo(std::string_view path) const;
  // Puts the twin of `root`/`name` that the client likes best, if there is one, in its place.
  void Substitute(FoundFile& file, const OpenedFile& root, const std::string& name,
                  std::string_view accept_encoding, const LinkPolicy& links) const;

 private:
  bool all_;
  std::vector<std::string> prefixes_;
  std::vector<std::string> suffixes_;
  std::vector<Pattern> patterns_;
};

}  // namespace uwsgi
