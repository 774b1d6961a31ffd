// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <utility>

#include "ipc/link.h"

namespace uwsgi {

struct Ends {
  std::unique_ptr<Link> master;
  std::unique_ptr<Link> zygote;
};

inline Ends MakeEnds() {
  auto ends = Link::Create();
  return {std::make_unique<Link>(std::move(ends->first)),
          std::make_unique<Link>(std::move(ends->second))};
}

}  // namespace uwsgi
