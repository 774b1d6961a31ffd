// SPDX-License-Identifier: MIT
//
// What a line of `cache2` may be: whatever it says, a definition that is taken has sizes that can
// be added up, and its text says the same as it does.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "cache/cache_memory.h"
#include "cache/definition.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto definition = uwsgi::ParseCacheDefinition(text);
  if (!definition) {
    UWSGI_CHECK(!definition.error().message.empty());
    return 0;
  }
  UWSGI_CHECK(definition->items > 0 && definition->blocks >= definition->items);
  const std::size_t whole = uwsgi::CacheMemory::SizeFor(*definition);
  UWSGI_CHECK(whole > definition->blocks * definition->blocksize);
  return 0;
}
