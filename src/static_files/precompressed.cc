// SPDX-License-Identifier: MIT

#include "static_files/precompressed.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "protocol/accept_encoding.h"

namespace uwsgi {
namespace {

// The server's preference where the client has none: the smallest first.
constexpr std::array<std::string_view, 3> kCodings = {"br", "zstd", "gzip"};

std::string_view ExtensionOf(std::string_view coding) {
  if (coding == "br") return ".br";
  return coding == "zstd" ? ".zst" : ".gz";
}

}  // namespace

Precompressed::Precompressed(const StaticOptions& options)
    : all_(options.gzip_all),
      prefixes_(options.gzip_dirs),
      suffixes_(options.gzip_suffixes),
      patterns_(options.gzip) {}

bool Precompressed::AppliesTo(std::string_view path) const {
  return all_ ||
         std::ranges::any_of(prefixes_, [&](const auto& text) { return path.starts_with(text); }) ||
         std::ranges::any_of(suffixes_, [&](const auto& text) { return path.ends_with(text); }) ||
         std::ranges::any_of(patterns_, [&](const auto& pattern) { return pattern.Matches(path); });
}

void Precompressed::Substitute(FoundFile& file, const OpenedFile& root, const std::string& name,
                               std::string_view accept_encoding, const LinkPolicy& links) const {
  std::array<std::string_view, kCodings.size()> offered = kCodings;
  for (std::size_t left = offered.size(); left > 0;) {
    const std::string_view coding =
        protocol::ChooseCoding(accept_encoding, std::span(offered).first(left));
    if (coding.empty()) return;
    // Without room to open it the file itself is still an answer.
    UniqueFd fd = OpenBeneath(root, name + std::string(ExtensionOf(coding)), links).fd;
    struct stat status;
    if (fd.valid() && fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode)) {
      file.fd = std::move(fd);
      file.status = status;
      file.coding = coding;
      return;
    }
    left = static_cast<std::size_t>(std::remove(offered.begin(), offered.begin() + left, coding) -
                                    offered.begin());
  }
}

}  // namespace uwsgi
