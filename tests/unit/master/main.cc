// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include "master/fake_zygote.h"

int main(int argc, char** argv) {
  uwsgi::BecomeFakeZygoteIfAsked();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
