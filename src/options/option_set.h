// SPDX-License-Identifier: MIT

#pragma once

#include <map>
#include <memory>
#include <typeindex>
#include <utility>

namespace uwsgi::config {

// One struct of values for each subject, such as StaticOptions, found by its type. Whoever reads an
// option sees the struct of its subject, and a new subject is nobody else's concern.
//
// A struct that nobody has written to has its defaults. References to a struct that was written to
// hold as long as the set does, also when it is moved.
class OptionSet {
 public:
  template <typename Slice>
  const Slice& Get() const {
    static const Slice kDefaults{};
    const auto found = slices_.find(typeid(Slice));
    return found == slices_.end() ? kDefaults : *static_cast<const Slice*>(found->second.get());
  }

  template <typename Slice>
  Slice& Change() {
    auto found = slices_.find(typeid(Slice));
    if (found == slices_.end()) {
      Owner made(std::make_unique<Slice>().release(),
                 [](void* slice) { std::default_delete<Slice>()(static_cast<Slice*>(slice)); });
      found = slices_.emplace(typeid(Slice), std::move(made)).first;
    }
    return *static_cast<Slice*>(found->second.get());
  }

 private:
  using Owner = std::unique_ptr<void, void (*)(void*)>;

  std::map<std::type_index, Owner> slices_;
};

}  // namespace uwsgi::config
