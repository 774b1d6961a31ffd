// SPDX-License-Identifier: MIT

#include "app/option_checks.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>

#include "app/command_options.h"
#include "app/option_table.h"
#include "base/address.h"
#include "base/c_locale.h"
#include "config/checks.h"
#include "exchange/options.h"
#include "log/targets.h"
#include "master/options.h"
#include "net/options.h"
#include "options/foreign_words.h"
#include "options/text.h"
#include "os/listen_options.h"
#include "os/process_options.h"
#include "static_files/options.h"
#include "tls/options.h"
#include "worker/options.h"
#include "wsgi/options.h"

namespace uwsgi::config {
namespace {

void AtLeastOne(std::string_view name, int& value, Diagnostics& diagnostics) {
  if (value > 0) return;
  diagnostics.Warning(fmt::format("{} = 0 means 1 here", name));
  value = 1;
}

void CheckCounts(OptionSet& options, Diagnostics& diagnostics) {
  AtLeastOne("processes", options.Change<MasterOptions>().processes, diagnostics);
  AtLeastOne("threads", options.Change<WorkerOptions>().threads, diagnostics);
}

void CheckMaster(MasterOptions& master, const LogOptions& log, Diagnostics& diagnostics) {
  if (master.master) return;
  if (master.processes > 1) {
    diagnostics.Warning(
        fmt::format("master = false works with one process only; {} processes have a master",
                    master.processes));
  } else if (log.needs_master()) {
    diagnostics.Warning(
        "master = false works with one logger that is no UDP address, and without log-maxsize; "
        "the master is on");
  } else {
    return;
  }
  master.master = true;
}

bool Detaches(const MasterOptions& master) {
  return !master.daemonize.empty() || !master.daemonize2.empty();
}

// Several processes would take the terminal's lines from each other.
void CheckInput(MasterOptions& master, Diagnostics& diagnostics) {
  if (!master.honour_stdin || (master.processes == 1 && !Detaches(master))) return;
  diagnostics.Warning(fmt::format("honour-stdin has no effect {}: standard input is /dev/null",
                                  Detaches(master) ? "with daemonize" : "with several processes"));
  master.honour_stdin = false;
}

void CheckLogSize(const LogOptions& options, Diagnostics& diagnostics) {
  const bool has_file = std::ranges::any_of(options.targets, [](const LogTarget& target) {
    return !target.path.empty() && !target.is_udp;
  });
  if (options.max_size.bytes == 0 || has_file) return;
  diagnostics.Warning(
      "log-maxsize has no effect without a log file: set logto, daemonize or logger = file:PATH");
}

// Where one line of the configuration listens; empty for other options.
std::string ListensAt(const RawOption& option) {
  const OptionSpec* const spec = AllOptions().Find(option.name);
  if (spec == nullptr || spec->field.parse == nullptr) return {};
  OptionSet alone;
  spec->field.parse(alone, option.value);
  const ListenOptions& listen = alone.Get<ListenOptions>();
  for (const auto* addresses :
       {&listen.sockets, &listen.uwsgi_sockets, &listen.http, &listen.http_to_https}) {
    if (!addresses->empty()) return addresses->front();
  }
  const TlsOptions& tls = alone.Get<TlsOptions>();
  return tls.endpoints.empty() ? "" : tls.endpoints.front().name;
}

// The second line of an address would be lost, with its protocol, its certificate and its demands.
void CheckRepeatedAddresses(const std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  std::map<std::string, const RawOption*> seen;
  for (const RawOption& option : raw) {
    const std::string address = ListensAt(option);
    if (address.empty() || address.ends_with(":0")) continue;  // The kernel chooses :0.
    const auto [first, is_new] = seen.emplace(address, &option);
    if (is_new) continue;
    diagnostics.ErrorAt(option, fmt::format("{} is the address of two sockets, leave one: {}",
                                            address, Describe(*first->second)));
  }
}

// Whether an address of TCP can be reached from other machines. Of an inherited one nothing is
// known yet.
bool IsOpenToOthers(std::string_view text) {
  const Result<Address> address = ParseAddress(text);
  if (!address || !address->is_tcp() || address->inherited_fd >= 0) return false;
  const std::string& host = address->host;
  return !host.starts_with("127.") && host != "localhost" && host != "::1";
}

void CheckWebServers(const ListenOptions& listen, const PeerOptions& peers,
                     Diagnostics& diagnostics) {
  if (!peers.uwsgi_allow_from.empty()) return;
  std::string open;
  const auto add = [&](const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses) {
      if (IsOpenToOthers(address)) open += (open.empty() ? "" : ", ") + address;
    }
  };
  if (listen.protocol == Wire::kUwsgi) add(listen.sockets);
  add(listen.uwsgi_sockets);
  if (open.empty()) return;
  diagnostics.Warning(
      fmt::format("{}: a uwsgi socket that other machines may reach, and whoever does is believed; "
                  "name the web servers in uwsgi-allow-from, or bind it to 127.0.0.1",
                  open));
}

// A path from the directory that the server changes to.
std::string FromChdir(const std::string& path, const std::string& chdir) {
  return path.starts_with('/') || chdir.empty() ? path : chdir + "/" + path;
}

void CheckApplications(const AppOptions& app, const std::string& chdir, Diagnostics& diagnostics) {
  if (const auto ours = OursForValue("module", app.module); !ours.empty()) {
    diagnostics.Error(fmt::format("module = {} is no module: {}", app.module, ours));
  }
  if (!app.module.empty() && !app.wsgi_file.empty()) {
    const std::string path = FromChdir(app.wsgi_file, chdir);
    const char* missing = access(path.c_str(), F_OK) == 0 ? "" : ", which does not exist,";
    diagnostics.Warning(fmt::format("module = {} is taken first: wsgi-file = {}{} is never opened",
                                    app.module, app.wsgi_file, missing));
  }
}

void CheckFileServeMode(const StaticOptions& options, Diagnostics& diagnostics) {
  if (options.file_serve_mode == FileServeMode::kSendfile && options.safe_dirs.empty()) {
    diagnostics.Error("file-serve-mode = x-sendfile needs static-safe: where the files may be");
  } else if (options.file_serve_mode == FileServeMode::kAccelRedirect &&
             options.internal_maps.empty()) {
    diagnostics.Error(
        "file-serve-mode = x-accel-redirect needs static-internal: /PREFIX=DIRECTORY");
  }
}

void CheckMimeFiles(const StaticOptions& options, const std::string& chdir,
                    Diagnostics& diagnostics) {
  for (const std::string& file : options.mime_files) {
    if (access(FromChdir(file, chdir).c_str(), R_OK) == 0) continue;
    diagnostics.Warning(
        fmt::format("mimefile = {}: {}, so its types are missing", file, ErrorText(errno)));
  }
}

// A relative path counts from chdir, which is not where we are yet.
template <auto M>
void CheckDirectory(const OptionSet& options, const std::vector<RawOption>& raw,
                    Diagnostics& diagnostics) {
  const std::string& path = options.Get<internal::SliceOf<M>>().*M;
  const bool has_chdir = !options.Get<ProcessOptions>().chdir.empty();
  if (path.empty() || (!path.starts_with('/') && has_chdir)) return;
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
  const OptionTable& table = AllOptions();
  diagnostics.ErrorAt(*table.LastOf(table.FindField(IdOf<M>()), raw), "there is no such directory");
}

// Only the number of processes is there yet, but what can never work is said at once.
void CheckCheaper(int processes, const std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  for (const RawOption& option : raw) {
    if (option.name != "cheaper") continue;
    int cheaper = 0;
    const Remark remark = ParseValue(option.value, cheaper);
    if (remark.kind == Remark::Kind::kError) {
      diagnostics.ErrorAt(option, remark.text);
    } else if (cheaper > 0 && cheaper >= processes) {
      diagnostics.ErrorAt(option,
                          fmt::format("must be lower than processes, which is {}", processes));
    }
  }
}

void CheckPlugins(const std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  for (const RawOption& option : raw) {
    const bool names_plugins = option.name == "plugin" || option.name == "plugins" ||
                               option.name == "need-plugin" || option.name == "need-plugins";
    if (!names_plugins) continue;
    for (std::string_view plugin : Split(option.value, ", ")) {
      plugin = BaseName(plugin);
      if (plugin.starts_with("python") || plugin.starts_with("http") || plugin == "0:python") {
        continue;
      }
      diagnostics.WarningAt(option, fmt::format("plugins are not loaded here, so what {} does is "
                                                "missing unless it is built in",
                                                plugin));
    }
  }
}

}  // namespace

