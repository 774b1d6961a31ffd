// SPDX-License-Identifier: MIT

#include "app/option_table.h"

#include "app/command_options.h"
#include "cache/options.h"
#include "compression/options.h"
#include "config/options.h"
#include "exchange/options.h"
#include "ipc/lock_table.h"
#include "ipc/recycling_options.h"
#include "log/options.h"
#include "master/options.h"
#include "net/options.h"
#include "os/listen_options.h"
#include "os/process_options.h"
#include "static_files/options.h"
#include "tls/options.h"
#include "websocket/options.h"
#include "worker/options.h"
#include "wsgi/options.h"

namespace uwsgi {
namespace config {
namespace {

// A group's rows are printed in this order, whoever has them.
const OptionTable& Table() {
  static const OptionTable table{
      // Sockets.
      SocketRows(), TlsAddressRows(), RedirectRows(), TlsRows(), ListenRows(),
      // Processes.
      MasterRows(), ThreadRows(), ServiceRows(), HeapRows(), RecyclingRows(), ReloadRows(),
      ProcessRows(),
      // Requests.
      HarakiriRows(), RequestRows(), ResponseLimitRows(), HeaderRows(), CompressionRows(),
      WebSocketRows(), PeerRows(),
      // One group each.
      ApplicationRows(), StaticFileRows(), LockRows(), CacheRows(), LogRows(), CommandRows(),
      LanguageRows()};
  return table;
}

}  // namespace
}  // namespace config

const config::OptionTable& AllOptions() { return config::Table(); }

}  // namespace uwsgi
