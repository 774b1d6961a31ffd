// SPDX-License-Identifier: MIT
//
// Options of uWSGI that are not built yet: the start warns. See ForeignOptions for the marks.

#include "options/option_table.h"

namespace uwsgi::config {
namespace {

constexpr ForeignOptions kOptions[] = {
    {Support::kPending, "it has no effect so far.",
     "auto-weight# binsh~ brutal-reload-on-fd~ check-interval# collect-header~ "
     "cpu-affinity# del-header~ drop-after-apps drop-after-init error-page-403~ "
     "error-page-404~ error-page-500~ evil-reload-on-as# evil-reload-on-rss# "
     "exception-handler~ force-cwd= freebind harakiri-graceful-signal# "
     "harakiri-queue-threshold# heartbeat# "
     "http-server-name-as-http-host# http-ss= http-stats= http-stats-server= http-var~ "
     "limit-nproc# master-as-root master-fifo= "
     "never-swap notify-socket= post-pymodule-alias~ prio# profiler= pull-header~ "
     "py-program-name= py-programname= py-tracebacker= "
     "pymodule-alias~ reload-on-exception reload-on-exception-repr~ "
     "reload-on-exception-type~ reload-on-exception-value~ reload-on-fd~ rem-header~ "
     "response-header-collect~ snmp? snmp-community~ so-send-timeout so-write-timeout "
     "socket-rcvbuf# socket-send-timeout socket-sndbuf# socket-write-timeout "
     "tcp-fast-open# tcp-fast-open-client tcp-fastopen# tcp-fastopen-client "
     "touch-mules-reload= touch-spoolers-reload= upload-progress= weight# "
     "wsgi-accept-buffer wsgi-accept-buffers"},
    {Support::kPending, "a child that nobody waits for stays a zombie until its worker ends.",
     "reaper"},
    {Support::kPending, "files are sent by sendfile all the same.", "disable-sendfile"},
    {Support::kPending, "the number of workers stays at what processes says.",
     "cheap cheaper# cheaper-algo= cheaper-busyness-backlog-alert# "
     "cheaper-busyness-backlog-multiplier# cheaper-busyness-backlog-nonzero# "
     "cheaper-busyness-backlog-step# cheaper-busyness-max# cheaper-busyness-min# "
     "cheaper-busyness-multiplier# cheaper-busyness-penalty# cheaper-busyness-verbose "
     "cheaper-initial# cheaper-overload# cheaper-rss-limit-hard# cheaper-rss-limit-soft# "
     "cheaper-step# die-on-idle idle#"},
    {Support::kPending, "there are no statistics yet.",
     "carbon~ carbon-freq# carbon-hostname-dots= carbon-id= carbon-idle-avg= "
     "carbon-max-retry# carbon-name-resolve carbon-no-workers carbon-resolve-names "
     "carbon-retry-delay# carbon-root= carbon-timeout# carbon-use-metrics enable-metrics "
     "metric~ metric-alarm~ metric-dir= metric-dir-restore metric-threshold~ metrics-dir= "
     "metrics-dir-restore metrics-no-cores rrdtool~ rrdtool-freq# rrdtool-lib= stats= "
     "stats-http stats-min stats-minified stats-no-cores stats-no-metrics stats-push~ "
     "stats-pusher-default-freq# stats-pushers-default-freq# stats-server= "
     "zabbix-template?"},
    {Support::kPending, "the log goes to each logger whole and as it is.",
     "log-alarm~ log-drain~ log-encoder~ log-filter~ "
     "log-reopen log-req-encoder~ log-req-route~ log-route~ log-socket~ log-syslog? "
     "log-truncate log-zeromq~ logfile-chmod~ logfile-chown logger-req~ "
     "not-alarm-log~ not-log-alarm~ notfound-log req-logger~ rsyslog-packet-size# "
     "rsyslog-split-messages touch-logreopen= touch-logrotate="},
    {Support::kPending, "nothing raises alarms yet.",
     "alarm~ alarm-backlog~ alarm-cheap# alarm-fd~ alarm-freq# alarm-listen-queue~ "
     "alarm-log~ alarm-lq~ alarm-metric~ alarm-msg-size# alarm-segfault~ backlog-alarm~ "
     "listen-queue-alarm~ lq-alarm~ segfault-alarm~"},
    {Support::kPending, "caches of other instances, queues and shared areas are not built yet.",
     "cache-report-freed-items cache-use-last-modified cache-store-sync# cache-sync= "
     "cache-udp-node~ "
     "cache-udp-server~ check-cache? chunked-input-limit# "
     "chunked-input-timeout# geoip-city= geoip-country= geoip-use-disk "
     "load-file-in-cache-gzip~ queue# queue-blocksize# queue-store= "
     "queue-store-sync# py-sharedarea~ sharedarea~ signal-bufsize# signals-bufsize#"},
    {Support::kPending, "code is not watched yet; use touch-reload.",
     "py-auto-reload# py-auto-reload-ignore~ py-autoreload# python-auto-reload# "
     "python-autoreload#"},
};

}  // namespace

std::span<const ForeignOptions> PendingOptions() { return kOptions; }

}  // namespace uwsgi::config
