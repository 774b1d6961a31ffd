// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "exchange/options.h"

#include "options/option_spec.h"
#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

Remark CheckPatience(std::string_view value) {
  return IsZero(value) ? Wrong("0 leaves a client no time at all") : Remark{};
}

Remark CheckSome(std::string_view value) {
  return IsZero(value) ? Wrong("with 0 no request could be served") : Remark{};
}

constexpr OptionSpec kRequestRows[] = {
    {Group::kRequests, "buffer-size", "", 'b', "BYTES",
     To<&RequestOptions::buffer_size, CheckSome>(),
     "Limit of a request's variables or HTTP head; a larger one is answered 431.", kEveryday},
    {Group::kRequests, "max-vars", "", 'v', "N", To<&RequestOptions::max_vars, CheckSome>(),
     "Limit of the number of a request's variables."},
    {Group::kRequests, "limit-post", "", 0, "BYTES", To<&RequestOptions::limit_post>(),
     "Limit of a request's body, a larger one is answered 413; 0 is none.", kEveryday},
    {Group::kRequests, "body-buffer", "", 0, "BYTES", To<&RequestOptions::body_buffer>(),
     "How much of a body is kept in memory until a thread is taken; more goes to a file."},
    {Group::kRequests, "body-spool", "", 0, "BYTES", To<&RequestOptions::body_spool>(),
     "Room on the disk for bodies of a worker's slow clients, further ones get 503; 0 is off."},
    {Group::kRequests, "body-min-rate", "", 0, "BYTES", To<&RequestOptions::body_min_rate>(),
     "Answers 408 to a body that comes slower than this a second, on average; 0 is off."},
    {Group::kRequests, "response-buffer", "", 0, "BYTES", To<&RequestOptions::response_buffer>(),
     "A slow client's response goes to a file up to this size, so that no thread waits; 0 is off."},
    {Group::kRequests, "post-buffering", "", 0, "BYTES", To<&RequestOptions::post_buffering>(),
     "Reads bodies whole before the application runs, larger ones into a file; 0 is off.",
     kEveryday},
    {Group::kRequests, "post-buffering-dir", "", 0, "DIRECTORY",
     To<&RequestOptions::post_buffering_dir>(), "Where these files are; the default is TMPDIR."},
    {Group::kRequests, "socket-timeout", "", 'z', "SECONDS",
     To<&RequestOptions::socket_timeout, CheckPatience>(),
     "How long to wait for a client to send more of a body, or to take more of a response.",
     kEveryday},
    {Group::kRequests, "http-timeout", "", 0, "SECONDS", To<&RequestOptions::http_timeout>(),
     "The same as socket-timeout, of HTTP sockets; 0 takes what socket-timeout says."},
    {Group::kRequests, "http-headers-timeout", "head-timeout", 0, "SECONDS",
     To<&RequestOptions::head_timeout>(), "How long a client may take to send a request's head."},
    {Group::kRequests, "http-keepalive", "", 0, "SECONDS", To<&RequestOptions::http_keepalive>(),
     "How long an HTTP connection may be idle between requests; 0 closes after each.", kEveryday,
     "75"},
};

constexpr OptionSpec kHeaderRows[] = {
    {Group::kRequests, "add-header", "", 0, "NAME: VALUE",
     Parsed<&RequestOptions::add_header, protocol::AddedField::Parse>(),
     "Adds a header to every response.", kEveryday | kFreeText},
};

}  // namespace

OptionRows RequestRows() { return kRequestRows; }
OptionRows HeaderRows() { return kHeaderRows; }

}  // namespace uwsgi::config
