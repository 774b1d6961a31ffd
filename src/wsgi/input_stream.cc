// SPDX-License-Identifier: MIT

#include "wsgi/input_stream.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/app_fork.h"
#include "wsgi/python_type.h"

namespace uwsgi::wsgi {
namespace {

using python::Handle;

constexpr std::size_t kReadAhead = 8192;
// What is allocated before a single byte has come, whatever Content-Length promises.
constexpr std::size_t kFirstAllocation = std::size_t{1} << 20;
constexpr std::size_t kNoLimit = std::numeric_limits<Py_ssize_t>::max();

std::size_t LimitOf(Py_ssize_t size) {
  return size < 0 ? kNoLimit : static_cast<std::size_t>(size);
}

void RaiseReadError(ReadStatus status, const char* what, long long requested) {
  switch (status) {
    case ReadStatus::kTimeout:
      PyErr_Format(PyExc_OSError, "timeout during %s(%lld) on wsgi.input", what, requested);
      return;
    case ReadStatus::kTooLarge:
      PyErr_SetString(PyExc_OSError, "the request body is larger than limit-post allows");
      return;
    case ReadStatus::kMalformed:
      PyErr_SetString(PyExc_OSError, "the chunked coding of the request body is broken");
      return;
    case ReadStatus::kTruncated:
    case ReadStatus::kOk:
      PyErr_Format(PyExc_OSError, "error during %s(%lld) on wsgi.input", what, requested);
      return;
  }
}

}  // namespace

class InputStream::Turn {
 public:
  explicit Turn(InputStream& stream) : stream_(stream), taken_(stream.reading_.try_lock()) {
    if (!taken_) {
      PyErr_SetString(PyExc_RuntimeError, "another thread is reading wsgi.input");
    } else if (IsAppFork()) {
      PyErr_SetString(PyExc_ValueError, "wsgi.input belongs to the process that got the request");
    } else if (stream_.exchange_ == nullptr) {
      PyErr_SetString(PyExc_ValueError, "wsgi.input was used after its request had ended");
    } else {
      granted_ = true;
    }
  }
  ~Turn() {
    if (taken_) stream_.reading_.unlock();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  explicit operator bool() const { return granted_; }

 private:
  InputStream& stream_;
  const bool taken_;
  bool granted_ = false;
};

void InputStream::Begin(Exchange& exchange) { exchange_ = &exchange; }

void InputStream::End() {
  if (!reading_.try_lock()) {
    // The reader needs the GIL to finish.
    const python::ReleaseGil release;
    reading_.lock();
  }
  exchange_ = nullptr;
  buffer_.clear();
  taken_ = 0;
  reading_.unlock();
}

Py_ssize_t InputStream::ReadSome(char* into, std::size_t size, const char* what,
                                 long long requested) {
  const ReadOutcome outcome = exchange_->body().Read({into, size});
  if (outcome.status != ReadStatus::kOk) {
    RaiseReadError(outcome.status, what, requested);
    return -1;
  }
  return static_cast<Py_ssize_t>(outcome.bytes);
}

bool InputStream::Fill() {
  buffer_.resize(kReadAhead);
  taken_ = 0;
  const Py_ssize_t count = ReadSome(buffer_.data(), kReadAhead, "readline", 0);
  buffer_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return count >= 0;
}

PyObject* InputStream::Read(Py_ssize_t size) {
  const Turn turn(*this);
  if (!turn) return nullptr;
  return ReadInTurn(LimitOf(size), "read");
}

PyObject* InputStream::ReadInTurn(std::size_t limit, const char* what) {
  const std::string_view before = ahead().substr(0, limit);
  const std::optional<std::uint64_t> length = exchange_->request().content_length;
  // What the body may still hold; unknown for a chunked one.
  const std::uint64_t position = exchange_->body().position();
  const std::size_t unread = !length              ? kNoLimit
                             : *length > position ? static_cast<std::size_t>(*length - position)
                                                  : 0;
  const std::size_t wanted = before.size() + std::min(limit - before.size(), unread);
  const std::size_t first = std::max(
      before.size(), std::min(wanted, length ? kFirstAllocation : std::size_t{kReadAhead}));

  PyObject* bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(first));
  if (bytes == nullptr) return nullptr;
  std::size_t capacity = first;
  std::size_t used = before.size();
  std::memcpy(PyBytes_AS_STRING(bytes), before.data(), used);
  taken_ += used;
  const long long requested = limit == kNoLimit ? 0 : static_cast<long long>(limit);
  while (used < wanted) {
    if (used == capacity) {
      capacity = std::min(wanted, capacity * 2);
      if (_PyBytes_Resize(&bytes, static_cast<Py_ssize_t>(capacity)) != 0) return nullptr;
    }
    const Py_ssize_t count =
        ReadSome(PyBytes_AS_STRING(bytes) + used, capacity - used, what, requested);
    if (count < 0) {
      Py_DECREF(bytes);
      return nullptr;
    }
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
  }
  if (used != capacity && _PyBytes_Resize(&bytes, static_cast<Py_ssize_t>(used)) != 0) {
    return nullptr;
  }
  return bytes;
}

PyObject* InputStream::ReadLine(Py_ssize_t size) {
  const Turn turn(*this);
  if (!turn) return nullptr;
  return ReadLineInTurn(LimitOf(size));
}

PyObject* InputStream::ReadLineInTurn(std::size_t limit) {
  std::string line;  // Only for a line that is longer than what was read ahead.
  while (true) {
    if (ahead().empty() && line.size() < limit && !Fill()) return nullptr;
    const std::string_view available = ahead().substr(0, limit - line.size());
    const auto newline = available.find('\n');
    const std::string_view piece =
        newline == std::string_view::npos ? available : available.substr(0, newline + 1);
    taken_ += piece.size();
    const bool complete =
        newline != std::string_view::npos || piece.empty() || line.size() + piece.size() == limit;
    if (complete && line.empty()) return python::Bytes(piece).release();
    line.append(piece);
    if (complete) return python::Bytes(line).release();
  }
}

PyObject* InputStream::ReadLines(Py_ssize_t hint) {
  const Turn turn(*this);
  if (!turn) return nullptr;
  Handle lines = Handle::Steal(PyList_New(0));
  Py_ssize_t total = 0;
  while (lines) {
    const Handle line = Handle::Steal(ReadLineInTurn(kNoLimit));
    if (!line) return nullptr;
    const Py_ssize_t size = PyBytes_GET_SIZE(line.get());
    if (size == 0) break;
    if (PyList_Append(lines.get(), line.get()) != 0) return nullptr;
    total += size;
    if (hint > 0 && total >= hint) break;
  }
  return lines.release();
}

PyObject* InputStream::NextLine() {
  const Turn turn(*this);
  if (!turn) return nullptr;
  Handle line = Handle::Steal(ReadLineInTurn(kNoLimit));
  if (!line || PyBytes_GET_SIZE(line.get()) == 0) return nullptr;
  return line.release();
}

PyObject* InputStream::ReadInto(PyObject* buffer) {
  const Turn turn(*this);
  if (!turn) return nullptr;
  Py_buffer view{};
  if (PyObject_GetBuffer(buffer, &view, PyBUF_WRITABLE) != 0) return nullptr;
  const Handle bytes = Handle::Steal(ReadInTurn(static_cast<std::size_t>(view.len), "read"));
  const Py_ssize_t count = bytes ? PyBytes_GET_SIZE(bytes.get()) : 0;
  if (bytes) std::memcpy(view.buf, PyBytes_AS_STRING(bytes.get()), static_cast<std::size_t>(count));
  PyBuffer_Release(&view);
  return bytes ? PyLong_FromSsize_t(count) : nullptr;
}

PyObject* InputStream::Tell() {
  const Turn turn(*this);
  if (!turn) return nullptr;
  return PyLong_FromUnsignedLongLong(exchange_->body().position() - ahead().size());
}

PyObject* InputStream::Seek(Py_ssize_t offset, int whence) {
  const Turn turn(*this);
  if (!turn) return nullptr;
  RequestBody& body = exchange_->body();
  const std::uint64_t here = body.position() - ahead().size();
  std::uint64_t start = 0;
  if (whence == 1) start = here;
  if (whence == 2) start = body.size();
  std::int64_t target = 0;
  if (whence < 0 || whence > 2 || __builtin_add_overflow(start, offset, &target) || target < 0) {
    PyErr_SetString(PyExc_ValueError, "invalid offset or whence for wsgi.input");
    return nullptr;
  }
  if (!body.is_seekable() || !body.Seek(static_cast<std::uint64_t>(target))) {
    PyErr_SetString(PyExc_OSError,
                    "cannot seek wsgi.input: the body was not buffered, or ends before the offset "
                    "(see --post-buffering)");
    return nullptr;
  }
  buffer_.clear();
  taken_ = 0;
  return PyLong_FromLongLong(target);
}

PyObject* InputStream::FileNumber() {
  const Turn turn(*this);
  return turn ? PyLong_FromLong(exchange_->connection_fd()) : nullptr;
}

PyObject* InputStream::IsSeekable() {
  const Turn turn(*this);
  return turn ? PyBool_FromLong(exchange_->body().is_seekable() ? 1 : 0) : nullptr;
}

}  // namespace uwsgi::wsgi
