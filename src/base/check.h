// SPDX-License-Identifier: MIT
//
// A broken invariant of ours aborts, in every build. Input of others is never checked so.

#pragma once

namespace uwsgi::internal {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace uwsgi::internal

#define UWSGI_CHECK(condition)        \
  ((condition) ? static_cast<void>(0) \
               : ::uwsgi::internal::CheckFailed(#condition, __FILE__, __LINE__))
