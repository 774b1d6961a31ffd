// SPDX-License-Identifier: MIT

#include "cache/cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "support/child_process.h"
#include "support/killed_children.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

constexpr auto kDone = CacheOutcome::kDone;
constexpr auto kRefused = CacheOutcome::kRefused;

CacheDefinition Parse(const std::string& text) { return *ParseCacheDefinition(text); }

// A cache in memory of its own.
class TestCache {
 public:
  explicit TestCache(const std::string& definition)
      : region_(*Region::Create(Cache::Spec(Parse(definition)))),
        cache_(*Cache::Open(region_, Parse(definition))) {}

  Cache* operator->() { return &cache_; }
  const Region& region() const { return region_; }

  std::optional<std::string> Get(const std::string& key) {
    std::string value;
    const auto room = [&value](std::size_t size) {
      value.resize(size);
      return value.data();
    };
    if (cache_.Get(key, room, Patience::kWait) != kDone) return std::nullopt;
    return value;
  }
  CacheOutcome Add(const std::string& key, const std::string& value, std::int64_t expires = 0) {
    return cache_.Set(key, value, expires, CacheStore::kAdd, Patience::kWait);
  }
  CacheOutcome Put(const std::string& key, const std::string& value, std::int64_t expires = 0) {
    return cache_.Set(key, value, expires, CacheStore::kReplace, Patience::kWait);
  }
  CacheOutcome Delete(const std::string& key) { return cache_.Delete(key, Patience::kWait); }
  CacheOutcome Math(CacheMath math, const std::string& key, std::int64_t operand) {
    return cache_.Calculate(key, math, operand, 0, Patience::kWait);
  }
  std::int64_t Number(const std::string& key) {
    std::int64_t number = 0;
    EXPECT_EQ(cache_.Number(key, number, Patience::kWait), kDone);
    return number;
  }

 private:
  Region region_;
  Cache cache_;
};

TEST(CacheTest, KeepsWhatWasStored) {
  TestCache cache("name=c,items=10,blocksize=100");
  EXPECT_EQ(cache.Get("a"), std::nullopt);
  EXPECT_EQ(cache.Add("a", "one"), kDone);
  EXPECT_EQ(cache.Add("a", "two"), kRefused);
  EXPECT_EQ(cache.Get("a"), "one");
  EXPECT_EQ(cache.Put("a", "two"), kDone);
  EXPECT_EQ(cache.Get("a"), "two");
  EXPECT_EQ(cache->Exists("a", Patience::kTry), kDone);
  EXPECT_EQ(cache.Delete("a"), kDone);
  EXPECT_EQ(cache.Delete("a"), kRefused);
  EXPECT_EQ(cache->Exists("a", Patience::kTry), kRefused);
}

TEST(CacheTest, RefusesWhatDoesNotFit) {
  TestCache cache("name=c,items=10,blocksize=10,keysize=5");
  EXPECT_EQ(cache.Put("", "x"), kRefused);
  EXPECT_EQ(cache.Put("a", ""), kRefused);
  EXPECT_EQ(cache.Put("abcdef", "x"), kRefused);
  EXPECT_EQ(cache.Put("a", std::string(11, 'x')), kRefused);
  EXPECT_EQ(cache.Put("abcde", std::string(10, 'x')), kDone);
}

TEST(CacheTest, HasRoomForAsManyItemsAsItSays) {
  TestCache cache("name=c,items=3,ignore_full=1");
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(cache.Add(key, key), kDone);
  EXPECT_EQ(cache.Add("d", "d"), kRefused);
  EXPECT_EQ(cache->Statistics().full, 1u);
  EXPECT_EQ(cache->Statistics().items, 3u);
  EXPECT_EQ(cache.Put("a", "again"), kDone);
  EXPECT_EQ(cache.Delete("b"), kDone);
  EXPECT_EQ(cache.Add("d", "d"), kDone);
}

