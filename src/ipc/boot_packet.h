// SPDX-License-Identifier: MIT
//
// What the master gives a new zygote: text and descriptors in the first packet of its
// link. The zygote is a fresh exec and knows nothing else.

#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/link.h"
#include "ipc/region.h"
#include "ipc/scoreboard.h"
#include "ipc/worker_context.h"

namespace uwsgi {

// Set to "1" in the environment of a zygote, which removes it before anything else
// runs. The name is outside of the UWSGI_* variables, which are options.
inline constexpr const char* kZygoteVariable = "__UWSGI_ZYGOTE";

// What the master passes on without looking into it.
struct ProcessTexts {
  std::string options;  // config::EncodeRawOptions
  std::string tls;      // tls::Encode
};

// The descriptors go as a list of names and descriptors.
Result<void> SendBootPacket(const Link& link, const GenerationContext& context,
                            const ProcessTexts& texts);

// The context as the zygote sees it, with everything that it points to.
struct BootedGeneration {
  ProcessTexts texts;
  GenerationContext context;  // Points into the members below, which do not move.
  std::unique_ptr<Link> link;
  std::unique_ptr<Scoreboard> scoreboard;
  std::list<Region> regions;          // What `context` uses.
  std::vector<UniqueFd> descriptors;  // What `context` names.
};

// Waits for the packet. kClosed when the master died before it sent one.
Result<BootedGeneration> ReceiveBootPacket(std::unique_ptr<Link> link);

}  // namespace uwsgi
