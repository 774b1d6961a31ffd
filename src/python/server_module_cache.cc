// SPDX-License-Identifier: MIT
//
// The cache_* functions. They are called often, so they are functions of the C API: a call costs
// less than half of what one through pybind11 does.

#include <Python.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "cache/cache_set.h"
#include "python/handle.h"
#include "python/server_module_parts.h"

namespace py = pybind11;

namespace uwsgi::python {
namespace {

constexpr const char* kCapsule = "uwsgi.caches";
// What takes longer to copy is copied without the GIL.
constexpr std::size_t kLargestCopyWithGil = 65536;

// The arguments of one call. What returns false has set Python's error.
class Call {
 public:
  Call(const char* name, PyObject* self, PyObject* const* arguments, Py_ssize_t count)
      : name_(name),
        caches_(static_cast<CacheSet*>(PyCapsule_GetPointer(self, kCapsule))),
        arguments_(arguments),
        count_(count) {}

  bool Takes(Py_ssize_t least, Py_ssize_t most) const {
    if (count_ >= least && count_ <= most) return true;
    const bool few = count_ < least;
    PyErr_Format(PyExc_TypeError, "%s() takes at %s %zd argument%s (%zd given)", name_,
                 few ? "least" : "most", few ? least : most, (few ? least : most) == 1 ? "" : "s",
                 count_);
    return false;
  }

  // A str or bytes; a view that lives as long as the argument.
  bool Text(Py_ssize_t index, std::string_view& text) const {
    PyObject* const argument = arguments_[index];
    if (PyBytes_Check(argument) != 0) {
      text = BytesView(argument);
      return true;
    }
    if (PyUnicode_Check(argument) == 0) {
      PyErr_Format(PyExc_TypeError, "%s() argument %zd must be str or bytes, not %s", name_,
                   index + 1, Py_TYPE(argument)->tp_name);
      return false;
    }
    Py_ssize_t size = 0;
    const char* const utf8 = PyUnicode_AsUTF8AndSize(argument, &size);
    if (utf8 == nullptr) return false;
    text = {utf8, static_cast<std::size_t>(size)};
    return true;
  }

  // Leaves `number` alone when there is no such argument.
  bool Number(Py_ssize_t index, std::int64_t& number) const {
    if (index >= count_) return true;
    if (PyLong_Check(arguments_[index]) == 0) {
      PyErr_Format(PyExc_TypeError, "%s() argument %zd must be int, not %s", name_, index + 1,
                   Py_TYPE(arguments_[index])->tp_name);
      return false;
    }
    number = PyLong_AsLongLong(arguments_[index]);
    return number != -1 || PyErr_Occurred() == nullptr;
  }

  // Null in `cache` when there is no such one.
  bool CacheAt(Py_ssize_t index, Cache*& cache) const {
    std::string_view name;
    if (index < count_) {
      if (PyUnicode_Check(arguments_[index]) == 0) {
        PyErr_Format(PyExc_TypeError, "%s() argument %zd must be str, not %s", name_, index + 1,
                     Py_TYPE(arguments_[index])->tp_name);
        return false;
      }
      if (!Text(index, name)) return false;
    }
    if (name.find('@') != std::string_view::npos) {
      LogWarning("uwsgi.{}: caches of other instances (\"{}\") are not built yet", name_, name);
      cache = nullptr;
    } else {
      cache = caches_->Find(name);
    }
    return true;
  }

 private:
  const char* const name_;
  CacheSet* const caches_;
  PyObject* const* const arguments_;
  const Py_ssize_t count_;
};

// Waits without the GIL, and only if somebody else is at it.
template <typename Operation>
CacheOutcome Run(std::size_t size, const Operation& operation) {
  if (size <= kLargestCopyWithGil) {
    const CacheOutcome outcome = operation(Patience::kTry);
    if (outcome != CacheOutcome::kBusy) return outcome;
  }
  const ReleaseGil released;
  return operation(Patience::kWait);
}

PyObject* DoneOrNone(CacheOutcome outcome) {
  return Handle::Share(outcome == CacheOutcome::kDone ? Py_True : Py_None).release();
}

PyObject* None() { return Handle::Share(Py_None).release(); }

// With no GIL, by way of a copy.
PyObject* GetPatiently(Cache& cache, std::string_view key) {
  std::string value;
  CacheOutcome outcome{};
  {
    const ReleaseGil released;
    outcome = cache.Get(
        key,
        [&value](std::size_t size) {
          value.resize(size);
          return value.data();
        },
        Patience::kWait);
  }
  return outcome == CacheOutcome::kDone ? Bytes(value).release() : None();
}

PyObject* Get(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  const Call call("cache_get", self, arguments, count);
  std::string_view key;
  Cache* cache = nullptr;
  if (!call.Takes(1, 2) || !call.Text(0, key) || !call.CacheAt(1, cache)) return nullptr;
  if (cache == nullptr) return None();
  PyObject* bytes = nullptr;
  bool is_large = false;
  const auto room = [&bytes, &is_large](std::size_t size) -> char* {
    is_large = size > kLargestCopyWithGil;
    if (!is_large) bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size));
    return bytes != nullptr ? PyBytes_AS_STRING(bytes) : nullptr;
  };
  const CacheOutcome outcome = cache->Get(key, room, Patience::kTry);
  if (is_large || outcome == CacheOutcome::kBusy) return GetPatiently(*cache, key);
  if (outcome == CacheOutcome::kDone) return bytes;
  return PyErr_Occurred() != nullptr ? nullptr : None();
}

