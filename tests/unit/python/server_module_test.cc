// SPDX-License-Identifier: MIT

#include "python/server_module.h"

#include <gmock/gmock.h>

#include "python/current_request.h"
#include "python/fake_server_control.h"
#include "python/python_session.h"
#include "wsgi/fake_exchange.h"

namespace uwsgi::python {
namespace {

using wsgi::FakeExchange;

class ServerModuleTest : public testing::Test {
 protected:
  ServerModuleTest() {
    Session();
    control.snapshots = {
        {.id = 1, .pid = 10, .requests = 12, .respawn_count = 1, .apps = {{5, 1}, {7, 0}}},
        {.id = 2, .pid = 11, .status = "busy", .respawn_count = 3, .apps = {}}};
    control.fds = {900};
    Install();
  }
  ~ServerModuleTest() override { PyDict_DelItemString(PyImport_GetModuleDict(), "uwsgi"); }

  void Install(const std::vector<RawOption>& raw = {}) {
    EXPECT_TRUE(module.Install(control, raw, control.thread_count, {})) << TakeErrorText();
    names = RunPython("import uwsgi, sys");
  }
  std::string Eval(const std::string& expression) { return python::Eval(expression, names.get()); }

  FakeServerControl control;
  ServerModule module;
  Handle names;
};

struct Fact {
  const char* expression;
  const char* value;
};

TEST_F(ServerModuleTest, TellsFactsWithUwsgisTypes) {
  module.SetApps({{.id = 0, .mountpoint = "", .startup_seconds = 1, .chdir = "/srv"},
                  {.id = 1, .mountpoint = "/y", .startup_seconds = 1, .chdir = "/srv"}});
  const Fact facts[] = {
      {"sys.modules['uwsgi'] is uwsgi", "True"},
      {"uwsgi.version", "b'3.0.0.dev'"},
      {"uwsgi.version_info", "(3, 0, 0, 0, b'dev')"},
      {"uwsgi.version_info >= (2, 0, 30)", "True"},
      {"type(uwsgi.hostname)", "<class 'bytes'>"},
      {"uwsgi.numproc, uwsgi.cores, uwsgi.has_threads, uwsgi.buffer_size", "(2, 1, 1, 65535)"},
      {"uwsgi.started_on, uwsgi.is_a_reload", "(1700000000, False)"},
      {"uwsgi.applications, uwsgi.loop, uwsgi.unbit", "(None, None, None)"},
      {"uwsgi.sockets", "[900]"},
      {"uwsgi.magic_table[b'V'], uwsgi.magic_table[b'%']", "(b'3.0.0.dev', b'%')"},
      {"uwsgi.worker_id(), uwsgi.masterpid(), uwsgi.total_requests()", "(1, 4711, 77)"},
      {"type(uwsgi.workers()), len(uwsgi.workers())", "(<class 'tuple'>, 2)"},
      {"[w['status'] for w in uwsgi.workers()]", "[b'idle', b'busy']"},
      {"[w['respawn_count'] for w in uwsgi.workers()]", "[0, 2]"},
      {"uwsgi.workers()[0]['apps'][0]['chdir']", "b'/srv'"},
      {"[(a['requests'], a['exceptions']) for a in uwsgi.workers()[0]['apps']]",
       "[(5, 1), (7, 0)]"},
      {"uwsgi.workers()[0] is uwsgi.workers()[0]", "False"},
      {"[type(x) for x in uwsgi.mem()], uwsgi.mem()[0] > 0",
       "([<class 'int'>, <class 'int'>], True)"},
      {"type(uwsgi.logsize()), type(uwsgi.micros())", "(<class 'int'>, <class 'int'>)"},
      {"uwsgi.listen_queue(0)", "3"},
      {"uwsgi.listen_queue(1)", "ValueError: unable to find the listen queue of socket 1"},
      {"uwsgi.ready(), uwsgi.i_am_the_spooler()", "(True, None)"},
      {"uwsgi.log('line')", "True"},
  };
  for (const Fact& fact : facts) EXPECT_EQ(Eval(fact.expression), fact.value) << fact.expression;
  EXPECT_EQ(Eval("uwsgi.log(b'bytes')").substr(0, 2), "In");  // pybind11's TypeError text.
}

// Libraries choose their behaviour by hasattr.
TEST_F(ServerModuleTest, LacksWhatTheServerCanNotDo) {
  for (const char* name : {"cache_get", "lock", "spool", "mule_id", "mule_msg", "rpc",
                           "register_signal", "add_timer", "metric_get", "atexit", "post_fork_hook",
                           "after_req_hook", "spooler", "env", "set_user_harakiri", "sendfile"}) {
    EXPECT_EQ(Eval(std::string("hasattr(uwsgi, '") + name + "')"), "False") << name;
  }
}

TEST_F(ServerModuleTest, OptHoldsBytesAndTheLastOfRepeatedKeys) {
  const auto row = [](const char* name, const char* value, bool bare = false) {
    RawOption option;
    option.name = name;
    option.value = value;
    option.bare = bare;
    return option;
  };
  Install({row("socket", ":1"), row("socket", ":2"), row("lazy-apps", "", true),
           row("own-key", "secret"), row("skip-atexit", ""), row("empty", ""),
           row("processes", "5"), row("mode", "staging"), row("pidfile", "/run/site.pid")});
  const Fact facts[] = {
      {"type(uwsgi.opt)", "<class 'dict'>"},
      {"uwsgi.opt['socket'], uwsgi.opt['own-key']", "(b':2', b'secret')"},
      {"uwsgi.opt['lazy-apps'], uwsgi.opt['skip-atexit'], uwsgi.opt['empty']", "(True, True, b'')"},
      {"int(uwsgi.opt['processes'])", "5"},
      {"uwsgi.opt['enable-threads'], uwsgi.opt['py-call-uwsgi-fork-hooks']", "(True, True)"},
      {"uwsgi.opt['master']", "True"},
      {"uwsgi.mode, uwsgi.pidfile", "(b'staging', b'/run/site.pid')"},
      {"[k for k in uwsgi.opt if type(k) is not str]", "[]"},
  };
  for (const Fact& fact : facts) EXPECT_EQ(Eval(fact.expression), fact.value) << fact.expression;
  control.master = 0;
  Install();
  EXPECT_EQ(Eval("'master' in uwsgi.opt"), "False");
  EXPECT_EQ(Eval("[n for n in ('mode', 'pidfile') if hasattr(uwsgi, n)]"), "[]");
}

TEST_F(ServerModuleTest, AsksTheServer) {
  EXPECT_EQ(Eval("uwsgi.reload(), uwsgi.reload(17), uwsgi.stop('any', 1)"), "(True, True, True)");
  EXPECT_EQ(control.reloads, 2);
  EXPECT_EQ(control.stops, 1);
  control.master = 0;
  EXPECT_EQ(Eval("uwsgi.reload()"), "None");
  EXPECT_EQ(Eval("uwsgi.accepting(0), uwsgi.setprocname('my worker')"), "(None, None)");
  EXPECT_FALSE(control.accepting);
  EXPECT_EQ(control.process_name, "my worker");
}

TEST_F(ServerModuleTest, RaisesSystemErrorOutsideOfARequest) {
  for (const char* call :
       {"request_id()", "connection_fd()", "cl()", "set_logvar('a', 'b')", "get_logvar('a')",
        "log_this_request()", "disconnect()", "is_connected()", "suspend()"}) {
    EXPECT_EQ(Eval(std::string("uwsgi.") + call),
              "SystemError: you can call uwsgi api function only from the main callable")
        << call;
  }
}

TEST_F(ServerModuleTest, ActsOnTheThreadsRequest) {
  FakeExchange exchange;
  exchange.SetBody("12345");
  const CurrentRequestScope scope(exchange);
  EXPECT_EQ(Eval("uwsgi.request_id(), uwsgi.connection_fd(), uwsgi.cl()"), "(12, 42, 5)");
  EXPECT_EQ(Eval("uwsgi.set_logvar('key', b'value'), uwsgi.get_logvar(b'key')"),
            "(None, b'value')");
  EXPECT_EQ(Eval("uwsgi.get_logvar('other')"), "None");
  EXPECT_EQ(Eval("uwsgi.set_logvar('key', 1)"), "TypeError: expected str or bytes");
  Eval("uwsgi.set_logvar('long', 'x' * 300)");
  EXPECT_EQ(exchange.log_vars["long"].size(), 255U);
  EXPECT_EQ(Eval("uwsgi.is_connected(42), uwsgi.is_connected()"), "(True, True)");
  EXPECT_EQ(Eval("uwsgi.disconnect(), uwsgi.is_connected(42)"), "(None, False)");
  EXPECT_EQ(Eval("uwsgi.log_this_request(), uwsgi.suspend()"), "(None, True)");
  EXPECT_TRUE(exchange.forced_log);
}

TEST_F(ServerModuleTest, ShowsEnvOnlyWithoutThreads) {
  FakeExchange exchange;
  const CurrentRequestScope scope(exchange);
  const Handle dict = Handle::Steal(PyDict_New());
  const CurrentEnvironScope shown(dict.get());
  EXPECT_EQ(Eval("uwsgi.env"), "{}");
  control.thread_count = 2;
  Install();
  EXPECT_EQ(Eval("uwsgi.env"), "AttributeError: module 'uwsgi' has no attribute 'env'");
}

TEST_F(ServerModuleTest, HooksAreAttributesThatTheApplicationSets) {
  Eval("setattr(uwsgi, 'atexit', lambda: uwsgi.opt.update(ran=True))");
  module.CallHook("atexit");
  EXPECT_EQ(Eval("uwsgi.opt['ran']"), "True");
  module.CallHook("post_fork_hook");  // Not set: nothing happens.
  Eval("setattr(uwsgi, 'atexit', lambda: 1/0)");
  testing::internal::CaptureStderr();
  module.CallHook("atexit");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("ZeroDivisionError"));
  EXPECT_EQ(PyErr_Occurred(), nullptr);
}

TEST_F(ServerModuleTest, DecoratorsChainAndStartThreads) {
  const Handle ran = RunPython(R"(
import sys
sys.modules.pop('uwsgidecorators', None)
import uwsgi, uwsgidecorators
calls = []
@uwsgidecorators.postfork
def first(): calls.append('first')
@uwsgidecorators.postfork(1)
def mine(): calls.append('worker 1')
@uwsgidecorators.postfork(2)
def other(): calls.append('worker 2')
@uwsgidecorators.postfork
@uwsgidecorators.thread
def threaded(): calls.append('thread')
uwsgidecorators.postfork_chain.append(lambda: calls.append('appended'))
uwsgi.post_fork_hook()
import threading
for t in threading.enumerate():
    if t.name == 'threaded': t.join()
mine()
)");
  EXPECT_EQ(python::Eval("sorted(calls)", ran.get()),
            "['appended', 'first', 'thread', 'worker 1', 'worker 1']");
  EXPECT_EQ(python::Eval("hasattr(uwsgidecorators, 'timer')", ran.get()), "False");
}

TEST_F(ServerModuleTest, DecoratorsNeedAMaster) {
  control.master = 0;
  RunPython("import sys; sys.modules.pop('uwsgidecorators', None)");
  EXPECT_EQ(Eval("__import__('uwsgidecorators')"),
            "Exception: you have to enable the uWSGI master process to use this module");
}

}  // namespace
}  // namespace uwsgi::python
