// SPDX-License-Identifier: MIT

#include "options/foreign_words.h"

#include <array>

#include "options/text.h"

namespace uwsgi::config {
namespace {

struct ForeignWords {
  std::string_view names;  // Separated by spaces.
  std::string_view ours;
};

constexpr std::string_view kAddress =
    "the address is http = HOST:PORT here, or socket = HOST:PORT behind a web server";
constexpr std::string_view kCertificate =
    "certificate and key are part of the address here: https = HOST:PORT,CERTIFICATE,KEY";

constexpr auto kWords = std::to_array<ForeignWords>({
    {"bind host port insecure-bind uds unix-socket unix-socket-perms fd", kAddress},
    {"certfile keyfile ssl-certfile ssl-keyfile ssl-certificate ssl-key", kCertificate},
    {"ca-certs ssl-ca-certs ssl-ca cert-reqs ssl-cert-reqs verify-mode",
     "the authority of clients' certificates is part of the address here: "
     "https2 = addr=HOST:PORT,cert=FILE,key=FILE,client_ca=FILE"},
    {"timeout channel-timeout backpressure-timeout",
     "the longest time of a request is harakiri here"},
    {"graceful-timeout timeout-graceful-shutdown workers-graceful-timeout shutdown-timeout",
     "the time that a worker has to finish is worker-reload-mercy here"},
    {"keep-alive timeout-keep-alive keep-alive-timeout", "it is http-keepalive here"},
    {"max-requests-jitter limit-max-requests-jitter", "it is max-requests-delta here"},
    {"limit-max-requests", "it is max-requests here"},
    {"workers-lifetime", "it is max-worker-lifetime here"},
    {"workers-max-rss", "it is reload-on-rss here"},
    {"worker-class interface loop http worker-connections limit-concurrency connection-limit "
     "backpressure runtime-mode",
     "workers run WSGI applications in threads here: processes = N, threads = N"},
    {"blocking-threads runtime-threads", "it is threads here"},
    {"preload preload-app", "always so here; lazy-apps turns it off"},
    {"reload-dir reload-dirs reload-include reload-exclude reload-extra-file reload-paths "
     "reload-engine",
     "a file whose change reloads the server is touch-reload = FILE here"},
    {"access-logfile access-log accesslog no-access-log log-access",
     "requests are in the log here; disable-logging leaves them out"},
    {"error-logfile error-log errorlog log-file", "it is logto = FILE here"},
    {"access-logformat access-log-format access-log-fmt", "it is log-format here"},
    {"log-level log-config log-config-json log-config-dict logger-class capture-output",
     "the server's own log has no levels here; that of the application is the application's"},
    {"user", "it is uid here"},
    {"group", "it is gid here"},
    {"pid", "it is pidfile here"},
    {"daemon", "it is daemonize = LOGFILE here"},
    {"name process-name proc-name", "it is procname-prefix here"},
    {"backlog", "it is listen here"},
    {"config-file", "it is ini = FILE here"},
    {"print-config", "it is show-config here"},
    {"env-file env-files", "it is env = NAME=VALUE here, one for each variable"},
    {"app-dir working-dir", "it is chdir here"},
    {"root-path url-prefix url-path-prefix", "it is mount = /PREFIX=APP here"},
    {"factory call", "a factory is called where its name ends in (): module:create_app()"},
    {"forwarded-allow-ips proxy-headers trusted-proxy trusted-hosts trusted-proxy-headers "
     "proxy-protocol-from proxy-allow-from proxy-allow-ips",
     "the proxies that are believed are forwarded-allow-from here"},
    {"limit-request-line limit-request-field-size h11-max-incomplete-event-size "
     "max-request-header-size",
     "it is buffer-size here"},
    {"limit-request-fields", "it is max-vars here"},
    {"max-request-body-size", "it is limit-post here"},
    {"static-path-mount static-path-route", "it is static-map = /PREFIX=DIRECTORY here"},
    {"no-sendfile worker-tmp-dir statsd-host", "this server works without it"},
    {"expose-tracebacks", "it is catch-exceptions here, for debugging only"},
    {"header response-header", "it is add-header here"},
});

constexpr auto kFlags = std::to_array<std::pair<char, std::string_view>>({
    {'k', "workers run WSGI applications in threads here: -p PROCESSES --threads N"},
    {'D', "it is -d LOGFILE here"},
    {'u', "it is --uid here"},
    {'g', "it is --gid here"},
    {'n', "it is --procname-prefix here"},
    {'e', "it is --env NAME=VALUE here"},
});

}  // namespace

std::string_view OursFor(std::string_view name) {
  for (const ForeignWords& words : kWords) {
    for (const std::string_view word : Split(words.names, " ")) {
      if (word == name) return words.ours;
    }
  }
  return {};
}

std::string_view OursForFlag(char flag) {
  for (const auto& [letter, ours] : kFlags) {
    if (letter == flag) return ours;
  }
  return {};
}

std::string_view OursForValue(std::string_view option, std::string_view value) {
  const bool is_count = option == "processes" || option == "workers" || option == "threads";
  if (is_count && value == "auto") {
    return "in an ini file %k is the number of processors, in a shell $(nproc)";
  }
  const bool is_size = option == "listen" || option == "buffer-size";
  if (is_size && value.find(':') != std::string_view::npos) return kAddress;
  if (option == "processes" && value.find_first_of("/.") != std::string_view::npos)
    return "a file with the pid is pidfile here";
  if (option == "module" && IsNumber(value)) return "the number of workers is processes here, -p";
  return {};
}

}  // namespace uwsgi::config
