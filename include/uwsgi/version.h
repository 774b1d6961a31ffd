// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <string_view>

namespace uwsgi {

inline constexpr std::string_view kVersion = "3.0.0.dev";
// What `uwsgi.version_info` starts with; its fifth item is kVersionTag.
inline constexpr std::array<int, 4> kVersionInfo = {3, 0, 0, 0};
inline constexpr std::string_view kVersionTag = "dev";

}  // namespace uwsgi
