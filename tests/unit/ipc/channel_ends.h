// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <utility>

#include "ipc/generation_channel.h"

namespace uwsgi {

struct Ends {
  std::unique_ptr<GenerationChannel> master;
  std::unique_ptr<GenerationChannel> zygote;
};

inline Ends MakeEnds() {
  auto ends = GenerationChannel::Create();
  return {std::make_unique<GenerationChannel>(std::move(ends->first)),
          std::make_unique<GenerationChannel>(std::move(ends->second))};
}

}  // namespace uwsgi