bool IsCommand(const CommandOptions& command) {
  return !command.stop.empty() || !command.reload.empty() || command.version ||
         command.python_version || command.help || !command.explain.empty() ||
         !command.dump_options.empty();
}

void CheckCommand(const CommandOptions& command, Diagnostics& diagnostics) {
  const std::string& pidfile = command.reload;
  if (pidfile.find(':') == std::string::npos && !pidfile.ends_with(".py")) return;
  if (access(pidfile.c_str(), F_OK) == 0 && !pidfile.ends_with(".py")) return;
  diagnostics.Error(fmt::format(
      "--reload {}: takes the pidfile of a server that is to reload; a file whose change reloads "
      "the server is touch-reload = FILE",
      pidfile));
}

bool HasSocket(const std::vector<RawOption>& raw) {
  return std::ranges::any_of(raw, [](const RawOption& option) {
    const OptionSpec* const spec = AllOptions().Find(option.name);
    return spec != nullptr && spec->has(kListens);
  });
}

void SettleOptions(OptionSet& options) {
  CommandOptions& command = options.Change<CommandOptions>();
  command.help = !command.help_group.empty();
  if (command.help_group == "everyday") command.help_group.clear();
  // As in uWSGI, whose umask is 0 then: the web server is another user.
  std::optional<FileMode>& mode = options.Change<ListenOptions>().chmod;
  const bool has_umask = options.Get<ProcessOptions>().umask.has_value();
  if (Detaches(options.Get<MasterOptions>()) && !has_umask && !mode) mode = FileMode{0777};
}

