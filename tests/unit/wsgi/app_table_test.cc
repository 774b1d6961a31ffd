// SPDX-License-Identifier: MIT

#include "wsgi/app_table.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>

namespace uwsgi::wsgi {
namespace {

constexpr int kNone = -1;

struct Case {
  AppOptions options;
  std::vector<const char*> mounts;
  const char* script_name;
  const char* path_info;
  int app;
  const char* new_script_name = nullptr;  // Null: not rewritten.
  const char* new_path_info = nullptr;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << "SCRIPT_NAME=" << row.script_name << " PATH_INFO=" << row.path_info << " mounts:";
  for (const char* mount : row.mounts) *out << " '" << mount << "'";
}

AppOptions With(std::initializer_list<bool AppOptions::*> flags) {
  AppOptions options;
  for (const auto flag : flags) options.*flag = true;
  return options;
}

const AppOptions kPlain;
const AppOptions kManage = With({&AppOptions::manage_script_name});
const AppOptions kManageOnly = With({&AppOptions::manage_script_name, &AppOptions::no_default_app});
const AppOptions kIgnore = With({&AppOptions::ignore_script_name});
const AppOptions kNoDefault = With({&AppOptions::no_default_app});
const AppOptions kVhost = With({&AppOptions::vhost});

class ChooseTest : public testing::TestWithParam<Case> {};

TEST_P(ChooseTest, FindsTheApplication) {
  const Case& row = GetParam();
  AppTable table(row.options);
  for (const char* mount : row.mounts) table.Add(mount, {});
  Request request;
  request.script_name = row.script_name;
  request.path_info = row.path_info;
  request.host = "host.example";
  const AppChoice choice = table.Choose(request);
  EXPECT_EQ(choice.app == nullptr ? kNone : choice.app->id, row.app);
  EXPECT_EQ(choice.rewritten, row.new_script_name != nullptr);
  if (row.new_script_name == nullptr || choice.app == nullptr) return;
  EXPECT_EQ(choice.script_name, row.new_script_name);
  EXPECT_EQ(choice.path_info, row.new_path_info);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ChooseTest,
    testing::Values(Case{kPlain, {""}, "", "/x", 0}, Case{kPlain, {""}, "/foo", "/x", 0},
                    Case{kPlain, {"/foo"}, "", "/bar", 0},  // The only mount is the default.
                    Case{kPlain, {"/foo", "/bar"}, "/bar", "/x", 1},
                    Case{kPlain, {"/foo", "/bar"}, "", "/bar/x", 0},
                    Case{kPlain, {"example.com"}, "", "/x", kNone},  // Can not be a default.
                    Case{kPlain, {}, "", "/x", kNone}, Case{kIgnore, {"", "/foo"}, "/foo", "/x", 0},
                    Case{kNoDefault, {"/foo"}, "/bar", "/x", kNone},
                    Case{kNoDefault, {"/foo"}, "/foo", "/x", 0},
                    Case{kVhost, {"host.example|", "other|"}, "", "/", 0},
                    Case{kManage, {"", "/foo"}, "", "/foo/x", 1, "/foo", "/x"},
                    Case{kManage, {"", "/foo"}, "", "/foo", 1, "/foo", ""},
                    Case{kManage, {"", "/foo"}, "", "/foobar", 0, "", "/foobar"},
                    Case{kManage, {"", "/foo"}, "/sent", "/x", 0, "", "/x"},
                    Case{kManage, {"/foo/"}, "", "/foo/x", 0, "/foo", "/x"},
                    Case{kManage, {"/foo/"}, "", "/foo", 0, "/foo", ""},
                    Case{kManage, {"/"}, "", "/x", 0, "", "/x"},
                    Case{kManage, {"/a", "/a/b"}, "", "/a/b/c", 1, "/a/b", "/c"},
                    Case{kManage, {"/a/b", "/a"}, "", "/a/b/c", 0, "/a/b", "/c"},
                    Case{kManage, {"/foo"}, "", "/bar", 0, "", "/bar"},
                    Case{kManageOnly, {"/foo"}, "", "/bar", kNone, "", "/bar"}));

TEST(AppTableTest, TheFrontEndMayNameTheApplication) {
  AppTable table(kManage);
  table.Add("/foo", {});
  table.Add("secret", {});
  Request request;
  request.path_info = "/foo/x";
  request.vars.push_back({"UWSGI_APPID", "secret"});
  const AppChoice choice = table.Choose(request);
  EXPECT_EQ(choice.app->id, 1);
  EXPECT_EQ(choice.script_name, "/foo");
}

TEST(AppTableTest, Modifier30TakesScriptNameOffThePath) {
  AppTable table(kPlain);
  table.Add("/foo", {});
  Request request;
  request.modifier1 = 30;
  request.script_name = "/foo";
  request.path_info = "/foo/x";
  EXPECT_EQ(table.Choose(request).path_info, "/x");
  request.path_info = "/foobar";
  EXPECT_FALSE(table.Choose(request).rewritten);
}

}  // namespace
}  // namespace uwsgi::wsgi
