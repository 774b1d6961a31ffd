// SPDX-License-Identifier: MIT

#include "wsgi/wsgi_app_host.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "python/fake_server_control.h"
#include "python/python_session.h"
#include "wsgi/fake_exchange.h"

namespace uwsgi::wsgi {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kApp = R"(
def application(environ, start_response):
    start_response('200 OK', [])
    return [(environ['SCRIPT_NAME'] + '|' + environ['PATH_INFO']).encode()]
other = application
def factory():
    return application
not_callable = 3
)";

class WsgiAppHostTest : public testing::Test {
 protected:
  WsgiAppHostTest() {
    python::Session();
    char pattern[] = "/tmp/uwsgi-host-XXXXXX";
    folder = ::mkdtemp(pattern);
    // Modules of one name in several tests would be found in sys.modules.
    static int count = 0;
    module = "host_app_" + std::to_string(++count);
    Write(module + ".py", kApp);
    app.python_path = {folder};
  }
  ~WsgiAppHostTest() override { std::filesystem::remove_all(folder); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder + "/" + name) << text;
  }

  // Whether the applications could be loaded; what was logged is in `log`.
  bool Load() {
    host = std::make_unique<WsgiAppHost>(HostOptions{.app = app, .raw = {}}, control);
    testing::internal::CaptureStderr();
    const std::string error = host->Start();
    EXPECT_EQ(error, "");
    const bool loaded = host->LoadApps();
    log = testing::internal::GetCapturedStderr();
    return loaded;
  }

  std::string Serve(const std::string& path) {
    FakeExchange exchange;
    exchange.Set("PATH_INFO", path);
    host->gateway().Handle(exchange);
    return exchange.writer.body;
  }

  std::string folder;
  std::string module;
  AppOptions app;
  FakeServerControl control;
  std::unique_ptr<WsgiAppHost> host;
  std::string log;
};

TEST_F(WsgiAppHostTest, LoadsAModule) {
  app.module = module;
  ASSERT_TRUE(Load()) << log;
  EXPECT_EQ(Serve("/x"), "|/x");
  EXPECT_THAT(log, testing::ContainsRegex("WSGI app 0 \\(mountpoint=''\\) ready in "
                                          "[0-9]\\.[0-9]{3} seconds pid: " +
                                          std::to_string(::getpid()) + " \\(default app\\)"));
}

TEST_F(WsgiAppHostTest, LoadsEveryFormOfTarget) {
  for (const char* form : {":application", ":other", ":factory()"}) {
    app.module = module + form;
    EXPECT_TRUE(Load()) << form << log;
    EXPECT_EQ(Serve("/x"), "|/x") << form;
  }
  const std::string file = folder + "/" + module + ".py";
  for (const char* callable : {"other", "factory()"}) {
    app.callable = callable;
    app.module = module;
    EXPECT_TRUE(Load()) << callable << log;
    EXPECT_EQ(Serve("/x"), "|/x") << callable;
    app.module = "";
    app.wsgi_file = file;
    EXPECT_TRUE(Load()) << callable << log;
    EXPECT_EQ(Serve("/x"), "|/x") << callable;
  }
  app.wsgi_file = file + ":factory()";
  EXPECT_TRUE(Load()) << log;
  EXPECT_EQ(Serve("/x"), "|/x");
}

TEST_F(WsgiAppHostTest, ABareArgumentFindsTheApplication) {
  const char* const bodies[] = {"app = application\ndel application\n",
                                "def create_app():\n    return other\ndel application\n", ""};
  for (const char* body : bodies) {
    Write("app.py", std::string(kApp) + body);
    for (const std::string& text : {folder + "/app.py", folder}) {
      python::RunPython("import sys\nsys.modules.pop('app', None)");
      std::filesystem::remove_all(folder + "/__pycache__");  // Files of one second and size.
      app.serve = text;
      EXPECT_TRUE(Load()) << body << log;
      EXPECT_EQ(Serve("/x"), "|/x") << body;
    }
  }
}

TEST_F(WsgiAppHostTest, ErrorsPointOn) {
  std::filesystem::current_path("/");  // Where no environment is.
  Write("flask_like.py", "def app(environ, start_response): return []\n");
  app.wsgi_file = folder + "/flask_like.py";
  EXPECT_FALSE(Load());
  const std::string file = folder + "/flask_like.py";
  EXPECT_THAT(log, HasSubstr("unable to find \"application\" callable in file " + file + " (" +
                             file + " has app, no application: use " + file + ":app)"));
  Write("needs.py", "import no_such_package\n");
  std::filesystem::create_directory(folder + "/.venv");
  Write(".venv/pyvenv.cfg", "");
  app.wsgi_file = folder + "/needs.py";
  EXPECT_FALSE(Load());
  EXPECT_THAT(log, HasSubstr("ModuleNotFoundError: No module named 'no_such_package'"));
  EXPECT_THAT(log,
              HasSubstr("the environment " + folder +
                        "/.venv is there, but not in use: start with --home " + folder + "/.venv"));
}

TEST_F(WsgiAppHostTest, ModuleWinsOverAFileThatDoesNotExist) {
  app.module = module;
  app.wsgi_file = "/nowhere/wsgi.py";
  ASSERT_TRUE(Load());
  EXPECT_THAT(log, Not(HasSubstr("nowhere")));
}

TEST_F(WsgiAppHostTest, MountsSeveral) {
  app.module = module;
  app.mounts = {{"/file", folder + "/" + module + ".py"}, {"/obj", module + ":other"}};
  app.manage_script_name = true;
  ASSERT_TRUE(Load()) << log;
  EXPECT_EQ(Serve("/file/x"), "/file|/x");
  EXPECT_EQ(Serve("/obj"), "/obj|");
  EXPECT_EQ(Serve("/else"), "|/else");
  EXPECT_THAT(log, HasSubstr("mounting " + module + ":other on /obj"));
}

