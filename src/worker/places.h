// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "base/result.h"
#include "exchange/options.h"
#include "static_files/options.h"

namespace uwsgi {

// Makes the paths of a worker's options absolute, relative ones from `directory`, and chooses the
// place of what does not fit in memory. To be called before any application runs: afterwards the
// process's directory and environment are the application's. `directory` is empty if it has no
// name: then they stay relative. Fails where requests would: that place was named, or
// post-buffering needs it, and no file can be made in it.
Result<void> FixPlaces(const std::string& directory, RequestOptions& requests,
                       StaticOptions& static_files);

}  // namespace uwsgi