TEST(CacheTest, WhatHasExpiredIsGoneAndMakesRoom) {
  TestCache cache("name=c,items=2,ignore_full=1");
  EXPECT_EQ(cache.Put("past", "x", -1), kDone);
  EXPECT_EQ(cache.Put("later", "x", 1000), kDone);
  EXPECT_EQ(cache->Keys(), std::vector<std::string>{"later"});
  EXPECT_EQ(cache.Add("new", "x"), kDone);
  EXPECT_EQ(cache->Statistics().full, 0u);
  EXPECT_EQ(cache.Get("past"), std::nullopt);
  EXPECT_EQ(cache.Put("far", "x", std::numeric_limits<std::int64_t>::max()), kRefused);
  EXPECT_EQ(cache.Get("later"), "x");
}

TEST(CacheTest, NothingExpiresWithNoExpire) {
  TestCache cache("name=c,items=2,no_expire=1");
  EXPECT_EQ(cache.Put("past", "x", std::numeric_limits<std::int64_t>::min()), kDone);
  EXPECT_EQ(cache.Get("past"), "x");
}

TEST(CacheTest, TheLeastRecentlyUsedMakesRoom) {
  TestCache cache("name=c,items=3,purge_lru=1");
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(cache.Add(key, key), kDone);
  EXPECT_EQ(cache.Get("a"), "a");
  EXPECT_EQ(cache.Add("d", "d"), kDone);
  EXPECT_THAT(cache->Keys(), testing::UnorderedElementsAre("a", "c", "d"));
}

TEST(CacheTest, InABitmapTheLeastRecentlyUsedMakeRoomForALargeValue) {
  TestCache cache("name=c,items=8,blocks=8,blocksize=10,bitmap=1,lru=1");
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    EXPECT_EQ(cache.Add(key, std::string(10, *key)), kDone);
  }
  EXPECT_EQ(cache.Add("large", std::string(25, 'x')), kDone);
  EXPECT_EQ(cache.Get("large"), std::string(25, 'x'));
  EXPECT_THAT(cache->Keys(), testing::UnorderedElementsAre("d", "e", "f", "g", "h", "large"));
  EXPECT_EQ(cache.Put("large", std::string(80, 'y')), kDone);
  EXPECT_EQ(cache.Get("large"), std::string(80, 'y'));
  EXPECT_EQ(cache.Put("large", std::string(81, 'y')), kRefused);
}

TEST(CacheTest, ClearsWhenFullIfItShall) {
  TestCache cache("name=c,items=2,clear_on_full=1");
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(cache.Add(key, key), kDone);
  EXPECT_EQ(cache->Keys(), std::vector<std::string>{"c"});
}

TEST(CacheTest, AFullBitmapKeepsWhatAFailedUpdateWouldReplace) {
  TestCache cache("name=c,items=4,blocks=4,blocksize=10,bitmap=1,ignore_full=1");
  EXPECT_EQ(cache.Add("a", std::string(20, 'a')), kDone);
  EXPECT_EQ(cache.Add("b", std::string(20, 'b')), kDone);
  EXPECT_EQ(cache.Put("a", std::string(30, 'x')), kRefused);
  EXPECT_EQ(cache.Get("a"), std::string(20, 'a'));
  EXPECT_EQ(cache.Put("a", "x"), kDone);
  EXPECT_EQ(cache.Add("c", "c"), kDone);
}

TEST(CacheTest, Calculates) {
  TestCache cache("name=c,items=10,math_initial=100");
  EXPECT_EQ(cache.Math(CacheMath::kAdd, "n", 5), kDone);
  EXPECT_EQ(cache.Number("n"), 105);
  EXPECT_EQ(cache.Math(CacheMath::kMultiply, "n", -2), kDone);
  EXPECT_EQ(cache.Math(CacheMath::kSubtract, "n", 1), kDone);
  EXPECT_EQ(cache.Math(CacheMath::kDivide, "n", 2), kDone);
  EXPECT_EQ(cache.Number("n"), -105);
  EXPECT_EQ(cache.Math(CacheMath::kDivide, "n", 0), kDone);
  EXPECT_EQ(cache.Number("n"), 0);
  EXPECT_EQ(cache.Put("text", "abc"), kDone);
  EXPECT_EQ(cache.Math(CacheMath::kAdd, "text", 1), kRefused);
  EXPECT_EQ(cache.Number("text"), 0);
  EXPECT_EQ(cache.Get("text"), "abc");
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(cache.Math(CacheMath::kAdd, "n", kLeast), kDone);
  EXPECT_EQ(cache.Math(CacheMath::kDivide, "n", -1), kDone);
  EXPECT_EQ(cache.Number("n"), kLeast);
}