TEST_F(WsgiAppHostTest, MountsTheDictOfApplications) {
  Write(module + "_many.py",
        std::string(kApp) +
            "applications = {'/a': application, b'/b': 'other', '/c': 'factory()'}\n");
  app.module = module + "_many";
  app.manage_script_name = true;
  ASSERT_TRUE(Load()) << log;
  EXPECT_EQ(Serve("/a/x"), "/a|/x");
  EXPECT_EQ(Serve("/b/x"), "/b|/x");
  EXPECT_EQ(Serve("/c/x"), "/c|/x");
}

// As proxies and mocks do.
TEST_F(WsgiAppHostTest, AnApplicationMayHaveEveryAttribute) {
  Write(module + "_proxy.py",
        "class Proxy:\n"
        "    def __getattr__(self, name): return self\n"
        "    def __call__(self, environ, start_response): return []\n"
        "application = Proxy()\n");
  app.module = module + "_proxy";
  EXPECT_TRUE(Load()) << log;
}

TEST_F(WsgiAppHostTest, SaysWhyAnApplicationCanNotBeLoaded) {
  Write(module + "_bad.py", "import json\nraise ValueError('at import')\n");
  Write(module + "_asgi.py", "async def application(scope, receive, send): pass\n");
  Write(module + "_asgi_partial.py",
        "from functools import partial\n"
        "async def serve(site, scope, receive, send): pass\n"
        "application = partial(serve, 1)\n");
  Write(module + "_asgi_object.py",
        "class Site:\n"
        "    async def __call__(self, scope, receive, send): pass\n"
        "application = Site()\n");
  const std::pair<std::string, const char*> cases[] = {
      {"no_such_module_at_all", "ModuleNotFoundError: No module named 'no_such_module_at_all'"},
      {module + "_bad", "ValueError: at import"},
      {module + ":missing", "unable to find \"missing\" callable in module "},
      {module + ":not_callable", "\"not_callable\" must be a callable object in module "},
      {module + "_asgi", "is an ASGI one"},
      {module + "_asgi_partial", "is an ASGI one"},
      {module + "_asgi_object", "is an ASGI one"},
  };
  for (const auto& [target, logged] : cases) {
    app.module = target;
    EXPECT_FALSE(Load()) << target;
    EXPECT_THAT(log, HasSubstr(logged));
    EXPECT_THAT(log, HasSubstr("unable to load app 0 (mountpoint='') (callable not found or import "
                               "error)"));
    EXPECT_THAT(log, HasSubstr("*** no app loaded. GAME OVER ***"));
  }
  app.module = "";
  app.wsgi_file = "/nowhere/wsgi.py";
  EXPECT_FALSE(Load());
  EXPECT_THAT(log, HasSubstr("cannot read /nowhere/wsgi.py: No such file or directory"));
}

TEST_F(WsgiAppHostTest, GoesOnWithoutAnAppWhenNoneIsNeeded) {
  app.need_app = false;
  EXPECT_TRUE(Load());
  EXPECT_THAT(log, HasSubstr("*** no app loaded. going in full dynamic mode ***"));
}

TEST_F(WsgiAppHostTest, AMountThatFailsIsAlwaysFatal) {
  app.module = module;
  app.mounts = {{"/x", "no_such_module_at_all:app"}};
  app.need_app = false;
  EXPECT_FALSE(Load());
}

TEST_F(WsgiAppHostTest, ImportsWhatIsAskedForAndSurvivesFailures) {
  Write(module + "_shared.py", "import sys; sys.shared_was_here = True\n");
  app.shared_imports = {module + "_shared", "no_such_module_at_all"};
  app.imports = {folder + "/" + module + "_shared.py"};
  app.module = module;
  EXPECT_TRUE(Load());
  EXPECT_EQ(python::Eval("__import__('sys').shared_was_here"), "True");
  EXPECT_THAT(log, HasSubstr("cannot import module no_such_module_at_all"));
}

// The life of a zygote and its worker: freeze, fork, hook, request threads, exit.
TEST_F(WsgiAppHostTest, ServesInAForkedChildAndRunsItsHooks) {
  Write(module + "_forked.py", std::string(kApp) + R"(
import atexit, os, threading, uwsgi
from uwsgidecorators import postfork
note = lambda text: os.write(2, text.encode() + b'\n')
threading.Thread(target=threading.Event().wait, name='stuck').start()
os.register_at_fork(after_in_child=lambda: note('at fork'))
@postfork
def hook(): note('postfork')
uwsgi.atexit = lambda: note('uwsgi.atexit')
atexit.register(note, 'atexit')
)");
  app.module = module + "_forked";
  ASSERT_TRUE(Load()) << log;
  testing::internal::CaptureStderr();
  host->BeforeFork();
  const pid_t child = ::fork();
  if (child == 0) {
    host->AfterForkInChild();
    host->RunPostForkHook();
    host->ReleaseMainThread();
    std::string body;
    std::thread thread([&] {
      Gateway& gateway = host->gateway();
      gateway.AttachThread(0, "uWSGIWorker1Core0");
      gateway.Acquire();
      body = Serve("/in-thread");
      gateway.Release();
      gateway.DetachThread();
    });
    thread.join();
    host->ReacquireMainThread();
    host->Shutdown();
    ::_exit(body == "|/in-thread" ? 0 : 1);
  }
  host->AfterForkInParent();
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "at fork\npostfork\nuwsgi.atexit\natexit\n");
}

}  // namespace
}  // namespace uwsgi::wsgi
