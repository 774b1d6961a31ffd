// SPDX-License-Identifier: MIT

#include "cache/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace uwsgi {
namespace {

TEST(CacheDefinitionTest, HasTheDefaultsOfUwsgi) {
  const auto definition = ParseCacheDefinition("name=c,items=10");
  ASSERT_TRUE(definition);
  EXPECT_EQ(definition->name, "c");
  EXPECT_EQ(definition->items, 10u);
  EXPECT_EQ(definition->blocks, 10u);
  EXPECT_EQ(definition->blocksize, 65536u);
  EXPECT_EQ(definition->keysize, 2048u);
  EXPECT_EQ(definition->hashsize, 65536u);
  EXPECT_EQ(definition->value_limit(), 65536u);
  EXPECT_FALSE(definition->bitmap || definition->purge_lru || definition->no_expire);
}

TEST(CacheDefinitionTest, KnowsEveryKeyByAllOfItsNames) {
  const auto definition = ParseCacheDefinition(
      "name=c,max_items=10,blocksize=4,blocks=20,bitmap=1,key_size=7,hash_size=9,store=a\\,b,"
      "storedelete=1,lastmod=1,ignore_full=1,lru=1,clear_on_full=1,no_expire=1,math_initial=-3,"
      "hash=murmur2,lazy=1,storesync=3,sweep_on_full=10");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_EQ(definition->store, "a,b");
  EXPECT_EQ(definition->math_initial, -3);
  EXPECT_EQ(definition->value_limit(), 80u);
  EXPECT_TRUE(definition->purge_lru && definition->clear_on_full && definition->store_delete);
  EXPECT_FALSE(ParseCacheDefinition("name=c,maxitems=10,bitmap=0")->bitmap);
}

TEST(CacheDefinitionTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "cache name"},
      {"items=10", "cache name"},
      {"name=c", "maximum number of cache items"},
      {"name=c,items=0", "maximum number of cache items"},
      {"name=c,items=ten", "items=ten is no number"},
      {"name=c,items=-1", "is no number"},
      {"name=c,items=10,bitmap", "bitmap has no value, write bitmap=1"},
      {"name=c,items=10,size=4", "size is no key of a cache"},
      {"name=c,items=10,blocks=9", "must be higher than max_items (10)"},
      {"name=c,items=10,blocksize=0", "invalid blocksize"},
      {"name=c,items=10,hashsize=0", "invalid hashsize"},
      {"name=c,items=10,keysize=65536", "keysize"},
      {"name=c,items=4000000000,blocksize=1000000000000", "larger than any memory"},
      {"name=a@b,items=10", "has no '@'"},
      {"name=c,items=10,nodes=127.0.0.1:1", "nodes is not built yet"},
  };
  for (const auto& [text, message] : cases) {
    const auto definition = ParseCacheDefinition(text);
    ASSERT_FALSE(definition) << text;
    EXPECT_THAT(definition.error().message, testing::HasSubstr(message)) << text;
  }
}

}  // namespace
}  // namespace uwsgi
