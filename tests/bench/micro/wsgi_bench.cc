// SPDX-License-Identifier: MIT
//
// What the gateway itself costs: one call of Handle with a fake exchange, as nginx
// and a browser would have filled it.

#include "python/python_session.h"
#include "stopwatch.h"
#include "wsgi/fake_exchange.h"
#include "wsgi/wsgi_gateway.h"

namespace uwsgi::wsgi {
namespace {

// Takes everything and keeps nothing.
class SilentWriter final : public ResponseWriter {
 public:
  void SetHead(const ResponseHead& head) override { bench::Keep(head); }
  WriteStatus Write(std::span<const std::string_view> pieces, bool) override {
    for (const std::string_view piece : pieces) bytes_ += piece.size();
    return WriteStatus::kOk;
  }
  WriteStatus WriteFile(int, std::uint64_t, std::uint64_t) override { return WriteStatus::kOk; }
  bool head_sent() const override { return false; }
  std::uint64_t body_bytes() const override { return bytes_; }
  void Abort() override {}

 private:
  std::uint64_t bytes_ = 0;
};

class SilentExchange final : public FakeExchange {
 public:
  SilentExchange() {
    const Var browser[] = {
        {"CONTENT_TYPE", ""},
        {"CONTENT_LENGTH", ""},
        {"REQUEST_URI", "/"},
        {"DOCUMENT_ROOT", "/usr/share/nginx/html"},
        {"REQUEST_SCHEME", "http"},
        {"REMOTE_ADDR", "127.0.0.1"},
        {"REMOTE_PORT", "40000"},
        {"HTTP_HOST", "www.example.org"},
        {"HTTP_USER_AGENT",
         "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"},
        {"HTTP_ACCEPT", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
        {"HTTP_ACCEPT_LANGUAGE", "en-US,en;q=0.5"},
        {"HTTP_ACCEPT_ENCODING", "gzip, deflate, br"},
        {"HTTP_CONNECTION", "keep-alive"},
        {"HTTP_COOKIE", "sessionid=0123456789abcdef0123456789abcdef"}};
    for (const Var& var : browser) Set(var.key, var.value);
  }
  ResponseWriter& response() override { return silent_; }

 private:
  SilentWriter silent_;
};

void MeasureApp(const char* name, const char* source) {
  GatewayOptions options;
  WsgiGateway gateway(options);
  if (!gateway.Init()) return;
  const python::Handle names = python::RunPython(source);
  gateway.apps().Add("", python::Handle::Share(PyDict_GetItemString(names.get(), "application")));
  SilentExchange exchange;
  const std::string_view ports[] = {"40001", "40002"};
  const std::string_view paths[] = {"/a", "/b"};
  std::size_t i = 0;
  bench::Measure(name, [&] {
    // What changes from one request of a site to the next.
    exchange.Set("REMOTE_PORT", ports[i % 2]);
    exchange.Set("PATH_INFO", paths[i++ % 2]);
    gateway.Handle(exchange);
  });
}

}  // namespace
}  // namespace uwsgi::wsgi

int main() {
  uwsgi::python::Session();
  uwsgi::wsgi::MeasureApp("hello, one header", R"(
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'Hello'])");
  uwsgi::wsgi::MeasureApp("generator, Django's six headers", R"(
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/html; charset=utf-8'),
        ('X-Frame-Options', 'DENY'), ('Content-Length', '5'),
        ('X-Content-Type-Options', 'nosniff'), ('Referrer-Policy', 'same-origin'),
        ('Cross-Origin-Opener-Policy', 'same-origin')])
    yield b'Hello')");
}
