// SPDX-License-Identifier: MIT

#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "config/environment.h"
#include "os/process_facts.h"

namespace uwsgi::config {

// The texts of configuration files. What can be read once only, as standard input and the pipe of a
// shell's <(...), is kept for the next time.
class ConfigurationTexts {
 public:
  // The error names the file.
  Result<std::string> Read(const std::string& path);

 private:
  std::map<std::string, std::string> kept_;
};

// What a configuration sees of the process that reads it: its variables, user, place and sockets.
// Taken once, when the server starts: by its first reload it has taken its sockets, changed its
// user and left its directory, and the configuration is to mean the same as before.
struct StartFacts {
  Environment environment;
  os::ProcessFacts process;
  bool inherits_socket = false;  // On standard input, or by socket activation.
  ConfigurationTexts texts = {};

  // `block` ends with a null pointer, as the kernel's does; `program` is the path of the server's.
  static StartFacts OfThisProcess(const char* const* block, std::string program);
};

}  // namespace uwsgi::config
