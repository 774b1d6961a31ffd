// SPDX-License-Identifier: MIT
//
// Memory that the master, a zygote and its workers share, known by a name.
//
// The master makes a region (a memfd of a size that nobody can change), and keeps its descriptor;
// a zygote maps it after its exec and closes the descriptor, workers inherit the mapping. Workers
// run code of others, so anything may stand in it: no process takes a bound or a size from there.

#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi {

enum class RegionLifetime {
  kInstance,    // As long as the master: a reload finds what was there before.
  kGeneration,  // Made anew, and zero, for each generation.
};

struct RegionSpec {
  std::string name;  // "scoreboard"; /proc/PID/maps shows it.
  RegionLifetime lifetime = RegionLifetime::kGeneration;
  std::size_t size = 0;  // Bytes, not 0.
  bool operator==(const RegionSpec&) const = default;
};

class Region {
 public:
  // Zero everywhere.
  static Result<Region> Create(RegionSpec spec);
  // Maps what Create has made in another process, by the same spec. `fd` is closed.
  static Result<Region> Attach(RegionSpec spec, UniqueFd fd);

  Region(Region&& other) noexcept;
  Region& operator=(Region&&) = delete;
  ~Region();

  const RegionSpec& spec() const { return spec_; }
  // On a page of its own; stays where it is when the object is moved.
  std::byte* data() const { return static_cast<std::byte*>(memory_); }
  int fd() const { return fd_.get(); }  // -1 of one that was attached.

 private:
  Region(RegionSpec spec, UniqueFd fd, void* memory);
  static Result<Region> Map(RegionSpec spec, UniqueFd fd);

  RegionSpec spec_;
  UniqueFd fd_;
  void* memory_;  // Null after a move.
};

// The regions of one lifetime, in the process that makes them.
class RegionSet {
 public:
  // Makes those of `specs` that have `lifetime` and are not there yet. One that is there with
  // another size is an error, and so is a name that stands twice.
  Result<void> OpenFor(const std::vector<RegionSpec>& specs, RegionLifetime lifetime);

  // Null when there is none. Stays where it is as long as the set.
  const Region* Find(std::string_view name) const;
  // Adds all of them, in the order in which they were made.
  void AppendTo(std::vector<const Region*>& regions) const;

 private:
  std::list<Region> regions_;
};

}  // namespace uwsgi