TEST(CacheTest, BehavesAsAMapDoes) {
  for (const char* definition : {"name=c,items=50,blocksize=64,hashsize=7",
                                 "name=c,items=50,blocksize=7,blocks=500,bitmap=1,hashsize=7"}) {
    TestCache cache(definition);
    std::map<std::string, std::string> map;
    std::mt19937 random(1);  // NOLINT: the same operations each time.
    for (int i = 0; i < 20'000; ++i) {
      const std::string key = "key" + std::to_string(random() % 40);
      const std::string value(random() % 60 + 1, static_cast<char>('a' + random() % 26));
      if (random() % 3 == 0) {
        EXPECT_EQ(cache.Delete(key) == kDone, map.erase(key) == 1);
      } else if (cache.Put(key, value) == kDone) {
        map[key] = value;
      }
      const std::string other = "key" + std::to_string(random() % 40);
      const auto known = map.find(other);
      EXPECT_EQ(cache.Get(other), known == map.end() ? std::nullopt : std::optional(known->second));
    }
    EXPECT_EQ(cache->Statistics().items, map.size());
    EXPECT_EQ(cache->Clear(Patience::kWait), kDone);
    EXPECT_TRUE(cache->Keys().empty());
  }
}

TEST(CacheTest, IsOneForAllProcesses) {
  TestCache cache("name=c,items=10");
  EXPECT_EQ(RunInChild([&] { return cache.Add("a", "from the child") == kDone ? 0 : 1; }), 0);
  EXPECT_EQ(cache.Get("a"), "from the child");
  auto again = Cache::Open(cache.region(), Parse("name=c,items=10"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->Keys(), std::vector<std::string>{"a"});
}

// Whatever stands in the memory, no operation leaves it or goes on for ever.
TEST(CacheTest, SurvivesRubbishInItsMemory) {
  std::mt19937 random(7);  // NOLINT: the same rubbish each time.
  for (int round = 0; round < 200; ++round) {
    TestCache cache("name=c,items=20,blocks=40,blocksize=16,keysize=16,hashsize=8,bitmap=1,lru=1");
    for (int i = 0; i < 20; ++i) (void)cache.Put("key" + std::to_string(i), std::string(20, 'x'));
    // All of it but the mutex.
    std::byte* const data = cache.region().data();
    for (int i = 0; i < 200; ++i) {
      const std::size_t at = 4096 + random() % (cache.region().spec().size - 4096);
      data[at] = static_cast<std::byte>(random());
    }
    for (int i = 0; i < 40; ++i) {
      const std::string key = "key" + std::to_string(random() % 30);
      (void)cache.Get(key);
      (void)cache.Put(key, std::string(random() % 64 + 1, 'y'));
      (void)cache.Delete("key" + std::to_string(random() % 30));
    }
    (void)cache->Keys();
    EXPECT_EQ(cache->Clear(Patience::kWait), kDone);
    EXPECT_EQ(cache.Put("a", "b"), kDone);
    EXPECT_EQ(cache.Get("a"), "b");
  }
}

// A value says which key it is of, and how long it is: half of a copy would not.
std::string ValueOf(int key, std::uint64_t size) {
  return std::to_string(key) + ":" + std::string(size % 300 + 1, static_cast<char>('a' + key % 26));
}

bool IsWhole(int key, const std::string& value) {
  const std::string start = std::to_string(key) + ":";
  return value.starts_with(start) && value.size() > start.size() &&
         value.find_first_not_of(static_cast<char>('a' + key % 26), start.size()) ==
             std::string::npos;
}

TEST(CacheKillTest, WhoeverIsKilledLeavesACacheThatWorks) {
  constexpr std::uint64_t kOperations = 100'000;
  TestCache cache("name=c,items=60,blocks=400,blocksize=32,keysize=16,hashsize=16,bitmap=1,lru=1");
  const Region counters = *Region::Create({.name = "counters", .size = 4096});
  auto* const operations = reinterpret_cast<std::atomic<std::uint64_t>*>(counters.data());
  auto* const violations = operations + 1;
  const auto work = [&] {
    std::mt19937 random(static_cast<unsigned>(::getpid()));
    while (true) {
      const int key = static_cast<int>(random() % 80);
      const std::string name = "key" + std::to_string(key);
      if (random() % 4 == 0) (void)cache.Delete(name);
      (void)cache.Put(name, ValueOf(key, random()));
      const auto value = cache.Get(name);
      if (value && !IsWhole(key, *value)) ++*violations;
      *operations += 2;
    }
  };
  const int killed = KillAtRandom(4, work, [&] { return *operations >= kOperations; });
  EXPECT_GT(killed, 0);
  EXPECT_EQ(*violations, 0u);
  for (const std::string& name : cache->Keys()) {
    const auto value = cache.Get(name);
    ASSERT_TRUE(value);
    EXPECT_TRUE(IsWhole(std::stoi(name.substr(3)), *value)) << name << " " << *value;
  }
  EXPECT_EQ(cache->Keys().size(), cache->Statistics().items);
  // None of its room is lost.
  EXPECT_EQ(cache->Clear(Patience::kWait), kDone);
  EXPECT_EQ(cache.Put("all", std::string(400 * 32, 'x')), kDone);
}

TEST(CacheStoreTest, AFileKeepsTheItems) {
  const TempDir directory;
  const std::string definition =
      "name=c,items=10,blocksize=10,blocks=20,bitmap=1,store=" + (directory / "store");
  {
    TestCache cache(definition);
    EXPECT_EQ(cache.Put("a", std::string(35, 'a')), kDone);
    EXPECT_EQ(cache.Put("b", "b"), kDone);
  }
  TestCache cache(definition);
  EXPECT_THAT(cache->Keys(), testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(cache.Get("a"), std::string(35, 'a'));
  EXPECT_EQ(cache.Put("c", std::string(100, 'c')), kDone);
  EXPECT_EQ(cache.Get("a"), std::string(35, 'a'));
  // One server has it at a time.
  const auto second = Region::Create(Cache::Spec(Parse(definition)));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
}

TEST(CacheStoreTest, WhatIsNotWholeInAFileIsLeftOut) {
  const TempDir directory;
  const std::string definition = "name=c,items=4,keysize=8,store=" + (directory / "store");
  std::string before;
  {
    TestCache cache(definition);
    for (const char* key : {"a", "b", "c"}) EXPECT_EQ(cache.Put(key, key), kDone);
    const CacheMemory memory(Parse(definition), cache.region().data());
    memory.KeyAt(2)[0] = 'x';     // Half of a page was written.
    memory.header().touched = 3;  // Killed while it wrote.
    std::memset(memory.buckets().data(), 255, 64);
  }
  TestCache cache(definition);
  EXPECT_EQ(cache->Keys().size(), 1u);
  EXPECT_EQ(cache.Get(cache->Keys().front()), cache->Keys().front());
}

TEST(CacheStoreTest, AFileOfAnotherDefinitionIsRefusedUnlessItMayGo) {
  const TempDir directory;
  const std::string store = ",store=" + (directory / "store");
  { EXPECT_EQ(TestCache("name=c,items=4" + store).Put("a", "a"), kDone); }
  const CacheDefinition other = Parse("name=d,items=4" + store);
  {
    const auto region = Region::Create(Cache::Spec(other));
    ASSERT_TRUE(region);
    const auto opened = Cache::Open(*region, other);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, testing::HasSubstr("another definition"));
  }
  {
    TestCache cache("name=d,items=4,store_delete=1" + store);
    EXPECT_TRUE(cache->Keys().empty());
    EXPECT_EQ(cache.Put("b", "b"), kDone);
  }
  EXPECT_FALSE(Region::Create(Cache::Spec(Parse("name=d,items=5" + store))));
}

}  // namespace
}  // namespace uwsgi
