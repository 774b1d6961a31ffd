// SPDX-License-Identifier: MIT

#include "ipc/boot_packet.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "ipc/link_ends.h"

namespace uwsgi {
namespace {

ino_t InodeOf(int fd) {
  struct stat info {};
  ::fstat(fd, &info);
  return info.st_ino;
}

TEST(BootPacketTest, CarriesTheContextTheOptionsAndTheDescriptors) {
  const Ends ends = MakeEnds();
  auto scoreboard = Scoreboard::Create(4, 30);
  ASSERT_TRUE(scoreboard);
  int lifeline[2];
  int handoff[2];
  ASSERT_EQ(::pipe(lifeline), 0);
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, handoff), 0);
  const UniqueFd first(::socket(AF_INET, SOCK_STREAM, 0));
  const UniqueFd second(::socket(AF_UNIX, SOCK_STREAM, 0));

  GenerationContext context;
  context.number = 7;
  context.master_pid = 1234;
  context.started_on = 1'700'000'000;
  context.working_directory = "/srv/a site: with:colons";
  context.scoreboard = &*scoreboard;
  context.lifeline_fd = lifeline[0];
  context.handoff_send_fd = handoff[0];
  context.handoff_receive_fd = handoff[1];
  context.listeners = {
      {first.get(), Wire::kHttp, AddressFamily::kTcp6, "[::1]:8000", "::1", "8000"},
      {second.get(), Wire::kUwsgi, AddressFamily::kUnix, "/run/site.sock", "", "80", 3, true}};
  // Longer than any packet, with every byte.
  std::string options;
  for (int i = 0; i < 500'000; ++i) options += static_cast<char>(i);

  ASSERT_TRUE(SendBootPacket(*ends.master, context, {options, "tls"}));
  auto booted = ReceiveBootPacket(std::make_unique<Link>(UniqueFd(::dup(ends.zygote->fd()))));
  ASSERT_TRUE(booted) << booted.error().message;
  EXPECT_EQ(booted->texts.options, options);
  EXPECT_EQ(booted->texts.tls, "tls");
  const GenerationContext& got = booted->context;
  EXPECT_EQ(got.number, 7);
  EXPECT_EQ(got.master_pid, 1234);
  EXPECT_EQ(got.started_on, 1'700'000'000);
  EXPECT_EQ(got.working_directory, context.working_directory);
  EXPECT_EQ(got.scoreboard->threads(), 30);
  EXPECT_EQ(InodeOf(got.lifeline_fd), InodeOf(lifeline[0]));
  EXPECT_EQ(InodeOf(got.handoff_send_fd), InodeOf(handoff[0]));
  EXPECT_EQ(InodeOf(got.handoff_receive_fd), InodeOf(handoff[1]));
  ASSERT_EQ(got.listeners.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(InodeOf(got.listeners[i].fd), InodeOf(context.listeners[i].fd));
    EXPECT_EQ(got.listeners[i].wire, context.listeners[i].wire);
    EXPECT_EQ(got.listeners[i].family, context.listeners[i].family);
    EXPECT_EQ(got.listeners[i].name, context.listeners[i].name);
    EXPECT_EQ(got.listeners[i].host, context.listeners[i].host);
    EXPECT_EQ(got.listeners[i].port, context.listeners[i].port);
    EXPECT_EQ(got.listeners[i].tls, context.listeners[i].tls);
    EXPECT_EQ(got.listeners[i].is_redirect, context.listeners[i].is_redirect);
  }
  EXPECT_EQ(got.link, booted->link.get());
  EXPECT_TRUE(got.regions.empty());
  for (const int fd : {lifeline[0], lifeline[1], handoff[0], handoff[1]}) ::close(fd);
}

TEST(BootPacketTest, OneWorkerNeedsNoHandOver) {
  const Ends ends = MakeEnds();
  auto scoreboard = Scoreboard::Create(1, 1);
  ASSERT_TRUE(scoreboard);
  GenerationContext context;
  context.scoreboard = &*scoreboard;
  context.lifeline_fd = 0;
  ASSERT_TRUE(SendBootPacket(*ends.master, context, {}));
  auto booted = ReceiveBootPacket(std::make_unique<Link>(UniqueFd(::dup(ends.zygote->fd()))));
  ASSERT_TRUE(booted);
  EXPECT_EQ(booted->context.handoff_send_fd, -1);
  EXPECT_TRUE(booted->context.listeners.empty());
}

Result<BootedGeneration> Boot(Scoreboard& scoreboard, const SharedRegions& regions) {
  const Ends ends = MakeEnds();
  GenerationContext context;
  context.scoreboard = &scoreboard;
  context.lifeline_fd = 0;
  for (const auto& region : regions) context.regions.push_back(region.get());
  if (auto sent = SendBootPacket(*ends.master, context, {}); !sent) return sent.error();
  return ReceiveBootPacket(std::make_unique<Link>(UniqueFd(::dup(ends.zygote->fd()))));
}

TEST(BootPacketTest, ARegionOfTheInstanceIsTheSameMemoryAtTheNextBoot) {
  const std::vector<RegionSpec> specs = {{"cache", RegionLifetime::kInstance, 5000},
                                         {"queue", RegionLifetime::kGeneration, 70}};
  auto scoreboard = Scoreboard::Create(1, 1);
  ASSERT_TRUE(scoreboard);
  RegionSet set;
  const auto first = set.OpenFor(specs);
  ASSERT_TRUE(first);
  for (const std::byte expected : {std::byte{0}, std::byte{7}}) {
    const auto regions = set.OpenFor(specs);
    ASSERT_TRUE(regions);
    auto booted = Boot(*scoreboard, *regions);
    ASSERT_TRUE(booted) << booted.error().message;
    const Region* const cache = FindRegion(booted->context, "cache");
    const Region* const queue = FindRegion(booted->context, "queue");
    ASSERT_TRUE(cache != nullptr && queue != nullptr);
    EXPECT_EQ(FindRegion(booted->context, "other"), nullptr);
    EXPECT_EQ(cache->spec(), specs[0]);
    EXPECT_EQ(cache->fd(), -1);
    EXPECT_EQ(cache->data()[4999], expected);
    EXPECT_EQ(queue->data()[69], std::byte{0});
    cache->data()[4999] = std::byte{7};
    queue->data()[69] = std::byte{7};
  }
}

TEST(BootPacketTest, RefusesWhatIsNoBootPacket) {
  for (const char* text :
       {"", "1:", "1:x", "99:1", "1:1,1:1", "-1:1", "1:21:a1:b", "1:28:lifeline1:b"}) {
    const Ends ends = MakeEnds();
    ASSERT_TRUE(ends.master->SendBoot(text, {0, 1}));
    EXPECT_FALSE(ReceiveBootPacket(std::make_unique<Link>(UniqueFd(::dup(ends.zygote->fd())))))
        << text;
  }
}

}  // namespace
}  // namespace uwsgi
