// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include "os/process.h"

namespace uwsgi::testing {
namespace {

// As every process of the server has it: a peer that left is an error of the write.
class IgnoredWriteSignals : public ::testing::Environment {
 public:
  void SetUp() override { os::IgnoreWriteSignals(); }
};

[[maybe_unused]] const auto* const kRegistered =
    ::testing::AddGlobalTestEnvironment(new IgnoredWriteSignals);

}  // namespace
}  // namespace uwsgi::testing
