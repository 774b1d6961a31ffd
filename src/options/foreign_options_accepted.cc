// SPDX-License-Identifier: MIT
//
// Options of uWSGI that are read and need no effect here. See ForeignOptions for the marks.

#include <vector>

#include "options/option_table.h"
#include "options/text.h"
#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

Remark CheckMasterHook(std::string_view value) {
  const std::vector<std::string_view> words = Split(value, " \t");
  const bool is_graceful_stop = words.size() == 2 && words[0].starts_with("unix_signal:") &&
                                words[1] == "gracefully_kill_them_all";
  if (!is_graceful_stop) return Wrong("only unix_signal:15 gracefully_kill_them_all is known here");
  if (words[0] == "unix_signal:15") return {};
  return {Remark::Kind::kWarning, "only SIGTERM stops gracefully"};
}

constexpr ForeignOptions kOptions[] = {
    {Support::kAccepted, "always so here.",
     "close-on-exec close-on-exec2 disable-write-exception enable-threads "
     "harakiri-verbose http-auto-chunked http-chunked-input http-manage-expect? http-raw-body "
     "http-websockets "
     "ignore-sigpipe ignore-write-errors no-orphans py-call-osafterfork "
     "py-call-uwsgi-fork-hooks re-fork re-fork-as-root re-fork-post-jail refork "
     "refork-as-root refork-post-jail single-interpreter tcp-nodelay "
     "thunder-lock write-errors-exception-only write-errors-tolerance#"},
    {Support::kAccepted, "standard input is taken for a socket only if it listens.", "skip-zero"},
    {Support::kAccepted, "nothing but the application changes its environment.", "reload-os-env"},
    {Support::kAccepted, "the head leaves with the first piece of the body, as PEP 3333 wants.",
     "start_response-nodelay"},
    {Support::kAccepted, "it is for the application, which finds it as uwsgi.mode.", "mode="},
    {Support::kAccepted,
     "responses that a client takes slowly never hold a thread here, so there is nothing to "
     "offload.",
     "offload-thread# offload-threads#"},
    {Support::kAccepted,
     "no router process stands between clients and workers here, so it has nothing to set.",
     "http-buffer-size# http-cheap http-connect-timeout# http-events# http-gid~ "
     "http-gracetime# http-harakiri# http-manage-rtsp http-manage-source http-modifier1# "
     "http-modifier2# http-processes# http-quiet# http-uid~ http-workers#"},
    {Support::kAccepted, "clients resume their sessions by tickets, so the server keeps none.",
     "ssl-session-timeout# ssl-session-use-cache? ssl-sessions-timeout# "
     "ssl-sessions-use-cache? ssl-tmp-dir= ssl-verbose"},
    {Support::kAccepted, "requests of sockets are for Python here, so modifiers do not matter.",
     "allowed-modifiers= fastcgi-modifier1# fastcgi-modifier2# http-socket-modifier1# "
     "http-socket-modifier2# https-socket-modifier1# https-socket-modifier2# "
     "raw-modifier1# raw-modifier2# remap-modifier= scgi-modifier1# scgi-modifier2# "
     "uwsgi-modifier30"},
    {Support::kAccepted, "Python and HTTP are built in; a plugin that is not is warned about.",
     "autoload need-plugin= need-plugins= plugin= plugin-dir= plugins= plugins-dir="},
    {Support::kAccepted, "files are found by one system call and honour ranges always.",
     "honour-range static-cache-paths# static-cache-paths-name="},
    {Support::kAccepted, "this server works without it.",
     "backtrace-depth# body-read-warning# cache-expire-freq# clock= daemons-honour-stdin "
     "fd-safe~ ftok= harakiri-no-arh ksm? lock-engine= log-master "
     "log-master-bufsize# log-master-req-stream log-master-stream max-apps# "
     "max-worker-lifetime-delta# mem-collector-freq# no-fd-passing "
     "no-harakiri-after-req-hook no-harakiri-arh no-threads-wait pcre-jit "
     "persistent-ipcsem post-buffering-bufsize# propagate-touch "
     "rpc-max# safe-fd~ shutdown-sockets threaded-logger "
     "use-abort wsgi-env-behavior= wsgi-env-behaviour="},
    {Support::kAccepted,
     "unix_signal:15 gracefully_kill_them_all is what SIGTERM means here; no other hook is taken.",
     "hook-master-start~", CheckMasterHook},
};

}  // namespace

std::span<const ForeignOptions> AcceptedOptions() { return kOptions; }

}  // namespace uwsgi::config
