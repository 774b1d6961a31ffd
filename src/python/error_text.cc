// SPDX-License-Identifier: MIT

#include "python/error_text.h"

#include "base/log.h"
#include "python/handle.h"

namespace uwsgi::python {
namespace {

// The text of a str, whatever is in it: surrogates are escaped.
std::string Utf8(PyObject* text) {
  const Handle bytes = Handle::Steal(PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace"));
  if (!bytes) return {};
  return std::string(BytesView(bytes.get()));
}

std::string Format(PyObject* kind, PyObject* value, PyObject* traceback) {
  const Handle module = Handle::Steal(PyImport_ImportModule("traceback"));
  if (!module) return {};
  const Handle lines =
      Handle::Steal(PyObject_CallMethod(module.get(), "format_exception", "OOO", kind, value,
                                        traceback != nullptr ? traceback : Py_None));
  if (!lines) return {};
  const Handle empty = Handle::Steal(PyUnicode_FromString(""));
  const Handle text = Handle::Steal(PyUnicode_Join(empty.get(), lines.get()));
  return text ? Utf8(text.get()) : std::string();
}

}  // namespace

std::string TakeErrorText() {
  PyObject* raw_kind = nullptr;
  PyObject* raw_value = nullptr;
  PyObject* raw_traceback = nullptr;
  PyErr_Fetch(&raw_kind, &raw_value, &raw_traceback);
  PyErr_NormalizeException(&raw_kind, &raw_value, &raw_traceback);
  const Handle kind = Handle::Steal(raw_kind);
  const Handle value = Handle::Steal(raw_value);
  const Handle traceback = Handle::Steal(raw_traceback);
  if (!kind) return "no exception was set";

  std::string text = Format(kind.get(), value.get(), traceback.get());
  if (text.empty()) {
    // The formatter itself failed, as with a __str__ that raises or at the recursion limit.
    PyErr_Clear();
    text = reinterpret_cast<PyTypeObject*>(kind.get())->tp_name;
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string Indented(std::string_view error_text) {
  std::string out = "  ";
  for (const char c : error_text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\n  ";
    } else if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

void LogTraceback(std::string_view what, std::string_view error_text, std::uint64_t request_id) {
  Log({.kind = LogKind::kTraceback,
       .level = LogLevel::kError,
       .request_id = request_id,
       .text = fmt::format("{}:\n{}", what, Indented(error_text))});
}

void LogPythonError(std::string_view what) {
  if (PyErr_Occurred() == nullptr) {
    LogError("{}", what);
    return;
  }
  LogTraceback(what, TakeErrorText());
}

}  // namespace uwsgi::python
