// SPDX-License-Identifier: MIT

#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace uwsgi {

Error SystemError(std::string what, int errno_value) {
  what += ": ";
  what += std::generic_category().message(errno_value);
  return {errno_value == EACCES ? ErrorCode::kDenied : ErrorCode::kSystem, std::move(what)};
}

}  // namespace uwsgi
