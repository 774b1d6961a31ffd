// SPDX-License-Identifier: MIT

#include "wsgi/wsgi_gateway.h"

#include <exception>

#include "base/check.h"
#include "base/log.h"
#include "os/system_info.h"
#include "protocol/request_text.h"
#include "python/current_request.h"
#include "python/error_text.h"
#include "python/forked_child.h"
#include "python/interpreter.h"
#include "python/thread_state.h"
#include "uwsgi/version.h"
#include "wsgi/request_state.h"

namespace uwsgi::wsgi {
namespace {

using PyHandle = python::Handle;

PyHandle Interned(const char* text) { return PyHandle::Steal(PyUnicode_InternFromString(text)); }

bool Set(const PyHandle& dict, const char* key, const PyHandle& value) {
  const PyHandle name = Interned(key);
  return name && value && PyDict_SetItem(dict.get(), name.get(), value.get()) == 0;
}

PyHandle Bool(bool value) { return PyHandle::Steal(PyBool_FromLong(value ? 1 : 0)); }

// The stream that every request gets as wsgi.errors: whole lines to the log.
PyHandle ErrorStream() {
  const PyHandle io = PyHandle::Steal(PyImport_ImportModule("io"));
  if (!io) return {};
  // Not buffered below the text: see line_stream in python/runtime_support.py.
  const PyHandle raw =
      PyHandle::Steal(PyObject_CallMethod(io.get(), "FileIO", "isO", 2, "w", Py_False));
  if (!raw) return {};
  PyHandle stream =
      PyHandle::Steal(PyObject_CallMethod(io.get(), "TextIOWrapper", "OssOO", raw.get(), "utf-8",
                                          "backslashreplace", Py_None, Py_True));
  const PyHandle mode = Interned("w");  // As open() sets it.
  if (!stream || !mode || PyObject_SetAttrString(stream.get(), "mode", mode.get()) != 0) return {};
  return stream;
}

// The server's keys of environ, as they are in every request. wsgi.input is a placeholder: a dict
// that has the key already is copied and then changed, never resized.
PyHandle BaseEnviron(const AppOptions& options, int threads, int processes,
                     const GatewayTypes& types) {
  PyHandle base = PyHandle::Steal(PyDict_New());
  const bool good =
      base && Set(base, "wsgi.version", PyHandle::Steal(Py_BuildValue("(ii)", 1, 0))) &&
      Set(base, "wsgi.errors", ErrorStream()) && Set(base, "wsgi.multithread", Bool(threads > 1)) &&
      Set(base, "wsgi.multiprocess", Bool(processes != 1)) &&
      Set(base, "wsgi.run_once", Bool(false)) &&
      Set(base, "wsgi.input", PyHandle::Share(Py_None)) &&
      Set(base, "uwsgi.node", python::Bytes(os::Hostname())) &&
      Set(base, "uwsgi.version", python::Bytes(kVersion)) &&
      (options.wsgi_disable_file_wrapper ||
       Set(base, "wsgi.file_wrapper", PyHandle::Share(types.file_wrapper.get())));
  return good ? std::move(base) : PyHandle();
}

// What the request's line in an error message says. Control bytes of the client stay out.
std::string Describe(const Request& request) {
  std::string text = fmt::format("request {} [", request.id);
  for (const std::string_view part : {request.method, std::string_view(" "), request.uri}) {
    protocol::AppendLogText(part, text);
  }
  return text + "]";
}

// Sends the traceback to the client (catch-exceptions): for development.
void SendTraceback(Response& response, const std::string& traceback) {
  protocol::ResponseHeadBuilder& head = response.head();
  head.Clear();
  head.SetStatus("500 Internal Server Error");
  head.Add("Content-Type", "text/plain; charset=utf-8");
  ResponseWriter& writer = response.exchange()->response();
  writer.SetHead(head.head());
  const std::string_view pieces[] = {"uWSGI exceptions catcher\n\n", traceback, "\n"};
  static_cast<void>(writer.Write(pieces, true));
}

// Ends the response after the application, or we, failed with Python's error set.
void Fail(RequestState& state, Exchange& exchange, bool catch_exceptions) {
  const std::string traceback = python::TakeErrorText();
  const Request& request = exchange.request();
  python::LogTraceback("exception in the application, " + Describe(request), traceback, request.id);
  exchange.CountException();
  if (catch_exceptions && !exchange.response().head_sent() &&
      state.response.exchange() != nullptr) {
    SendTraceback(state.response, traceback);
  } else if (!state.response.is_over()) {
    exchange.response().Abort();
  }
}

// The iterable's close(), if it has one.
void CloseResult(PyObject* result, PyObject* close_name, const Request& request) {
  if (PyList_CheckExact(result) != 0 || PyTuple_CheckExact(result) != 0 ||
      PyBytes_CheckExact(result) != 0) {
    return;
  }
  const PyHandle close = python::OptionalAttr(result, close_name);
  const bool closed = close && PyHandle::Steal(PyObject_CallObject(close.get(), nullptr));
  python::EndIfForked();
  if (closed) return;
  if (PyErr_Occurred() != nullptr) {
    python::LogTraceback("close() of the response failed, " + Describe(request),
                         python::TakeErrorText(), request.id);
  }
}

}  // namespace

WsgiGateway::WsgiGateway(const AppOptions& options, int thread_count, int process_count)
    : options_(options),
      thread_count_(thread_count),
      process_count_(process_count),
      apps_(options) {}

WsgiGateway::~WsgiGateway() = default;

bool WsgiGateway::Init() {
  types_ = std::make_unique<GatewayTypes>();
  types_->start_response = MakeStartResponseType();
  types_->write = MakeWriteType();
  types_->input = MakeInputType();
  types_->file_wrapper = MakeFileWrapperType();
  types_->input_key = Interned("wsgi.input");
  types_->terminated_key = Interned("wsgi.input_terminated");
  types_->script_name_key = Interned("SCRIPT_NAME");
  types_->path_info_key = Interned("PATH_INFO");
  types_->close_name = Interned("close");
  if (PyErr_Occurred() != nullptr || !types_->keys.ok()) return false;

  const PyHandle base = BaseEnviron(options_, thread_count_, process_count_, *types_);
  if (!base) return false;
  for (int core = 0; core < thread_count_; ++core) {
    PyHandle own = PyHandle::Steal(PyDict_Copy(base.get()));
    if (!own) return false;
    if (thread_count_ > 1 && !Set(own, "uwsgi.core", PyHandle::Steal(PyLong_FromLong(core)))) {
      return false;
    }
    states_.push_back(std::make_unique<RequestState>(
        *types_, std::move(own), options_.response_headers_limit, options_.wsgi_strict));
  }
  return true;
}

void WsgiGateway::AttachThread(int core, std::string_view name) {
  python::AttachThread(name);
  const std::lock_guard<std::mutex> lock(threads_mutex_);
  threads_.push_back({PyThread_get_thread_ident(), core, std::string(name)});
}

void WsgiGateway::DetachThread() {
  {
    const std::lock_guard<std::mutex> lock(threads_mutex_);
    std::erase_if(threads_, [own = PyThread_get_thread_ident()](const auto& thread) {
      return thread.ident == own;
    });
  }
  python::DetachThread();
}

void WsgiGateway::Acquire() { python::AcquireGil(); }
void WsgiGateway::Release() { python::ReleaseGilHere(); }
bool WsgiGateway::is_parallel() const { return is_parallel_; }

std::string WsgiGateway::DescribeStacks(int core) noexcept {
  const std::string dump = python::DumpStacks();
  const std::lock_guard<std::mutex> lock(threads_mutex_);
  return python::NameStacks(dump, threads_, core);
}

void WsgiGateway::Handle(Exchange& exchange) noexcept {
  const python::CurrentRequestScope scope(exchange);
  const auto core = static_cast<std::size_t>(exchange.request().core);
  UWSGI_CHECK(core < states_.size());
  RequestState& state = *states_[core];
  try {
    const AppChoice choice = apps_.Choose(exchange.request());
    if (choice.app == nullptr) {
      LogError("--- no python application found, check your startup logs for errors ---");
      exchange.SetAppId(-1);
      exchange.response().Abort();
      return;
    }
    exchange.SetAppId(choice.app->id);
    if (!state.Begin(exchange) || !Run(choice, state, exchange)) {
      Fail(state, exchange, options_.catch_exceptions);
    }
  } catch (const std::exception& error) {
    LogError("{} failed in the server: {}", Describe(exchange.request()), error.what());
    exchange.response().Abort();
  }
  state.End();
  python::EndIfForked();  // What has been destroyed since may have forked, too.
}

bool WsgiGateway::Run(const AppChoice& choice, RequestState& state, Exchange& exchange) {
  const PyHandle environ = MakeEnviron(choice, state, exchange.request());
  if (!environ) return false;
  const python::CurrentEnvironScope shown(environ.get());
  PyObject* arguments[] = {environ.get(), state.callables.start_response()};
  const PyHandle result =
      PyHandle::Steal(python::Vectorcall(choice.app->callable.get(), arguments, 2));
  python::EndIfForked();
  if (!result) return false;
  if (!state.sender.Send(result.get(), state.response)) {
    Fail(state, exchange, options_.catch_exceptions);
  }
  CloseResult(result.get(), types_->close_name.get(), exchange.request());
  if (!after_request_hook_) return true;
  const bool hooked =
      PyHandle::Steal(PyObject_CallObject(after_request_hook_.get(), nullptr)).get();
  python::EndIfForked();
  if (!hooked) python::LogPythonError("uwsgi.after_req_hook failed");
  return true;
}

PyHandle WsgiGateway::MakeEnviron(const AppChoice& choice, RequestState& state,
                                  const Request& request) const {
  PyHandle environ = state.environ.Build(request);
  if (!environ) return {};
  bool good = PyDict_SetItem(environ.get(), types_->input_key.get(), state.input.get()) == 0;
  if (choice.rewritten) {
    const PyHandle script_name = python::Latin1(choice.script_name);
    const PyHandle path_info = python::Latin1(choice.path_info);
    good = good && script_name && path_info &&
           PyDict_SetItem(environ.get(), types_->script_name_key.get(), script_name.get()) == 0 &&
           PyDict_SetItem(environ.get(), types_->path_info_key.get(), path_info.get()) == 0;
  }
  if (!request.content_length.has_value()) {
    good = good && PyDict_SetItem(environ.get(), types_->terminated_key.get(), Py_True) == 0;
  }
  return good ? std::move(environ) : PyHandle();
}

}  // namespace uwsgi::wsgi
