// SPDX-License-Identifier: MIT

#include "base/result.h"

#include <cerrno>

#include "base/c_locale.h"

namespace uwsgi {

Error SystemError(std::string what, int errno_value) {
  what += ": ";
  what += ErrorText(errno_value);
  return {errno_value == EACCES ? ErrorCode::kDenied : ErrorCode::kSystem, std::move(what)};
}

}  // namespace uwsgi
