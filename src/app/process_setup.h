// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "ipc/boot_packet.h"
#include "os/process_title.h"
#include "zygote/zygote.h"

namespace uwsgi {

// In the process that loads the applications, the zygote or a server of one process: puts the
// language runtime and the worker together. `program` is the path of the server's; `leave` ends a
// worker's process with a status. The title and the generation outlive what is returned.
Result<ZygoteParts> SetUpProcess(const BootedGeneration& generation, const std::string& program,
                                 os::ProcessTitle& title, const std::function<void(int)>& leave);

}  // namespace uwsgi
