// SPDX-License-Identifier: MIT

#include "wsgi/body_sender.h"

#include <algorithm>
#include <string>

#include "base/log.h"
#include "protocol/request_text.h"
#include "python/forked_child.h"
#include "python/handle.h"
#include "wsgi/file_wrapper.h"

namespace uwsgi::wsgi {
namespace {

using python::Handle;

bool IsBytes(PyObject* object) { return PyBytes_Check(object) != 0; }

}  // namespace

bool BodySender::Send(PyObject* result, Response& response) {
  if (PyBytes_CheckExact(result) != 0 && !strict_) {
    // Iterating would give numbers, and nobody means that.
    const std::string_view piece = python::BytesView(result);
    return response.Send({&piece, 1}, true);
  }
  const Outcome outcome = SendSequence(result, response);
  if (outcome != Outcome::kNotSimple) return outcome == Outcome::kSent;
  bool sent = false;
  if (reinterpret_cast<PyObject*>(Py_TYPE(result)) == file_wrapper_ &&
      !SendFile(result, response, sent)) {
    return false;
  }
  return sent || SendIterable(result, response);
}

BodySender::Outcome BodySender::SendSequence(PyObject* result, Response& response) {
  if (PyList_CheckExact(result) == 0 && PyTuple_CheckExact(result) == 0) {
    return Outcome::kNotSimple;
  }
#ifdef Py_GIL_DISABLED
  // Another thread may change the list meanwhile.
  const Handle sequence = Handle::Steal(PySequence_Tuple(result));
  if (!sequence) return Outcome::kFailed;
#else
  const Handle sequence = Handle::Share(result);
#endif
  PyObject** items = PySequence_Fast_ITEMS(sequence.get());
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(sequence.get());
  pieces_.clear();
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (!IsBytes(items[i])) return Outcome::kNotSimple;
    const std::string_view piece = python::BytesView(items[i]);
    if (!piece.empty()) pieces_.push_back(piece);
  }
  return response.Send(pieces_, true) ? Outcome::kSent : Outcome::kFailed;
}

bool BodySender::SendFile(PyObject* result, Response& response, bool& sent) {
  const std::optional<FileRange> range = RegularFileOf(result);
  if (!range) return true;
  sent = true;
  std::uint64_t count = range->count;
  if (const auto promised = response.content_length()) count = std::min(count, *promised);
  if (count > 0 && response.wants_body() && !response.SendFile(range->fd, range->offset, count)) {
    return false;
  }
  return response.is_over() || response.Send({}, true);
}

bool BodySender::SendIterable(PyObject* result, Response& response) {
  const Handle iterator = Handle::Steal(PyObject_GetIter(result));
  python::EndIfForked();
  if (!iterator) return false;
  while (true) {
    const Handle piece = Handle::Steal(PyIter_Next(iterator.get()));
    python::EndIfForked();
    if (!piece) break;
    const bool was_over = response.is_over();
    if (!SendPiece(piece.get(), response)) return false;
    // The peer left with this very piece; one that completed the promised length is
    // another matter, the application may then run to its end.
    if (!was_over && response.is_over() && !response.Completes(0)) return true;
  }
  if (PyErr_Occurred() != nullptr) return false;
  return response.is_over() || response.Send({}, true);
}

bool BodySender::SendPiece(PyObject* piece, Response& response) {
  std::string_view text;
  Py_buffer view{};
  if (IsBytes(piece)) {
    text = python::BytesView(piece);
  } else if (strict_ || PyObject_CheckBuffer(piece) == 0 ||
             PyObject_GetBuffer(piece, &view, PyBUF_SIMPLE) != 0) {
    return Refuse(piece);
  } else {
    text = {static_cast<const char*>(view.buf), static_cast<std::size_t>(view.len)};
  }
  bool good = true;
  if (!text.empty() && !response.is_over()) {
    good = response.Send({&text, 1}, response.Completes(text.size()));
  }
  if (view.obj != nullptr) PyBuffer_Release(&view);
  return good;
}

bool BodySender::Refuse(PyObject* piece) const {
  PyErr_Clear();
  if (strict_) {
    PyErr_Format(PyExc_TypeError, "the response body must consist of bytes, not %.100s",
                 Py_TYPE(piece)->tp_name);
    return false;
  }
  // Python 2's empty bodies were str.
  const bool is_empty = PyUnicode_Check(piece) != 0 && PyUnicode_GET_LENGTH(piece) == 0;
  if (piece == Py_None || is_empty) return true;
  const Handle shown = Handle::Steal(PyObject_Repr(piece));
  const char* text = shown ? PyUnicode_AsUTF8(shown.get()) : nullptr;
  std::string safe;
  protocol::AppendLogText(std::string_view(text != nullptr ? text : "?").substr(0, 200), safe);
  LogError("[ERROR] Unhandled object from iterator: {} ({})", safe,
           static_cast<const void*>(piece));
  PyErr_Clear();
  return true;
}

}  // namespace uwsgi::wsgi
