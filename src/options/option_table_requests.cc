// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "options/option_table.h"

namespace uwsgi::config {
namespace {

template <auto... Path>
consteval Field Worker() {
  return To<&Options::worker, Path...>();
}

constexpr OptionSpec kRows[] = {
    {Group::kRequests, "harakiri", "", 't', "SECONDS", Worker<&WorkerOptions::harakiri>(),
     "Answers 504 and replaces the worker when a request runs longer; 0 turns it off.", kEveryday},
    {Group::kRequests, "harakiri-graceful-timeout", "", 0, "SECONDS",
     Worker<&WorkerOptions::harakiri_graceful_timeout>(),
     "How long the other requests of that worker may still take."},
    {Group::kRequests, "buffer-size", "", 'b', "BYTES", Worker<&WorkerOptions::buffer_size>(),
     "Limit of a request's variables or HTTP head; a larger one is answered 431.", kEveryday},
    {Group::kRequests, "max-vars", "", 'v', "N", Worker<&WorkerOptions::max_vars>(),
     "Limit of the number of a request's variables."},
    {Group::kRequests, "limit-post", "", 0, "BYTES", Worker<&WorkerOptions::limit_post>(),
     "Limit of a request's body, a larger one is answered 413; 0 is none.", kEveryday},
    {Group::kRequests, "body-buffer", "", 0, "BYTES", Worker<&WorkerOptions::body_buffer>(),
     "How much of a body is kept in memory until a thread is taken; more goes to a file."},
    {Group::kRequests, "body-spool", "", 0, "BYTES", Worker<&WorkerOptions::body_spool>(),
     "Room on the disk for bodies of a worker's slow clients, further ones get 503; 0 is off."},
    {Group::kRequests, "body-min-rate", "", 0, "BYTES", Worker<&WorkerOptions::body_min_rate>(),
     "Answers 408 to a body that comes slower than this a second, on average; 0 is off."},
    {Group::kRequests, "response-buffer", "", 0, "BYTES", Worker<&WorkerOptions::response_buffer>(),
     "A slow client's response goes to a file up to this size, so that no thread waits; 0 is off."},
    {Group::kRequests, "post-buffering", "", 0, "BYTES", Worker<&WorkerOptions::post_buffering>(),
     "Reads bodies whole before the application runs, larger ones into a file; 0 is off.",
     kEveryday},
    {Group::kRequests, "post-buffering-dir", "", 0, "DIRECTORY",
     Worker<&WorkerOptions::post_buffering_dir>(), "Where these files are; the default is TMPDIR."},
    {Group::kRequests, "socket-timeout", "", 'z', "SECONDS",
     Worker<&WorkerOptions::socket_timeout>(),
     "How long to wait for a client to send more of a body, or to take more of a response.",
     kEveryday},
    {Group::kRequests, "http-timeout", "", 0, "SECONDS", Worker<&WorkerOptions::http_timeout>(),
     "The same as socket-timeout, of HTTP sockets; 0 takes what socket-timeout says."},
    {Group::kRequests, "http-headers-timeout", "head-timeout", 0, "SECONDS",
     Worker<&WorkerOptions::head_timeout>(),
     "How long a client may take to send a request's head."},
    {Group::kRequests, "http-keepalive", "", 0, "SECONDS", Worker<&WorkerOptions::http_keepalive>(),
     "How long an HTTP connection may be idle between requests; 0 closes after each.", kEveryday,
     "75"},
    {Group::kRequests, "response-headers-limit", "", 0, "BYTES",
     Worker<&WorkerOptions::response_headers_limit>(),
     "Limit of the header text of an application's response."},
    {Group::kRequests, "add-header", "", 0, "NAME: VALUE", Worker<&WorkerOptions::add_header>(),
     "Adds a header to every response.", kEveryday | kFreeText},
    {Group::kRequests, "compress", "", 0, "CODING,…",
     Worker<&WorkerOptions::compression, &CompressionOptions::codings>(),
     "Compresses responses of HTTP sockets: br, zstd, gzip, the first that a client likes best.",
     kEveryday, "br,zstd,gzip"},
    {Group::kRequests, "compress-min-size", "", 0, "BYTES",
     Worker<&WorkerOptions::compression, &CompressionOptions::min_size>(),
     "Shorter bodies are not compressed, where the length is known."},
    {Group::kRequests, "compress-types", "", 0, "TYPE,…",
     Worker<&WorkerOptions::compression, &CompressionOptions::types>(),
     "Media types that are compressed; text/ and +json stand for many."},
    {Group::kRequests, "http-auto-gzip", "", 0, "",
     Worker<&WorkerOptions::compression, &CompressionOptions::auto_gzip>(),
     "Compresses what the application marks by uWSGI-Encoding: gzip and gives no length."},
    {Group::kRequests, "forwarded-allow-from", "", 0, "NETWORK,…",
     Worker<&WorkerOptions::forwarded_allow_from>(),
     "Proxies whose X-Forwarded-* and PROXY headers count; unix and loopback by default.",
     kEveryday},
    {Group::kRequests, "http-allow-underscore", "", 0, "NAME,…",
     Worker<&WorkerOptions::http_allow_underscore>(),
     "Headers with _ in their name that reach the application, if forwarded-allow-from sends "
     "them."},
    {Group::kRequests, "uwsgi-allow-from", "", 0, "NETWORK,…",
     Worker<&WorkerOptions::uwsgi_allow_from>(),
     "Who may connect to uwsgi sockets on TCP; everybody by default."},
    {Group::kRequests, "enable-proxy-protocol", "http-enable-proxy-protocol", 0, "",
     Worker<&WorkerOptions::enable_proxy_protocol>(),
     "Takes a PROXY header, version 1 or 2, that forwarded-allow-from sends to an HTTP socket."},
    {Group::kRequests, "proxy-protocol", "", 0, "accept|require",
     Worker<&WorkerOptions::proxy_protocol>(),
     "With require, connections to HTTP sockets without a PROXY header are closed."},
};

}  // namespace

std::span<const OptionSpec> RequestRows() { return kRows; }

}  // namespace uwsgi::config
