// SPDX-License-Identifier: MIT
//
// Memory that the master, a zygote and its workers share, known by a name.
//
// The master makes a region (a memfd of a size that nobody can change), and keeps its descriptor;
// a zygote maps it after its exec and closes the descriptor, workers inherit the mapping. Workers
// run code of others, so anything may stand in it: no process takes a bound or a size from there.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi {

enum class RegionLifetime {
  kInstance,    // A reload whose spec is the same finds what was there before.
  kGeneration,  // Made anew, and zero, for each generation.
};

struct RegionSpec {
  std::string name;  // "scoreboard"; /proc/PID/maps shows it.
  RegionLifetime lifetime = RegionLifetime::kGeneration;
  std::size_t size = 0;  // Bytes, not 0.
  // What the memory means, for the process that makes it: with another one, it is another memory.
  std::string definition = {};
  // A file that keeps the memory; empty: none does. It is this user's alone, and of one server at a
  // time. The first 8 bytes are zero whenever a server has just opened it.
  std::string file = {};
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
  static Result<Region> CreateInFile(RegionSpec spec);
  static Result<Region> Map(RegionSpec spec, UniqueFd fd);

  RegionSpec spec_;
  UniqueFd fd_;
  void* memory_;  // Null after a move.
};

// Shared by the generations that have it.
using SharedRegions = std::vector<std::shared_ptr<const Region>>;

// Knows the regions of the instance, in the process that makes them, for as long as some
// generation has them.
class RegionSet {
 public:
  // The memory of each of `specs`: new, unless it is of the instance and there already. A name that
  // stands twice is an error.
  Result<SharedRegions> OpenFor(const std::vector<RegionSpec>& specs);

 private:
  std::shared_ptr<const Region> Find(const RegionSpec& spec) const;

  std::vector<std::weak_ptr<const Region>> known_;
};

}  // namespace uwsgi