void CorrectOptions(OptionSet& options, Diagnostics& diagnostics) {
  CheckCounts(options, diagnostics);
  MasterOptions& master = options.Change<MasterOptions>();
  LogOptions& log = options.Change<LogOptions>();
  FillLogTargets(log, master.daemonize, master.daemonize2);
  CheckMaster(master, log, diagnostics);
  CheckInput(master, diagnostics);
}

void CheckOptions(const OptionSet& options, const std::vector<RawOption>& raw, bool needs_socket,
                  Diagnostics& diagnostics) {
  const std::string& chdir = options.Get<ProcessOptions>().chdir;
  const StaticOptions& static_files = options.Get<StaticOptions>();
  CheckValues(raw, AllOptions(), diagnostics);
  if (needs_socket && !HasSocket(raw)) {
    diagnostics.Error(
        "there is no socket: set socket for a web server in front, or http; with an application as "
        "its argument (uwsgi app.py, uwsgi module:app) the server chooses one itself");
  }
  CheckRepeatedAddresses(raw, diagnostics);
  CheckRepeatedOptions(raw, AllOptions(), diagnostics);
  CheckWebServers(options.Get<ListenOptions>(), options.Get<PeerOptions>(), diagnostics);
  CheckApplications(options.Get<AppOptions>(), chdir, diagnostics);
  CheckFileServeMode(static_files, diagnostics);
  CheckMimeFiles(static_files, chdir, diagnostics);
  CheckLogSize(options.Get<LogOptions>(), diagnostics);
  CheckDirectory<&AppOptions::home>(options, raw, diagnostics);
  CheckDirectory<&RequestOptions::post_buffering_dir>(options, raw, diagnostics);
  CheckCheaper(options.Get<MasterOptions>().processes, raw, diagnostics);
  CheckPlugins(raw, diagnostics);
}

}  // namespace uwsgi::config