PyObject* Store(const char* name, CacheStore store, PyObject* self, PyObject* const* arguments,
                Py_ssize_t count) {
  const Call call(name, self, arguments, count);
  std::string_view key;
  std::string_view value;
  std::int64_t expires = 0;
  Cache* cache = nullptr;
  if (!call.Takes(2, 4) || !call.Text(0, key) || !call.Text(1, value) || !call.Number(2, expires) ||
      !call.CacheAt(3, cache)) {
    return nullptr;
  }
  if (cache == nullptr) return None();
  return DoneOrNone(Run(value.size(), [&](Patience patience) {
    return cache->Set(key, value, expires, store, patience);
  }));
}

PyObject* Set(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  return Store("cache_set", CacheStore::kAdd, self, arguments, count);
}

PyObject* Update(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  return Store("cache_update", CacheStore::kReplace, self, arguments, count);
}

PyObject* OfKey(const char* name, CacheOutcome (Cache::*operation)(std::string_view, Patience),
                PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  const Call call(name, self, arguments, count);
  std::string_view key;
  Cache* cache = nullptr;
  if (!call.Takes(1, 2) || !call.Text(0, key) || !call.CacheAt(1, cache)) return nullptr;
  if (cache == nullptr) return None();
  return DoneOrNone(Run(0, [&](Patience patience) { return (cache->*operation)(key, patience); }));
}

PyObject* Exists(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  return OfKey("cache_exists", &Cache::Exists, self, arguments, count);
}

PyObject* Delete(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  return OfKey("cache_del", &Cache::Delete, self, arguments, count);
}

PyObject* Clear(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  const Call call("cache_clear", self, arguments, count);
  Cache* cache = nullptr;
  if (!call.Takes(0, 1) || !call.CacheAt(0, cache)) return nullptr;
  if (cache == nullptr) return None();
  return DoneOrNone(Run(0, [&](Patience patience) { return cache->Clear(patience); }));
}

PyObject* Calculate(const char* name, CacheMath math, std::int64_t operand, PyObject* self,
                    PyObject* const* arguments, Py_ssize_t count) {
  const Call call(name, self, arguments, count);
  std::string_view key;
  std::int64_t expires = 0;
  Cache* cache = nullptr;
  if (!call.Takes(1, 4) || !call.Text(0, key) || !call.Number(1, operand) ||
      !call.Number(2, expires) || !call.CacheAt(3, cache)) {
    return nullptr;
  }
  if (cache == nullptr) return None();
  return DoneOrNone(Run(0, [&](Patience patience) {
    return cache->Calculate(key, math, operand, expires, patience);
  }));
}

PyObject* Increase(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  return Calculate("cache_inc", CacheMath::kAdd, 1, self, arguments, count);
}

PyObject* Decrease(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  return Calculate("cache_dec", CacheMath::kSubtract, 1, self, arguments, count);
}

PyObject* Multiply(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  return Calculate("cache_mul", CacheMath::kMultiply, 2, self, arguments, count);
}

PyObject* Divide(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  return Calculate("cache_div", CacheMath::kDivide, 2, self, arguments, count);
}

PyObject* Number(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  const Call call("cache_num", self, arguments, count);
  std::string_view key;
  Cache* cache = nullptr;
  if (!call.Takes(1, 2) || !call.Text(0, key) || !call.CacheAt(1, cache)) return nullptr;
  std::int64_t number = 0;
  if (cache != nullptr) {
    Run(0, [&](Patience patience) { return cache->Number(key, number, patience); });
  }
  return PyLong_FromLongLong(number);
}

PyObject* Keys(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  const Call call("cache_keys", self, arguments, count);
  Cache* cache = nullptr;
  if (!call.Takes(0, 1) || !call.CacheAt(0, cache)) return nullptr;
  if (cache == nullptr) {
    PyErr_SetString(PyExc_ValueError, "no local uWSGI cache available");
    return nullptr;
  }
  std::vector<std::string> keys;
  {
    const ReleaseGil released;
    keys = cache->Keys();
  }
  Handle list = Handle::Steal(PyList_New(0));
  for (const std::string& key : keys) {
    const Handle bytes = Bytes(key);
    if (!list || !bytes || PyList_Append(list.get(), bytes.get()) != 0) return nullptr;
  }
  return list.release();
}

// As long as the process: functions point to it.
std::array<PyMethodDef, 12>& Table() {
  static std::array<PyMethodDef, 12> table = {
      FastFunction("cache_get", Get),       FastFunction("cache_set", Set),
      FastFunction("cache_update", Update), FastFunction("cache_del", Delete),
      FastFunction("cache_exists", Exists), FastFunction("cache_clear", Clear),
      FastFunction("cache_inc", Increase),  FastFunction("cache_dec", Decrease),
      FastFunction("cache_mul", Multiply),  FastFunction("cache_div", Divide),
      FastFunction("cache_num", Number),    FastFunction("cache_keys", Keys)};
  return table;
}

}  // namespace

void BindCache(py::module_& module, const std::shared_ptr<CacheSet>& caches) {
  const auto forget = [](PyObject* capsule) {
    delete static_cast<std::shared_ptr<CacheSet>*>(PyCapsule_GetContext(capsule));
  };
  const auto capsule =
      py::reinterpret_steal<py::object>(PyCapsule_New(caches.get(), kCapsule, forget));
  if (!capsule) throw py::error_already_set();
  PyCapsule_SetContext(capsule.ptr(), new std::shared_ptr<CacheSet>(caches));
  AddFunctions(module, Table(), capsule);
}

}  // namespace uwsgi::python
