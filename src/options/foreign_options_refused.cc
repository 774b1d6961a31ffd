// SPDX-License-Identifier: MIT
//
// Options of uWSGI that this server can not ignore: the start fails. See ForeignOptions for the
// marks.

#include "options/option_table.h"

namespace uwsgi::config {
namespace {

constexpr ForeignOptions kOptions[] = {
    {Support::kRefused, "routing rules are not built in; put them into the web server.",
     "error-route~ error-route-host~ error-route-if~ error-route-if-not~ "
     "error-route-label~ error-route-qs~ error-route-referer~ error-route-remote-addr~ "
     "error-route-remote-user~ error-route-run~ error-route-status~ error-route-uri~ "
     "error-route-user-agent~ final-route~ final-route-host~ final-route-if~ "
     "final-route-if-not~ final-route-label~ final-route-qs~ final-route-referer~ "
     "final-route-remote-addr~ final-route-remote-user~ final-route-run~ "
     "final-route-status~ final-route-uri~ final-route-user-agent~ response-route~ "
     "response-route-host~ response-route-if~ response-route-if-not~ response-route-label~ "
     "response-route-qs~ response-route-referer~ response-route-remote-addr~ "
     "response-route-remote-user~ response-route-run~ response-route-status~ "
     "response-route-uri~ response-route-user-agent~ route~ route-host~ route-if~ "
     "route-if-not~ route-label~ route-qs~ route-referer~ route-remote-addr~ "
     "route-remote-user~ route-run~ route-uri~ route-user-agent~"},
    {Support::kRefused,
     "this server does not confine or change privileges in this way; let the service manager do "
     "it.",
     "binary-path= cap~ cgroup~ cgroup-dir-mode= cgroup-opt~ chroot= immediate-gid~ "
     "immediate-uid~ jail= jail-attach= jail-ip4~ jail-ip6~ jail2~ jailed jid-file= "
     "jidfile= libjail~ namespace= namespace-keep-mount~ namespace-net= ns= ns-net= pam= "
     "pam-user= pivot-root= pivot_root= privileged-binary-patch= "
     "privileged-binary-patch-arg= setns= setns-preopen setns-skip~ setns-socket= "
     "setns-socket-skip~ unprivileged-binary-patch= unprivileged-binary-patch-arg= "
     "unshare~ unshare2~"},
    {Support::kRefused, "TLS 1.2 and 1.3 are what is safe, and what there is.",
     "ssl-enable-sslv3 ssl-enable-tlsv1 ssl-enable3 ssl-option"},
    {Support::kRefused, "names are matched whole, or as *.example.com: use sni.", "sni-regexp~"},
    {Support::kRefused, "the uwsgi protocol has no TLS here.", "ssl-socket~ suwsgi-socket~"},
    {Support::kRefused, "this socket protocol is not built in; use socket, or http.",
     "abstract-socket fastcgi-nph-socket~ fastcgi-socket~ "
     "http-stud-prefix~ map-socket~ mongrel2~ multicast= "
     "multicast-loop# multicast-ttl# pty-connect= pty-exec= pty-input pty-log pty-no-isig "
     "pty-socket= pty-uconnect= puwsgi-socket~ raw-socket~ scgi-nph-socket~ scgi-socket~ "
     "shared-socket~ udp= undeferred-shared-socket~ zeromq~ zeromq-socket~ zmq~ "
     "zmq-socket~"},
    {Support::kRefused, "the emperor is not built in; run one service for each site.",
     "early-emperor emperor~ emperor-broodlord# emperor-cap~ emperor-curse-tolerance# "
     "emperor-extra-ext~ emperor-extra-extension~ emperor-freq# emperor-graceful-shutdown "
     "emperor-magic-exec emperor-max-throttle# emperor-no-blacklist emperor-nofollow "
     "emperor-on-demand-dir= emperor-on-demand-directory= emperor-on-demand-exec= "
     "emperor-on-demand-ext= emperor-on-demand-extension= emperor-pidfile= "
     "emperor-procname= emperor-proxy-socket= emperor-required-heartbeat# emperor-stats= "
     "emperor-stats-server= emperor-throttle# emperor-tyrant emperor-tyrant-nofollow "
     "emperor-use-clone~ emperor-wrapper= emperor-wrapper-fallback~ "
     "emperor-wrapper-override~ force-gateway imperial-monitor-list imperial-monitors-list "
     "start-unsubscribed subscribe~ subscribe-freq# subscribe-to~ "
     "subscribe-with-modifier1= subscribe2~ subscription-algo~ subscription-dotsplit "
     "subscription-notify-socket= subscription-tolerance# subscriptions-credentials-check~ "
     "subscriptions-sign-check~ subscriptions-sign-check-tolerance# "
     "subscriptions-sign-skip-uid~ subscriptions-use-credentials "
     "unsubscribe-on-graceful-reload vassal-cap~ vassal-set~ vassal-sos# "
     "vassal-sos-backlog# vassals-cap~ vassals-include~ vassals-include-before~ "
     "vassals-inherit~ vassals-inherit-before~ vassals-set~ vassals-start-hook= "
     "vassals-stop-hook="},
    {Support::kRefused, "this router is not built in; use the web server.",
     "fastrouter~ fastrouter-buffer-size# fastrouter-cheap fastrouter-events# "
     "fastrouter-fallback~ fastrouter-fallback-on-no-key fastrouter-gid~ "
     "fastrouter-gracetime# fastrouter-harakiri# fastrouter-post-buffering# "
     "fastrouter-post-buffering-dir= fastrouter-processes# fastrouter-quiet# "
     "fastrouter-resubscribe~ fastrouter-resubscribe-bind= fastrouter-ss= "
     "fastrouter-stats= fastrouter-stats-server= fastrouter-subscription-fallback-key~ "
     "fastrouter-subscription-server~ fastrouter-subscription-slot~ fastrouter-timeout# "
     "fastrouter-to~ fastrouter-uid~ fastrouter-use-base~ fastrouter-use-cache? "
     "fastrouter-use-code-string~ fastrouter-use-pattern~ fastrouter-use-socket? "
     "fastrouter-workers# fastrouter-zerg~ forkpty-router~ forkpty-router-cmd= "
     "forkpty-router-command= forkpty-urouter~ forkptyrouter~ forkptyrouter-cheap "
     "forkptyrouter-cmd= forkptyrouter-cols# forkptyrouter-command= forkptyrouter-events# "
     "forkptyrouter-fallback~ forkptyrouter-harakiri# forkptyrouter-processes# "
     "forkptyrouter-rows# forkptyrouter-ss= forkptyrouter-stats= "
     "forkptyrouter-stats-server= forkptyrouter-timeout# forkptyrouter-workers# "
     "forkptyrouter-zerg~ forkptyurouter~ http-fallback~ http-resubscribe~ "
     "http-subscription-fallback-key~ http-subscription-server~ http-to~ http-use-base~ "
     "http-use-cache? http-use-code-string~ http-use-pattern~ http-use-socket? http-zerg~ "
     "rawrouter~ rawrouter-buffer-size# rawrouter-cheap rawrouter-events# "
     "rawrouter-fallback~ rawrouter-gracetime# rawrouter-harakiri# rawrouter-max-retries# "
     "rawrouter-processes# rawrouter-quiet# rawrouter-ss= rawrouter-stats= "
     "rawrouter-stats-server= rawrouter-subscription-server~ rawrouter-subscription-slot~ "
     "rawrouter-timeout# rawrouter-to~ rawrouter-use-base~ rawrouter-use-cache? "
     "rawrouter-use-code-string~ rawrouter-use-pattern~ rawrouter-use-socket? "
     "rawrouter-workers# rawrouter-xclient rawrouter-zerg~ sslrouter~ "
     "sslrouter-buffer-size# sslrouter-cheap sslrouter-events# sslrouter-fallback~ "
     "sslrouter-gracetime# sslrouter-harakiri# sslrouter-max-retries# sslrouter-processes# "
     "sslrouter-quiet# sslrouter-session-context= sslrouter-sni sslrouter-ss= "
     "sslrouter-stats= sslrouter-stats-server= sslrouter-subscription-server~ "
     "sslrouter-timeout# sslrouter-to~ sslrouter-use-base~ sslrouter-use-cache? "
     "sslrouter-use-code-string~ sslrouter-use-pattern~ sslrouter-use-socket? "
     "sslrouter-workers# sslrouter-zerg~ sslrouter2~ tuntap-device~ tuntap-device-rule~ "
     "tuntap-router~ tuntap-router-firewall-in~ tuntap-router-firewall-out~ "
     "tuntap-router-route~ tuntap-router-stats= tuntap-use-credentials? zerg~ "
     "zerg-fallback zerg-pool~ zerg-server= zergpool~"},
    {Support::kRefused,
     "threads serve here, and event loops of this kind are not built in; use threads.",
     "async# asyncio~ coroae~ dumbloop-code= dumbloop-function= dumbloop-modifier1# fiber "
     "gevent~ gevent-early-monkey-patch gevent-monkey-patch gevent-wait-for-hub greenlet "
     "loop= rbthreads stackless tornado~ ugreen ugreen-stacksize#"},
    {Support::kRefused, "background work is not built in; run it as a service of its own.",
     "attach-control-daemon~ attach-daemon~ attach-daemon2~ cron~ cron-curl~ "
     "cron-curl-legion~ cron-harakiri# cron-legion~ cron2~ curl-cron~ curl-cron-legion~ "
     "farm~ legion~ legion-attach-daemon~ legion-cron~ legion-cron-curl~ legion-curl-cron~ "
     "legion-death~ legion-death-on-lord-error# legion-freq# legion-join~ legion-lord~ "
     "legion-mcast~ legion-node~ legion-node-joined~ legion-node-left~ legion-quorum~ "
     "legion-scroll~ legion-scroll-list-max-size# legion-scroll-max-size# legion-setup~ "
     "legion-skew-tolerance# legion-smart-attach-daemon~ legion-smart-attach-daemon2~ "
     "legion-tolerance# legion-unlord~ mule? mule-harakiri# mule-msg-size? "
     "mule-reload-mercy# mules~ rbtimer~ signal-rbtimer~ signal-timer~ "
     "smart-attach-daemon~ smart-attach-daemon2~ spooler~ spooler-chdir= spooler-external~ "
     "spooler-freq# spooler-frequency# spooler-harakiri# spooler-import~ "
     "spooler-max-tasks# spooler-ordered spooler-processes# spooler-py-import~ "
     "spooler-pyimport~ spooler-python-import~ spooler-quiet timer~ unique-cron~ "
     "unique-cron-legion~ unique-legion-cron~"},
    {Support::kRefused,
     "steps of this kind are not built in; put them into the service that starts the server.",
     "after-request-call~ after-request-hook~ call-as-emperor~ call-as-emperor1~ "
     "call-as-emperor2~ call-as-emperor4~ call-as-root~ call-as-user~ call-as-user-atexit~ "
     "call-as-vassal~ call-as-vassal1~ call-as-vassal3~ call-asap~ call-in-jail~ "
     "call-post-app~ call-post-jail~ call-pre-app~ call-pre-jail~ check-mount~ "
     "check-mountpoint~ dlopen~ early-envdir~ envdir~ exec-as-emperor~ exec-as-root~ "
     "exec-as-user~ exec-as-user-atexit~ exec-as-vassal~ exec-asap~ exec-in-jail~ "
     "exec-post-app~ exec-post-jail~ exec-pre-app~ exec-pre-jail~ file-write~ flock~ "
     "flock-wait~ flock-wait2= flock2= fs-brutal-reload~ fs-reload~ fs-signal~ "
     "hook-accepting~ hook-accepting-once~ hook-accepting1~ hook-accepting1-once~ "
     "hook-as-emperor~ hook-as-gateway~ hook-as-mule~ hook-as-root~ hook-as-user~ "
     "hook-as-user-atexit~ hook-as-vassal~ hook-asap~ hook-emperor-lost~ "
     "hook-emperor-reload~ hook-emperor-start~ hook-emperor-stop~ hook-in-jail~ "
     "hook-post-app~ hook-post-fork~ hook-post-jail~ hook-pre-app~ hook-pre-jail~ "
     "hook-touch~ mount-as-emperor~ mount-as-root~ mount-as-vassal~ mount-asap~ "
     "mount-check~ mount-in-jail~ mount-post-jail~ mount-pre-jail~ mountpoint-check~ "
     "symcall~ symcall-post-fork~ symcall-register-rpc~ symcall-use-next touch-exec= "
     "touch-signal= umount-as-emperor~ umount-as-root~ umount-as-vassal~ umount-asap~ "
     "umount-in-jail~ umount-post-jail~ umount-pre-jail~ wait-for-dir~ wait-for-file~ "
     "wait-for-fs~ wait-for-fs-timeout# wait-for-iface~ wait-for-iface-timeout# "
     "wait-for-interface~ wait-for-interface-timeout# wait-for-mountpoint~ "
     "wait-for-socket~ wait-for-socket-timeout# wait-iface~ wait-iface-timeout# "
     "wait-interface~ wait-interface-timeout# worker-exec= worker-exec2= worker-mount~"},
    {Support::kRefused,
     "this kind of application is not built in; name a WSGI callable with module or wsgi-file.",
     "eval= ini-paste~ ini-paste-logged~ paste= paste-logger pecan= pump= py~ pyrun~ "
     "pyshell? pyshell-oneshot? python~ python-raw= python-worker-override= st~ test= "
     "web3= wsgi-lite="},
    {Support::kRefused, "responses are written as HTTP only.", "cgi-mode"},
    {Support::kRefused, "no such language or gateway is built in; this server runs Python.",
     "cgi~ cgi-allowed-ext~ cgi-async-max-attempts cgi-buffer-size# cgi-close-stdin-on-eof "
     "cgi-do-not-kill-on-error cgi-from-docroot cgi-helper~ cgi-index~ cgi-loadlib~ "
     "cgi-map-helper~ cgi-optimize cgi-optimized cgi-path-info cgi-safe~ cgi-timeout# "
     "cgi-unset~ clojure-load~ gccgo-args= gccgo-load~ gemset= glusterfs-mount~ "
     "glusterfs-timeout# go-args= go-load~ goroutines~ jvm-class~ jvm-classpath~ "
     "jvm-main-class~ jvm-opt~ jwsgi= lua= lua-gc-freq lua-load~ lua-shell luashell "
     "mono-app~ mono-assembly= mono-config= mono-exec~ mono-gc-freq# mono-index~ mono-key~ "
     "mono-version= perl-arg~ perl-args= perl-auto-reload# perl-auto-reload-ignore~ "
     "perl-exec~ perl-exec-post-fork~ perl-local-lib= perl-no-die-catch perl-no-plack "
     "perl-version php-allowed-docroot~ php-allowed-ext~ php-allowed-script~ php-app= "
     "php-app-bypass~ php-app-qs= php-config~ php-config-append~ php-constant~ "
     "php-docroot= php-dump-config php-exec-after~ php-exec-before~ php-exec-begin~ "
     "php-exec-end~ php-fallback= php-fallback-qs= php-fallback2= php-index~ php-ini~ "
     "php-ini-append~ php-sapi-name= php-server-software= php-set~ php-var~ plshell? "
     "plshell-oneshot psgi= psgi-enable-psgix-io pypy-eval~ pypy-eval-post-fork~ "
     "pypy-exec~ pypy-exec-post-fork~ pypy-home= pypy-ini-paste~ pypy-lib= pypy-paste= "
     "pypy-pp~ pypy-python-path~ pypy-pythonpath~ pypy-setup= pypy-wsgi= pypy-wsgi-file= "
     "rack= rados-mount~ rados-timeout# rails= rb-gc-freq# rb-lib~ rb-require~ rb-thread "
     "rb-threads rbrequire~ rbshell? rbshell-oneshot rbthread require~ ring-app= "
     "ring-load~ ruby-gc-freq# ruby-lib~ ruby-require~ rubyrequire~ rvm= rvm-path~ "
     "shared-rb-require~ shared-rbrequire~ shared-require~ shared-ruby-require~ "
     "shared-rubyrequire~ webdav-add-collection-prop~ webdav-add-collection-prop-comp~ "
     "webdav-add-collection-prop-href~ webdav-add-object-prop~ "
     "webdav-add-object-prop-comp~ webdav-add-object-prop-href~ webdav-add-option~ "
     "webdav-add-prop~ webdav-add-prop-comp~ webdav-add-prop-href~ "
     "webdav-add-rtype-collection-prop~ webdav-add-rtype-object-prop~ "
     "webdav-add-rtype-prop~ webdav-class-directory= webdav-css~ webdav-div= "
     "webdav-javascript~ webdav-js~ webdav-lock-cache= webdav-mount~ "
     "webdav-principal-base= webdav-skip-prop~ xslt-content-type= xslt-docroot~ xslt-ext~ "
     "xslt-stylesheet~ xslt-var~"},
    {Support::kRefused, "this configuration format or source is not built in; use an ini file.",
     "blacklist= config~ config-py declare-option~ declare-option2~ end-blacklist "
     "end-whitelist fallback-config= if-hostname-match~ if-not-hostname-match~ "
     "if-not-reload if-reload inject-after~ inject-before~ js~ json~ ldap~ ldap-schema "
     "ldap-schema-ldif resolve~ sqlite~ sqlite3~ whitelist= xml~ xmlconfig~ yaml~ yml~"},
    {Support::kRefused, "is a command of uWSGI that this server does not have.",
     "alarm-list alarms-list binary-append-data~ build-plugin~ cflags cheaper-algo-list "
     "cheaper-algos-list cheaper-list clock-list clocks-list command-mode "
     "connect-and-read~ dot-h exit? extract~ get~ logger-list loggers-list loop-list "
     "loops-list nagios no-server pause~ ping= ping-timeout# plugin-list plugins-list "
     "print-sym~ print-symbol~ resume~ router-list routers-list signal~ "
     "suspend~"},
    {Support::kRefused, "files would be served, or not, by other rules than these.",
     "check-static-docroot"},
};

}  // namespace

std::span<const ForeignOptions> RefusedOptions() { return kOptions; }

}  // namespace uwsgi::config
