// SPDX-License-Identifier: MIT

#include "wsgi/response.h"

#include <string>

#include "base/app_fork.h"
#include "python/handle.h"
#include "wsgi/header_error.h"

namespace uwsgi::wsgi {
namespace {

using protocol::HeadError;

// The latin-1 bytes of a str, which are its own storage. False for anything else, with
// Python's error set.
bool Latin1Text(PyObject* object, const char* not_str, const char* not_latin1,
                std::string_view& text) {
  if (PyUnicode_Check(object) == 0) {
    RaiseHeaderTypeError(not_str);
    return false;
  }
#if PY_VERSION_HEX < 0x030C0000
  if (PyUnicode_READY(object) != 0) return false;
#endif
  if (PyUnicode_KIND(object) != PyUnicode_1BYTE_KIND) {
    RaiseHeaderTypeError(not_latin1);
    return false;
  }
  text = {reinterpret_cast<const char*>(PyUnicode_1BYTE_DATA(object)),
          static_cast<std::size_t>(PyUnicode_GET_LENGTH(object))};
  return true;
}

void RaiseHeadError(HeadError error, PyObject* culprit) {
  PyErr_Format(PyExc_ValueError, "%s: %R", std::string(protocol::HeadErrorText(error)).c_str(),
               culprit);
}

// Raises again what the application caught: its exc_info is (type, value, traceback).
void RaiseExcInfo(PyObject* exc_info) {
  PyObject* type = PyTuple_GET_ITEM(exc_info, 0);
  PyObject* value = PyTuple_GET_ITEM(exc_info, 1);
  PyObject* traceback = PyTuple_GET_ITEM(exc_info, 2);
  if (traceback == Py_None) traceback = nullptr;
  // CPython trusts what it is told to raise.
  if (PyExceptionClass_Check(type) == 0 || PyExceptionInstance_Check(value) == 0 ||
      (traceback != nullptr && PyTraceBack_Check(traceback) == 0)) {
    RaiseHeaderTypeError("the response has begun, and exc_info holds no exception to raise");
    return;
  }
  Py_INCREF(type);
  Py_INCREF(value);
  Py_XINCREF(traceback);
  PyErr_Restore(type, value, traceback);
}

bool RaiseEnded() {
  PyErr_SetString(PyExc_RuntimeError, "the request has ended");
  return false;
}

}  // namespace

void Response::Begin(Exchange& exchange) {
  exchange_ = &exchange;
  head_.Clear();
  thread_ = ::pthread_self();
  started_ = false;
  head_set_ = false;
  over_ = false;
}

bool Response::Start(PyObject* status, PyObject* headers, PyObject* exc_info) {
  if (exchange_ == nullptr) return RaiseEnded();
  if (exc_info != nullptr && exc_info != Py_None) {
    if (PyTuple_Check(exc_info) == 0 || PyTuple_GET_SIZE(exc_info) != 3) {
      RaiseHeaderTypeError("exc_info must be a tuple as sys.exc_info() returns it");
      return false;
    }
    if (exchange_->response().head_sent()) {
      RaiseExcInfo(exc_info);
      return false;
    }
  } else if (started_) {
    PyErr_SetString(PyExc_AssertionError, "start_response() was called twice without exc_info");
    return false;
  }
  head_.Clear();
  started_ = SetStatus(status) && AddHeaders(headers);
  if (!started_) head_.Clear();
  return started_;
}

bool Response::SetStatus(PyObject* status) {
  std::string_view text;
  if (!Latin1Text(status, "http status must be a string",
                  "http status string must be encodable in latin1", text)) {
    return false;
  }
  const HeadError error = head_.SetStatus(text);
  if (error == HeadError::kNone) return true;
  RaiseHeadError(error, status);
  return false;
}

bool Response::AddHeaders(PyObject* headers) {
  if (PyList_Check(headers) == 0) {
    RaiseHeaderTypeError("http headers must be in a python list");
    return false;
  }
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(headers); ++i) {
    // Owned: another thread may change the list on a free-threaded build.
    const auto item = python::Handle::Share(PyList_GET_ITEM(headers, i));
    if (PyTuple_Check(item.get()) == 0) {
      RaiseHeaderTypeError("http header must be defined in a tuple");
      return false;
    }
    if (PyTuple_GET_SIZE(item.get()) != 2) {
      RaiseHeaderTypeError("http header must be a 2-item tuple");
      return false;
    }
    std::string_view name;
    std::string_view value;
    constexpr const char* kNotLatin1 = "http header must be encodable in latin1";
    if (!Latin1Text(PyTuple_GET_ITEM(item.get(), 0), "http header key must be a string", kNotLatin1,
                    name) ||
        !Latin1Text(PyTuple_GET_ITEM(item.get(), 1), "http header value must be a string",
                    kNotLatin1, value)) {
      return false;
    }
    const HeadError error = head_.Add(name, value);
    if (error != HeadError::kNone) {
      RaiseHeadError(error, item.get());
      return false;
    }
  }
  return true;
}

bool Response::WriteFromApp(PyObject* data) {
  if (exchange_ == nullptr) return RaiseEnded();
  if (IsAppFork()) {
    PyErr_SetString(PyExc_RuntimeError, "write() belongs to the process that got the request");
    return false;
  }
  if (::pthread_equal(thread_, ::pthread_self()) == 0) {
    PyErr_SetString(PyExc_RuntimeError, "write() belongs to the thread that runs the application");
    return false;
  }
  if (PyBytes_Check(data) == 0) {
    PyErr_Format(PyExc_TypeError, "write() takes bytes, not %.100s", Py_TYPE(data)->tp_name);
    return false;
  }
  const std::string_view piece = python::BytesView(data);
  if (piece.empty() || over_) return true;
  return Send({&piece, 1}, Completes(piece.size()));
}

bool Response::Ready() {
  // It has become a websocket.
  const bool is_answered = !started_ && exchange_->response().head_sent();
  if (!started_ && !is_answered) {
    PyErr_SetString(PyExc_AssertionError,
                    "the application sent a body before it called start_response()");
    return false;
  }
  if (!head_set_ && !is_answered) {
    exchange_->response().SetHead(head_.head());
    head_set_ = true;
  }
  return true;
}

bool Response::Send(std::span<const std::string_view> pieces, bool last) {
  if (!Ready()) return false;
  over_ = exchange_->response().Write(pieces, last) != WriteStatus::kOk || last;
  return true;
}

bool Response::SendFile(int fd, std::uint64_t offset, std::uint64_t count) {
  if (!Ready()) return false;
  over_ = exchange_->response().WriteFile(fd, offset, count) != WriteStatus::kOk;
  return true;
}

bool Response::Completes(std::size_t size) const {
  if (!started_) return false;
  const auto promised = head_.head().content_length;
  return promised.has_value() && exchange_->response().body_bytes() + size >= *promised;
}

bool Response::wants_body() const {
  const int code = head_.head().code;
  return !exchange_->request().is_head() && code != 204 && code != 205 && code != 304;
}

}  // namespace uwsgi::wsgi
