// SPDX-License-Identifier: MIT

#pragma once

#include <fcntl.h>
#include <sys/resource.h>

#include <vector>

#include "base/unique_fd.h"

namespace uwsgi {

// While it lives, this process can open `room` descriptors more, and then gets EMFILE.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int room) {
    std::vector<UniqueFd> free;
    rlim_t first_refused = 3;
    for (int i = 0; i <= room; ++i) {
      free.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
      first_refused = static_cast<rlim_t>(free.back().get());
    }
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{first_refused, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace uwsgi
