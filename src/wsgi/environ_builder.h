// SPDX-License-Identifier: MIT
//
// Makes the environ dict of a request. See PEP 3333 and docs/python-api.md.
//
// Requests of one site resemble each other: the same front end sends the same variables in the
// same order, most with the same values. So the builder keeps the previous request's
// environ, changes what differs, and hands out a copy, which costs a fraction of building
// it: a dict of thirty keys is copied in one piece.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "python/handle.h"
#include "uwsgi/request.h"

namespace uwsgi::wsgi {

// Interned str objects for the variables that requests usually carry. Read-only once
// made: all builders share one.
class KeyTable {
 public:
  // Python's error is set when `ok()` is false.
  KeyTable();

  bool ok() const { return ok_; }
  // Borrowed; null for a key that is not in the table.
  PyObject* Find(std::string_view key) const;

 private:
  struct Slot {
    std::string_view text;
    python::Handle key;
  };
  void Insert(std::string_view text);

  std::vector<Slot> slots_;
  bool ok_ = true;
};

// One per core, so one request at a time uses it.
class EnvironBuilder {
 public:
  // `base` holds the server's keys (wsgi.version, ...), without those of a single request.
  // `keys` outlives the builder.
  EnvironBuilder(const KeyTable& keys, python::Handle base) : keys_(keys), base_(std::move(base)) {}

  // A new dict: the server's keys, every variable of the request as latin-1 str, the last of
  // duplicates counting, and wsgi.url_scheme. Empty with Python's error set when memory ran out.
  python::Handle Build(const Request& request);

 private:
  // A variable as `last_` holds it. The texts are those of the str objects.
  struct Entry {
    python::Handle key;
    python::Handle value;
    std::string_view key_text;
    std::string_view value_text;
  };

  // Makes `last_` hold this request when its variables are last time's. False, with `last_`
  // unusable, when they are not.
  bool Update(const Request& request);
  bool UpdateEntry(Entry& entry, std::string_view value);
  bool Rebuild(const Request& request);
  bool AddEntry(std::string_view key, std::string_view value);

  const KeyTable& keys_;
  const python::Handle base_;
  python::Handle last_;         // The previous request's environ; the application never sees it.
  std::vector<Entry> entries_;  // The variables of last_, in wire order, then the scheme.
  bool reusable_ = false;       // False when a key occurred twice.
};

}  // namespace uwsgi::wsgi
