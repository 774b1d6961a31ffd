// SPDX-License-Identifier: MIT

#include "ipc/region.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace uwsgi {

Result<Region> Region::Map(RegionSpec spec, UniqueFd fd) {
  void* memory = ::mmap(nullptr, spec.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return SystemError("cannot map the shared " + spec.name, errno);
  return Region(std::move(spec), std::move(fd), memory);
}

Result<Region> Region::CreateInFile(RegionSpec spec) {
  UniqueFd fd(::open(spec.file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return SystemError("cannot open the file " + spec.file, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kBusy, "the file " + spec.file + " is in use by another server"};
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return SystemError("cannot read " + spec.file, errno);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (!S_ISREG(info.st_mode) || (size != 0 && size != spec.size)) {
    return Error{ErrorCode::kInvalid,
                 "the file " + spec.file + " has " + std::to_string(size) + " bytes, and the " +
                     spec.name + " has " + std::to_string(spec.size) +
                     ": it is of another definition or of another server. Remove it"};
  }
  // Its blocks are there before anybody writes to the memory: a full disk would end who does.
  if (const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(spec.size)); error != 0) {
    return SystemError("cannot size the file " + spec.file, error);
  }
  auto region = Map(std::move(spec), std::move(fd));
  if (region) std::memset(region->data(), 0, sizeof(std::uint64_t));
  return region;
}

Result<Region> Region::Create(RegionSpec spec) {
  UWSGI_CHECK(!spec.name.empty() && spec.size > 0);
  if (!spec.file.empty()) return CreateInFile(std::move(spec));
  UniqueFd fd(::memfd_create(("uwsgi-" + spec.name).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return SystemError("cannot create the shared " + spec.name, errno);
  // Cut by somebody else, it would end whoever reads it (SIGBUS).
  if (::ftruncate(fd.get(), static_cast<off_t>(spec.size)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return SystemError("cannot size the shared " + spec.name, errno);
  }
  return Map(std::move(spec), std::move(fd));
}

Result<Region> Region::Attach(RegionSpec spec, UniqueFd fd) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0)
    return SystemError("cannot read the shared " + spec.name, errno);
  if (spec.size == 0 || static_cast<std::size_t>(info.st_size) != spec.size) {
    return Error{ErrorCode::kInvalid, "the shared " + spec.name + " has " +
                                          std::to_string(info.st_size) + " bytes instead of " +
                                          std::to_string(spec.size)};
  }
  auto region = Map(std::move(spec), std::move(fd));
  if (region) region->fd_.reset();
  return region;
}

Region::Region(RegionSpec spec, UniqueFd fd, void* memory)
    : spec_(std::move(spec)), fd_(std::move(fd)), memory_(memory) {}

Region::Region(Region&& other) noexcept
    : spec_(std::move(other.spec_)),
      fd_(std::move(other.fd_)),
      memory_(std::exchange(other.memory_, nullptr)) {}

Region::~Region() {
  if (memory_ != nullptr) ::munmap(memory_, spec_.size);
}

std::shared_ptr<const Region> RegionSet::Find(const RegionSpec& spec) const {
  if (spec.lifetime == RegionLifetime::kGeneration) return nullptr;
  for (const auto& known : known_) {
    if (auto region = known.lock(); region && region->spec() == spec) return region;
  }
  return nullptr;
}

Result<SharedRegions> RegionSet::OpenFor(const std::vector<RegionSpec>& specs) {
  std::erase_if(known_, [](const auto& known) { return known.expired(); });
  SharedRegions regions;
  for (const RegionSpec& spec : specs) {
    if (std::ranges::count(specs, spec.name, &RegionSpec::name) > 1) {
      return Error{ErrorCode::kInvalid, "two kinds of shared memory are called " + spec.name};
    }
    if (auto known = Find(spec)) {
      regions.push_back(std::move(known));
      continue;
    }
    auto made = Region::Create(spec);
    if (!made) return made.error();
    regions.push_back(std::make_shared<const Region>(*std::move(made)));
    known_.push_back(regions.back());
  }
  return regions;
}

}  // namespace uwsgi
