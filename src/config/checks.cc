// SPDX-License-Identifier: MIT

#include "config/checks.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>

#include "base/address.h"
#include "base/ascii.h"
#include "base/c_locale.h"
#include "config/value_checks.h"
#include "options/foreign_words.h"
#include "options/log_targets.h"
#include "options/option_table.h"
#include "options/text.h"
#include "options/tls_identity.h"

namespace uwsgi::config {
namespace {

// The last of what was written of an option, which is the one that counts; null when none was.
const RawOption* LastOf(const std::vector<RawOption>& raw, std::string_view name) {
  const OptionSpec* const spec = FindOption(name);
  const auto last = std::find_if(raw.rbegin(), raw.rend(), [&](const RawOption& option) {
    return FindOption(option.name) == spec;
  });
  return last == raw.rend() ? nullptr : &*last;
}

void AtLeastOne(std::string_view name, int& value, Diagnostics& diagnostics) {
  if (value > 0) return;
  diagnostics.Warning(fmt::format("{} = 0 means 1 here", name));
  value = 1;
}

void CheckCounts(Options& options, Diagnostics& diagnostics) {
  AtLeastOne("processes", options.master.processes, diagnostics);
  AtLeastOne("threads", options.worker.threads, diagnostics);
}

void CheckMaster(Options& options, Diagnostics& diagnostics) {
  if (options.master.master) return;
  if (options.master.processes > 1) {
    diagnostics.Warning(
        fmt::format("master = false works with one process only; {} processes have a master",
                    options.master.processes));
  } else if (options.log.needs_master()) {
    diagnostics.Warning(
        "master = false works with one logger that is no UDP address, and without log-maxsize; "
        "the master is on");
  } else {
    return;
  }
  options.master.master = true;
}

// Several processes would take the terminal's lines from each other.
void CheckInput(Options& options, Diagnostics& diagnostics) {
  MasterOptions& master = options.master;
  if (!master.honour_stdin) return;
  const bool detaches = !master.daemonize.empty() || !master.daemonize2.empty();
  if (master.processes == 1 && !detaches) return;
  diagnostics.Warning(fmt::format("honour-stdin has no effect {}: standard input is /dev/null",
                                  detaches ? "with daemonize" : "with several processes"));
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

void CheckSockets(const ListenOptions& listen, bool needs_socket, Diagnostics& diagnostics) {
  if (!needs_socket || HasSocket(listen)) return;
  diagnostics.Error(
      "there is no socket: set socket for a web server in front, or http; with an application as "
      "its argument (uwsgi app.py, uwsgi module:app) the server chooses one itself");
}

// http = http://localhost:8000; what is wrong with one is found by CheckValues.
void CutSchemes(ListenOptions& listen) {
  for (auto* addresses : {&listen.http, &listen.http_to_https}) {
    for (std::string& address : *addresses) {
      if (auto cut = AddressOfHttpUrl(address)) address = *std::move(cut);
    }
  }
}

// Where a socket's option says that it listens; empty for other options.
std::string ListensAt(const RawOption& option) {
  const OptionSpec* const spec = FindOption(option.name);
  const std::string_view name = spec == nullptr ? std::string_view() : spec->name;
  if (name == "https" || name == "https2") {
    const auto identity = name == "https" ? ParseHttps(option.value) : ParseHttps2(option.value);
    return identity ? identity->name : "";
  }
  if (name == "http" || name == "http-to-https") {
    const auto address = AddressOfHttpUrl(option.value);
    return address ? *address : "";
  }
  return name == "socket" || name == "uwsgi-socket" ? option.value : "";
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

// As `vacuum = true` and `vacuum = 1` do.
bool MeanTheSame(const OptionSpec& spec, const RawOption& one, const RawOption& other) {
  Options first;
  Options second;
  spec.field.parse(first, spec.Effective(one.value));
  spec.field.parse(second, spec.Effective(other.value));
  return spec.field.show(first) == spec.field.show(second);
}

// Of what can be said only once, the last line counts. Files that override each other are meant so.
void CheckRepeatedOptions(const std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  std::map<const OptionSpec*, const RawOption*> first;
  for (const RawOption& option : raw) {
    const OptionSpec* const spec = FindOption(option.name);
    const bool is_single = spec != nullptr && spec->field.parse != nullptr && !spec->field.is_list;
    if (!is_single || option.file.empty()) continue;
    const auto [before, is_new] = first.emplace(spec, &option);
    if (is_new || before->second->file != option.file) continue;
    if (LastOf(raw, spec->name) != &option) continue;
    if (MeanTheSame(*spec, *before->second, option)) continue;
    diagnostics.Notice(
        fmt::format("{} counts, not {}", Describe(option), Describe(*before->second)));
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

void CheckWebServers(const Options& options, Diagnostics& diagnostics) {
  if (!options.worker.uwsgi_allow_from.empty()) return;
  std::string open;
  const auto add = [&](const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses) {
      if (IsOpenToOthers(address)) open += (open.empty() ? "" : ", ") + address;
    }
  };
  if (options.listen.protocol == "uwsgi") add(options.listen.sockets);
  add(options.listen.uwsgi_sockets);
  if (open.empty()) return;
  diagnostics.Warning(
      fmt::format("{}: a uwsgi socket that other machines may reach, and whoever does is believed; "
                  "name the web servers in uwsgi-allow-from, or bind it to 127.0.0.1",
                  open));
}

// A path from the directory that the server changes to.
std::string FromChdir(const std::string& path, const Options& options) {
  const std::string& directory = options.process.chdir;
  return path.starts_with('/') || directory.empty() ? path : directory + "/" + path;
}

void CheckApplications(const Options& options, Diagnostics& diagnostics) {
  const AppOptions& app = options.app;
  if (const auto ours = OursForValue("module", app.module); !ours.empty()) {
    diagnostics.Error(fmt::format("module = {} is no module: {}", app.module, ours));
  }
  if (!app.module.empty() && !app.wsgi_file.empty()) {
    const std::string path = FromChdir(app.wsgi_file, options);
    const char* missing = access(path.c_str(), F_OK) == 0 ? "" : ", which does not exist,";
    diagnostics.Warning(fmt::format("module = {} is taken first: wsgi-file = {}{} is never opened",
                                    app.module, app.wsgi_file, missing));
  }
}

void CheckFileServeMode(const StaticOptions& options, Diagnostics& diagnostics) {
  const std::string& mode = options.file_serve_mode;
  if (mode == "x-sendfile" && options.safe_dirs.empty()) {
    diagnostics.Error("file-serve-mode = x-sendfile needs static-safe: where the files may be");
  } else if (mode == "x-accel-redirect" && options.internal_maps.empty()) {
    diagnostics.Error(
        "file-serve-mode = x-accel-redirect needs static-internal: /PREFIX=DIRECTORY");
  }
}

void CheckMimeFiles(const Options& options, Diagnostics& diagnostics) {
  for (const std::string& file : options.static_files.mime_files) {
    if (access(FromChdir(file, options).c_str(), R_OK) == 0) continue;
    diagnostics.Warning(
        fmt::format("mimefile = {}: {}, so its types are missing", file, ErrorText(errno)));
  }
}

// A relative path counts from chdir, which is not where we are yet.
void CheckDirectory(std::string_view name, const std::string& path, const Options& options,
                    const std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  if (path.empty() || (!path.starts_with('/') && !options.process.chdir.empty())) return;
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
  diagnostics.ErrorAt(*LastOf(raw, name), "there is no such directory");
}

void CheckPaths(const Options& options, const std::vector<RawOption>& raw,
                Diagnostics& diagnostics) {
  constexpr std::size_t kLongestPath = 4095;
  for (const std::string_view name : {"chdir", "chdir2", "home", "logto", "daemonize", "pidfile"}) {
    const RawOption* const option = LastOf(raw, name);
    if (option == nullptr || option->value.size() <= kLongestPath) continue;
    diagnostics.ErrorAt(*option, fmt::format("the path is longer than {} bytes", kLongestPath));
  }
  CheckDirectory("home", options.app.home, options, raw, diagnostics);
  CheckDirectory("post-buffering-dir", options.worker.post_buffering_dir, options, raw,
                 diagnostics);
}

// Only the number of processes is there yet, but what can never work is said at once.
void CheckCheaper(const Options& options, const std::vector<RawOption>& raw,
                  Diagnostics& diagnostics) {
  for (const RawOption& option : raw) {
    if (option.name != "cheaper") continue;
    int cheaper = 0;
    const Remark remark = ParseValue(option.value, cheaper);
    if (remark.kind == Remark::Kind::kError) {
      diagnostics.ErrorAt(option, remark.text);
    } else if (cheaper > 0 && cheaper >= options.master.processes) {
      diagnostics.ErrorAt(option, fmt::format("must be lower than processes, which is {}",
                                              options.master.processes));
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

void CheckMasterHooks(const std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  for (const RawOption& option : raw) {
    if (option.name != "hook-master-start") continue;
    const std::vector<std::string_view> words = Split(option.value, " \t");
    const bool is_graceful_stop = words.size() == 2 && words[0].starts_with("unix_signal:") &&
                                  words[1] == "gracefully_kill_them_all";
    if (!is_graceful_stop) {
      diagnostics.ErrorAt(option, "only unix_signal:15 gracefully_kill_them_all is known here");
    } else if (words[0] != "unix_signal:15") {
      diagnostics.WarningAt(option, "only SIGTERM stops gracefully");
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

bool HasSocket(const ListenOptions& listen) {
  return !listen.sockets.empty() || !listen.uwsgi_sockets.empty() || !listen.http.empty() ||
         !listen.tls.https.empty() || !listen.tls.https2.empty();
}

void CorrectOptions(Options& options, Diagnostics& diagnostics) {
  CheckCounts(options, diagnostics);
  FillLogTargets(options.log, options.master);
  CheckMaster(options, diagnostics);
  CheckInput(options, diagnostics);
  FillTls(options.listen.tls);
  CutSchemes(options.listen);
}

void CheckOptions(const Options& options, const std::vector<RawOption>& raw, bool needs_socket,
                  Diagnostics& diagnostics) {
  CheckValues(raw, diagnostics);
  CheckSockets(options.listen, needs_socket, diagnostics);
  CheckRepeatedAddresses(raw, diagnostics);
  CheckRepeatedOptions(raw, diagnostics);
  CheckWebServers(options, diagnostics);
  CheckApplications(options, diagnostics);
  CheckFileServeMode(options.static_files, diagnostics);
  CheckMimeFiles(options, diagnostics);
  CheckLogSize(options.log, diagnostics);
  CheckPaths(options, raw, diagnostics);
  CheckCheaper(options, raw, diagnostics);
  CheckPlugins(raw, diagnostics);
  CheckMasterHooks(raw, diagnostics);
}

namespace {

std::string TextOfUnknown(std::string_view name) {
  if (const auto ours = OursFor(name); !ours.empty()) return fmt::format("{}: {}", name, ours);
  if (const auto nearest = NearestName(name); !nearest.empty()) {
    return fmt::format("{}: did you mean {}?", name, nearest);
  }
  return fmt::format("{} is no option; uwsgi.opt has it", name);
}

}  // namespace

void CheckUnknownNames(const std::vector<RawOption>& raw, const std::set<std::string>& mentioned,
                       bool strict, Diagnostics& diagnostics) {
  std::set<std::string> known = mentioned;
  for (const RawOption& option : raw) {
    const OptionSpec* spec = FindOption(option.name);
    if (spec == nullptr || !(spec->name == "set" || spec->name == "set-placeholder")) continue;
    known.emplace(Trim(std::string_view(option.value).substr(0, option.value.find('='))));
  }
  for (const RawOption& option : raw) {
    if (FindOption(option.name) != nullptr || !known.insert(option.name).second) continue;
    const bool from_environment = option.file.empty();
    if (from_environment) {
      std::string variable = "UWSGI_" + option.name;
      for (char& c : variable) c = c == '-' ? '_' : ToUpper(c);
      if (mentioned.contains(variable)) continue;
    }
    const std::string text = TextOfUnknown(option.name);
    if (strict && !from_environment) {
      diagnostics.Error(fmt::format("{}:{}: {}", option.file, option.line, text));
    } else if (from_environment) {
      diagnostics.Warning(fmt::format("environment: {}", text));
    } else {
      diagnostics.Warning(fmt::format("{}:{}: {}", option.file, option.line, text));
    }
  }
}

}  // namespace uwsgi::config
