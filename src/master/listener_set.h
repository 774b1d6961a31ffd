// SPDX-License-Identifier: MIT
//
// The listening sockets of the server. A reload keeps those whose address it still has,
// so their queues go on; new addresses are opened, vanished ones closed when nobody needs them.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "os/listen_options.h"
#include "os/listener.h"
#include "tls/options.h"
#include "uwsgi/listener.h"

namespace uwsgi {

class ListenerSet {
 public:
  // Which of the configured sockets OpenFor opens.
  enum class Phase {
    kBeforePrivileges,  // What may need root's rights: TCP, and everything with chown-socket.
    kAll,
  };

  ListenerSet() = default;

  // Takes the sockets that the process was started with. To be called once.
  void Inherit();

  // Makes sure that the configured sockets are open. Returns them in the order of the
  // configuration, behind the inherited ones that it does not name: those always serve. When one
  // fails, those that are new stay open until Retain.
  Result<std::vector<Listener>> OpenFor(const ListenOptions& options, const TlsOptions& tls,
                                        Phase phase = Phase::kAll);

  // Closes what is not in `listeners`, and removes the files of unix sockets that were closed.
  void Retain(const std::vector<Listener>& listeners, bool vacuum);

  // Closes everything; with `vacuum`, removes the unix sockets' files.
  void Close(bool vacuum);

 private:
  struct Entry {
    std::string key;  // Of its address as configured; of an inherited one "fd://N".
    os::BoundListener bound;
    bool needs_name = true;  // Serves only while the configuration names it.
  };

  const Entry* Find(const std::string& key) const;
  // The socket of the same TCP address under another name: localhost:80 is 127.0.0.1:80.
  Entry* FindSpeltOtherwise(const std::string& text);

  std::vector<Entry> entries_;
  int opened_ = 0;  // The next socket's number in the log.
};

}  // namespace uwsgi
