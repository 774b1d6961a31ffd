// SPDX-License-Identifier: MIT

#include "os/process_facts.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <thread>

namespace uwsgi::os {
namespace {

TEST(ProcessFactsTest, AreThoseOfThisMachineAndThisUser) {
  utsname names{};
  ASSERT_EQ(::uname(&names), 0);
  const ProcessFacts facts = ProcessFacts::OfThisProcess(1234, ProgramOfThisProcess());
  EXPECT_EQ(facts.host_name, names.nodename);
  EXPECT_EQ(facts.user_id, ::getuid());
  const auto by_letter = facts.ByLetter();
  EXPECT_EQ(by_letter.at('h'), names.nodename);
  EXPECT_EQ(by_letter.at('t'), "1234");
  EXPECT_EQ(by_letter.at('T'), "1234000000");
  EXPECT_EQ(by_letter.at('u'), std::to_string(::getuid()));
}

TEST(ProcessFactsTest, CountProcessorsThatTheProcessMayRunOn) {
  int count = 0;
  std::thread([&count] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    count = ProcessFacts::OfThisProcess(0, "").cpu_count;
  }).join();
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace uwsgi::os
