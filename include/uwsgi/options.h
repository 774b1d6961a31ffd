// SPDX-License-Identifier: MIT
//
// Every option's type and default. Names, aliases and help are in
// config/option_table*.cc, one row per option. Each part of the server gets the slice
// that it needs and never sees the rest.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace uwsgi {

// A number of bytes; accepts K, M and G in configuration.
struct ByteCount {
  std::uint64_t bytes = 0;
  friend bool operator==(const ByteCount&, const ByteCount&) = default;
};

// A size that configuration gives in mebibytes (reload-on-rss and its like).
struct MebiBytes {
  std::uint64_t count = 0;
  friend bool operator==(const MebiBytes&, const MebiBytes&) = default;
};

// An octal file mode.
struct FileMode {
  std::uint32_t bits = 0;
  friend bool operator==(const FileMode&, const FileMode&) = default;
};

// KEY=VALUE, split at the first '='.
struct KeyValue {
  std::string key;
  std::string value;
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

// One option as it was written, in order: what `uwsgi.opt` is made from, unknown keys included.
struct RawOption {
  std::string name;   // As spelled, without dashes; short flags under their long name.
  std::string value;  // After expansion.
  bool bare = false;  // Given on the command line without a value.
  std::string file;   // Empty for the command line and the environment.
  int line = 0;       // From 1, in `file`.
};

// One address with TLS, or one server name: what is written of it.
struct TlsIdentity {
  std::string name;         // The address, or the server name.
  std::string certificate;  // Of these three, the file.
  std::string key;
  std::string client_ca;     // Empty: clients need no certificate.
  bool client_must = false;  // They need one; otherwise they are asked.
  std::string ciphers;       // Up to TLS 1.2, as OpenSSL writes them; empty: good ones.
};

struct TlsOptions {
  std::vector<std::string> https;   // https, https-socket: ADDRESS,CERTIFICATE,KEY[,CIPHERS[,CA]]
  std::vector<std::string> https2;  // The same as key=value.
  std::vector<std::string> sni;     // NAME CERTIFICATE,KEY[,CIPHERS[,CA]]
  std::string sni_dir;
  std::string sni_dir_ciphers;
  int verify_depth = 100;  // Intermediate certificates between a client's and its authority.
  std::string session_context;
  bool export_certificate = false;
  // Made from the texts above.
  std::vector<TlsIdentity> endpoints;
  std::vector<TlsIdentity> names;
};

struct ListenOptions {
  std::vector<std::string> sockets;        // socket: the uwsgi protocol, or `protocol`
  std::vector<std::string> uwsgi_sockets;  // uwsgi-socket
  std::vector<std::string> http;           // http, http-socket, http11-socket
  std::vector<std::string> http_to_https;  // These answer with a redirection.
  TlsOptions tls;
  std::string protocol = "uwsgi";  // protocol = uwsgi | http
  int backlog = 0;                 // listen; 0: 4096, clamped to somaxconn
  std::optional<FileMode> chmod;   // chmod-socket
  std::string chown;               // chown-socket = user[:group]
  bool reuse_port = false;
  bool no_defer_accept = false;
  bool keep_alive = false;  // so-keepalive
};

// Who and where the processes are.
struct ProcessOptions {
  std::string uid;
  std::string gid;
  std::vector<std::string> additional_gids;
  bool no_initgroups = false;
  std::string chdir;
  std::string chdir2;  // After the applications are loaded.
  std::optional<FileMode> umask;
  std::vector<KeyValue> env;
  std::vector<std::string> unenv;
  std::uint64_t max_fd = 0;
  MebiBytes limit_as;
  std::string procname;  // Sets every process's title.
  std::string procname_master;
  std::string procname_prefix;
  std::string procname_prefix_spaced;
  std::string procname_append;
  bool auto_procname = false;
};

struct MasterOptions {
  bool master = true;
  int processes = 1;
  std::string daemonize;   // Log file (or udp:…, not supported) to detach with.
  std::string daemonize2;  // The same, after the applications are loaded.
  std::string pidfile;
  std::string pidfile2;
  std::string safe_pidfile;
  std::string safe_pidfile2;
  bool vacuum = true;
  bool need_app = true;
  bool lazy_apps = false;
  bool exit_on_reload = false;
  bool honour_stdin = false;  // Of one process: its standard input is the server's.
  bool die_on_term = true;    // False with no-die-on-term: SIGTERM reloads, as in uWSGI.
  bool gc_freeze = true;
  std::chrono::seconds worker_reload_mercy{60};
  std::chrono::seconds reload_mercy{0};
  std::chrono::seconds max_worker_lifetime{0};
  std::chrono::seconds min_worker_lifetime{10};
  std::chrono::seconds forkbomb_delay{2};
  std::vector<std::string> touch_reload;
  std::vector<std::string> touch_workers_reload;
  std::vector<std::string> touch_chain_reload;
};

// Compression of responses on HTTP sockets.
struct CompressionOptions {
  std::string codings;     // compress; empty: none.
  bool auto_gzip = false;  // http-auto-gzip: what the application marks with uWSGI-Encoding.
  ByteCount min_size{1024};
  // Media types; "text/" and "+json" stand for many.
  std::string types =
      "text/, application/json, application/javascript, application/xml, application/wasm, "
      "image/svg+xml, font/ttf, +json, +xml";
};

struct WorkerOptions {
  int threads = 1;
  ByteCount thread_stack_size{0};  // threads-stacksize, configured in KiB; 0: the system's.
  std::chrono::seconds harakiri{0};
  std::chrono::seconds harakiri_graceful_timeout{5};
  std::uint64_t max_requests = 0;
  std::uint64_t max_requests_delta = 0;
  std::chrono::seconds min_worker_lifetime{10};
  std::chrono::seconds worker_reload_mercy{60};
  MebiBytes reload_on_rss;
  MebiBytes reload_on_as;
  ByteCount buffer_size{65535};   // Limit of a vars block or HTTP head.
  std::uint64_t max_vars = 1024;  // Variables of one request.
  ByteCount limit_post{0};        // 0: no limit.
  // A body is kept in memory up to this before a thread is taken; what is more goes to a file, of
  // all bodies of a worker together up to body_spool, or streams.
  ByteCount body_buffer{1 << 20};
  ByteCount body_spool{1 << 30};
  ByteCount body_min_rate{500};  // Bytes a second; 0: none.
  // Of a response, what its client has not taken yet goes to a file up to this size.
  ByteCount response_buffer{64 << 20};
  ByteCount post_buffering{0};  // Larger bodies go to a file; 0 turns that off.
  std::string post_buffering_dir;
  std::chrono::seconds socket_timeout{60};  // Of body reads and response writes, per wait.
  std::chrono::seconds http_timeout{0};     // The same on HTTP sockets; 0: socket_timeout.
  std::chrono::seconds head_timeout{30};    // For the whole head, from accept.
  std::chrono::seconds http_keepalive{75};  // Idle time between requests; 0 turns keep-alive off.
  std::uint64_t response_headers_limit = 65536;
  std::vector<std::string> add_header;
  // Address ranges, as base/address_ranges.h reads them.
  std::vector<std::string> forwarded_allow_from;  // Empty: this machine.
  std::vector<std::string> uwsgi_allow_from;      // Empty: everybody.
  // Header names, as base/underscore_names.h reads them.
  std::vector<std::string> http_allow_underscore;
  bool enable_proxy_protocol = false;
  std::string proxy_protocol;  // accept or require; empty: as enable_proxy_protocol says.
  CompressionOptions compression;
};

// mount = /prefix=app
struct AppOptions {
  std::string module;     // module, wsgi, -w: pkg.mod[:callable]
  std::string wsgi_file;  // wsgi-file, file
  std::string serve;      // What a bare argument says: a module, a file or a directory.
  std::string callable = "application";
  std::vector<std::string> mounts;
  bool manage_script_name = false;
  bool ignore_script_name = false;
  bool no_default_app = false;
  std::vector<std::string> python_path;
  std::string home;            // home, virtualenv, venv, pyhome, -H
  std::string sys_executable;  // py-sys-executable
  std::string pyargv;
  std::vector<std::string> imports;
  std::vector<std::string> shared_imports;
  bool wsgi_strict = false;
  bool wsgi_disable_file_wrapper = false;
  bool catch_exceptions = false;
  bool no_site = false;
  int optimize = 0;
  bool vhost = false;
  bool skip_atexit = false;
  bool skip_atexit_teardown = false;
};

// One place that the whole log goes to.
struct LogTarget {
  std::string path;         // Empty: standard error, as the server finds it.
  ByteCount max_size;       // A larger file is renamed, and a new one begun; 0: never.
  std::string backup_name;  // Of the renamed file; empty: PATH.UNIXTIME.
  bool is_udp = false;      // The path is [udp:]HOST:PORT.
  friend bool operator==(const LogTarget&, const LogTarget&) = default;
};

struct LogOptions {
  std::string logto;
  std::string logto2;
  std::vector<std::string> loggers;  // logger = [NAME ]stdio | [NAME ]file:PATH
  ByteCount max_size;                // log-maxsize; 0: no limit.
  std::string backup_name;           // log-backupname
  // Made from the texts above and daemonize; empty: standard error, as daemonize leaves it.
  std::vector<LogTarget> targets;
  // One descriptor alone can not be this log: the master writes it for all processes.
  bool needs_master() const {
    if (targets.size() != 1) return targets.size() > 1;
    return targets.front().max_size.bytes > 0 || targets.front().is_udp;
  }
  bool disable_logging = false;
  bool log_4xx = false;
  bool log_5xx = false;
  bool log_zero = false;
  bool log_sendfile = false;
  bool log_ioerror = false;
  bool log_micros = false;
  bool log_x_forwarded_for = false;
  std::chrono::milliseconds log_slow{0};
  ByteCount log_big{0};
  std::string log_format;            // Empty: uWSGI's default line.
  bool log_format_strftime = false;  // The request log's format holds strftime sequences.
  std::string log_date;              // strftime; empty: no date.
  bool memory_report = false;
};

struct StaticOptions {
  std::vector<std::string> maps;   // static-map = /mount=dir
  std::vector<std::string> maps2;  // static-map2: looked up with its mount
  std::vector<std::string> check_dirs;
  std::vector<std::string> indexes;
  std::vector<std::string> safe_dirs;
  std::vector<std::string> skip_extensions;
  std::string follow_symlinks = "safe";  // none, safe, owner, all
  std::vector<std::string> mime_files;   // Empty: /etc/mime.types.
  std::vector<std::string> mime_types;   // add-mime = TYPE=EXTENSION...
  // EXPRESSION SECONDS, or TYPE=SECONDS for types.
  std::vector<std::string> expires;
  std::vector<std::string> expires_mtime;
  std::vector<std::string> expires_type;
  std::vector<std::string> expires_type_mtime;
  std::vector<std::string> expires_uri;
  std::vector<std::string> expires_uri_mtime;
  std::vector<std::string> expires_path_info;
  std::vector<std::string> expires_path_info_mtime;
  // What applications may answer with: empty, x-sendfile or x-accel-redirect.
  std::string file_serve_mode;
  std::vector<std::string> internal_maps;  // static-internal = /prefix=dir
  bool gzip_all = false;
  std::vector<std::string> gzip;  // Expressions.
  std::vector<std::string> gzip_dirs;
  std::vector<std::string> gzip_suffixes;
};

// What the command line asks for instead of serving.
struct CommandOptions {
  std::string stop;
  std::string reload;
  bool wait = false;  // With stop and reload: return when it is done.
  bool version = false;
  bool python_version = false;
  bool help = false;
  std::string help_group;
  std::string explain;
  std::string dump_options;  // md
  bool show_config = false;
  bool check_config = false;
};

struct Options {
  CommandOptions command;
  ListenOptions listen;
  ProcessOptions process;
  MasterOptions master;
  WorkerOptions worker;
  AppOptions app;
  LogOptions log;
  StaticOptions static_files;
  bool strict = false;
  std::vector<std::string> print;  // print, iprint: lines for the log.
};

}  // namespace uwsgi
