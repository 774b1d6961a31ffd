// SPDX-License-Identifier: MIT

#include "ipc/region.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "support/child_process.h"

namespace uwsgi {
namespace {

const RegionSpec kCache{"cache", RegionLifetime::kInstance, 10'000};

TEST(RegionTest, IsZeroAndSharedWithAProcessThatAttachesIt) {
  auto region = Region::Create(kCache);
  ASSERT_TRUE(region);
  const std::byte* const data = region->data();
  EXPECT_TRUE(std::all_of(data, data + kCache.size, [](std::byte b) { return b == std::byte{0}; }));
  EXPECT_EQ(RunInChild([&] {
              auto attached = Region::Attach(kCache, UniqueFd(::dup(region->fd())));
              if (!attached || attached->fd() != -1) return 1;
              attached->data()[9'999] = std::byte{42};
              return 0;
            }),
            0);
  EXPECT_EQ(data[9'999], std::byte{42});
}

TEST(RegionTest, StaysWhereItIsWhenItIsMoved) {
  auto region = Region::Create(kCache);
  ASSERT_TRUE(region);
  std::byte* const before = region->data();
  const Region moved = *std::move(region);
  EXPECT_EQ(moved.data(), before);
  EXPECT_EQ(moved.spec(), kCache);
}

TEST(RegionTest, NobodyChangesItsSize) {
  const auto region = Region::Create(kCache);
  ASSERT_TRUE(region);
  EXPECT_EQ(::ftruncate(region->fd(), 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(region->fd(), 1 << 20), -1);
  EXPECT_EQ(errno, EPERM);
}

TEST(RegionTest, AttachSaysWhichSizeIsWrong) {
  const auto region = Region::Create(kCache);
  ASSERT_TRUE(region);
  RegionSpec larger = kCache;
  larger.size = 20'000;
  const auto attached = Region::Attach(larger, UniqueFd(::dup(region->fd())));
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.error().message, "the shared cache has 10000 bytes instead of 20000");
  EXPECT_FALSE(Region::Attach(kCache, UniqueFd(::open("/dev/null", O_RDONLY))));
  EXPECT_FALSE(Region::Attach(kCache, UniqueFd()));
}

TEST(RegionSetTest, TheInstancesIsThereOnceAndEveryGenerationHasItsOwn) {
  RegionSet set;
  const std::vector<RegionSpec> specs = {kCache, {"queue", RegionLifetime::kGeneration, 10}};
  const auto first = set.OpenFor(specs);
  const auto second = set.OpenFor(specs);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->at(0), second->at(0));
  EXPECT_NE(first->at(1), second->at(1));
}

TEST(RegionSetTest, AnotherDefinitionIsAnotherMemoryBesideTheOld) {
  RegionSet set;
  const auto before = set.OpenFor({kCache});
  ASSERT_TRUE(before);
  RegionSpec larger = kCache;
  larger.size = 20'000;
  RegionSpec redefined = kCache;
  redefined.definition = "hash=murmur2";
  for (const RegionSpec& spec : {larger, redefined}) {
    const auto after = set.OpenFor({spec});
    ASSERT_TRUE(after);
    EXPECT_NE(after->front(), before->front());
    EXPECT_EQ(after->front()->spec(), spec);
  }
  EXPECT_EQ(set.OpenFor({kCache})->front(), before->front());
}

TEST(RegionSetTest, WhatNobodyHasAnyMoreIsMadeAnew) {
  RegionSet set;
  {
    const auto regions = set.OpenFor({kCache});
    ASSERT_TRUE(regions);
    regions->front()->data()[0] = std::byte{1};
  }
  EXPECT_EQ(set.OpenFor({kCache})->front()->data()[0], std::byte{0});
}

TEST(RegionSetTest, RefusesANameThatStandsTwice) {
  const auto twice = RegionSet().OpenFor({{"a", RegionLifetime::kGeneration, 1}, {"a", {}, 1}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message, "two kinds of shared memory are called a");
}

}  // namespace
}  // namespace uwsgi
