// SPDX-License-Identifier: MIT

#include "python/app_target.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace uwsgi::python {
namespace {

using testing::HasSubstr;

TEST(AppTargetTest, ReadsModules) {
  EXPECT_EQ(ParseAppTarget("pkg.mod"), (AppTarget{false, "pkg.mod", {}}));
  EXPECT_EQ(ParseAppTarget("pkg.mod:app"), (AppTarget{false, "pkg.mod", {"app", false}}));
  EXPECT_EQ(ParseAppTarget("pkg.mod:make()"), (AppTarget{false, "pkg.mod", {"make", true}}));
  EXPECT_EQ(ParseAppTarget("pkg:site.app"), (AppTarget{false, "pkg", {"site.app", false}}));
}

TEST(AppTargetTest, ReadsFiles) {
  EXPECT_EQ(ParseAppTarget("/srv/app.py"), (AppTarget{true, "/srv/app.py", {}}));
  EXPECT_EQ(ParseAppTarget("./site.wsgi"), (AppTarget{true, "./site.wsgi", {}}));
  EXPECT_EQ(ParseFileTarget("site.wsgi"), (AppTarget{true, "site.wsgi", {}}));
  EXPECT_EQ(ParseAppTarget("app.py:make()"), (AppTarget{true, "app.py", {"make", true}}));
  EXPECT_EQ(ParseFileTarget("app.py:make()"), (AppTarget{true, "app.py", {"make", true}}));
  EXPECT_EQ(ParseFileTarget("a:b.py:app"), (AppTarget{true, "a:b.py", {"app", false}}));
  EXPECT_EQ(ParseFileTarget("/srv/a:b"), (AppTarget{true, "/srv/a:b", {}}));
}

TEST(AppTargetTest, TakesTheWsgiOfAProjectForAModule) {
  const AppTarget module{false, "mysite.wsgi", {"application", false}};
  EXPECT_EQ(ParseModuleTarget("mysite.wsgi:application"), module);
  EXPECT_EQ(ParseAppTarget("mysite.wsgi:application"), module);
  EXPECT_EQ(ParseModuleTarget("mysite.wsgi"), (AppTarget{false, "mysite.wsgi", {}}));
  const TempDir folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  folder.Write("mysite.wsgi", "");
  EXPECT_EQ(ParseAppTarget("mysite.wsgi"), (AppTarget{true, "mysite.wsgi", {}}));
  EXPECT_EQ(ParseModuleTarget("mysite.wsgi"), (AppTarget{false, "mysite.wsgi", {}}));
  std::filesystem::current_path(before);
}

// As the real uWSGI 2.0.21 names them.
TEST(AppTargetTest, NamesTheModuleOfAFileAsUwsgiDoes) {
  const std::pair<const char*, const char*> names[] = {
      {"/tmp/pyo/a/b_app.py", "uwsgi_file__tmp_pyo_a_b_app"},
      {"./a/b_app.py", "uwsgi_file___a_b_app"},
      {"../pyo/rel.py", "uwsgi_file____pyo_rel"},
      {"a/b-app.d.py", "uwsgi_file_a_b-app_d"},
      {"a/site.wsgi", "uwsgi_file_a_site_wsgi"},
      {"a/plain", "uwsgi_file_a_plain"},
      {"a/x.PY", "uwsgi_file_a_x_PY"},
      {"a/y.py.py", "uwsgi_file_a_y_py"},
      {"a/sp ace.py", "uwsgi_file_a_sp ace"},
  };
  for (const auto& [path, name] : names) EXPECT_EQ(ModuleNameOfApp(path), name);
  EXPECT_EQ(ModuleNameOfImport("a/b_app.py"), "a_b_app");
  EXPECT_EQ(ModuleNameOfImport("rel.py"), "rel");
}

TEST(AppTargetTest, FindsTheApplicationOfAFolder) {
  const TempDir folder;
  EXPECT_EQ(FindAppInFolder(folder.path()).error().message,
            folder.path() + " has neither wsgi.py nor app.py: name the file or the module");
  std::filesystem::create_directory(folder.path() + "/shop");
  std::ofstream(folder.path() + "/shop/wsgi.py") << "\n";
  EXPECT_THAT(FindAppInFolder(folder.path()).error().message,
              HasSubstr("such as shop.wsgi:application"));
  std::ofstream(folder.path() + "/app.py") << "\n";
  EXPECT_EQ(*FindAppInFolder(folder.path()), (AppTarget{false, "app", {}}));
  std::ofstream(folder.path() + "/wsgi.py") << "\n";
  EXPECT_EQ(*FindAppInFolder(folder.path()), (AppTarget{false, "wsgi", {}}));
}

}  // namespace
}  // namespace uwsgi::python
