// SPDX-License-Identifier: MIT

#include "base/check.h"

#include <cstdlib>

#include "base/log.h"

namespace uwsgi::internal {

void CheckFailed(const char* condition, const char* file, int line) {
  LogError("internal error: {} does not hold at {}:{}", condition, file, line);
  std::abort();
}

}  // namespace uwsgi::internal
