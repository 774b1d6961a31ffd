// SPDX-License-Identifier: MIT

#include "wsgi/environ_builder.h"

#include <gmock/gmock.h>

#include <random>

#include "wsgi/gateway_fixture.h"

namespace uwsgi::wsgi {
namespace {

using python::Handle;

class EnvironBuilderTest : public testing::Test {
 protected:
  EnvironBuilderTest() : builder(keys, (python::Session(), Base())) {}

  static Handle Base() {
    Handle base = Handle::Steal(PyDict_New());
    PyDict_SetItemString(base.get(), "server", Py_None);
    return base;
  }
  std::string Build(const std::vector<Var>& vars, std::string_view scheme = "http") {
    Request request;
    request.vars = vars;
    request.scheme = scheme;
    last = builder.Build(request);
    const Handle text = Handle::Steal(PyObject_Repr(last.get()));
    return PyUnicode_AsUTF8(text.get());
  }

  python::Interpreter& session = python::Session();
  KeyTable keys;
  EnvironBuilder builder;
  Handle last;
};

TEST_F(EnvironBuilderTest, DecodesLatin1) {
  EXPECT_EQ(Build({{"PATH_INFO", "/\xc3\xa9"}, {"HTTP_X_OWN", "\xff"}}),
            "{'server': None, 'PATH_INFO': '/Ã©', 'HTTP_X_OWN': 'ÿ', 'wsgi.url_scheme': 'http'}");
}

TEST_F(EnvironBuilderTest, LastDuplicateCounts) {
  const std::vector<Var> vars = {{"A", "1"}, {"A", "2"}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Build(vars), "{'server': None, 'A': '2', 'wsgi.url_scheme': 'http'}");
  }
  EXPECT_EQ(Build({{"A", "3"}, {"A", "2"}}),
            "{'server': None, 'A': '2', 'wsgi.url_scheme': 'http'}");
}

TEST_F(EnvironBuilderTest, EveryDictIsFresh) {
  Build({{"PATH_INFO", "/"}});
  PyDict_SetItemString(last.get(), "PATH_INFO", Py_None);
  PyDict_SetItemString(last.get(), "left.behind", Py_None);
  EXPECT_EQ(Build({{"PATH_INFO", "/"}}),
            "{'server': None, 'PATH_INFO': '/', 'wsgi.url_scheme': 'http'}");
}

TEST_F(EnvironBuilderTest, ReusesStringsOfTheLastRequest) {
  Build({{"SERVER_NAME", "a rather long name"}});
  const Handle first = Handle::Share(PyDict_GetItemString(last.get(), "SERVER_NAME"));
  Build({{"SERVER_NAME", "a rather long name"}});
  EXPECT_EQ(PyDict_GetItemString(last.get(), "SERVER_NAME"), first.get());
}

// The builder's memory of earlier requests must never show.
TEST_F(EnvironBuilderTest, EqualsWhatAnEmptyBuilderMakes) {
  const std::string_view names[] = {
      "PATH_INFO", "HTTP_HOST", "HTTP_COOKIE", "HTTP_X_A", "HTTP_X_B", "CONTENT_TYPE", ""};
  const std::string_view values[] = {"", "a", "b", "a long value \xe9"};
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    Request request;
    const std::size_t count = random() % 5;
    for (std::size_t k = 0; k < count; ++k) {
      // Mostly in the same order, as from one front end.
      const std::size_t name = random() % 4 == 0 ? random() % std::size(names) : k;
      request.vars.push_back({names[name], values[random() % std::size(values)]});
    }
    request.scheme = random() % 5 == 0 ? "https" : "http";
    EnvironBuilder fresh(keys, Base());
    const Handle expected = fresh.Build(request);
    const Handle got = builder.Build(request);
    ASSERT_EQ(PyObject_RichCompareBool(got.get(), expected.get(), Py_EQ), 1);
  }
}

TEST_F(EnvironBuilderTest, InternsTheUsualKeys) {
  PyObject* key = keys.Find("REQUEST_METHOD");
  ASSERT_NE(key, nullptr);
  const Handle interned = Handle::Steal(PyUnicode_InternFromString("REQUEST_METHOD"));
  EXPECT_EQ(key, interned.get());
  EXPECT_EQ(keys.Find("REQUEST_METHOE"), nullptr);
  EXPECT_EQ(keys.Find(""), nullptr);
}

TEST_F(GatewayTest, EnvironHasTheServersKeysWithTheirTypes) {
  Configure(nullptr, 4);
  Load(R"(
seen = {}
def application(environ, start_response):
    seen.clear()
    seen.update(environ)
    start_response('200 OK', [])
    return [])");
  exchange.fake_request.core = 3;
  Serve();
  EXPECT_EQ(Eval("seen['wsgi.version']"), "(1, 0)");
  EXPECT_EQ(Eval("seen['wsgi.multithread'], seen['wsgi.multiprocess'], seen['wsgi.run_once']"),
            "(True, False, False)");
  EXPECT_EQ(Eval("type(seen['uwsgi.version']), type(seen['uwsgi.node']), seen['uwsgi.core']"),
            "(<class 'bytes'>, <class 'bytes'>, 3)");
  EXPECT_EQ(Eval("seen['wsgi.errors'].name, seen['wsgi.errors'].mode"), "(2, 'w')");
  EXPECT_EQ(Eval("type(seen) is dict, 'wsgi.input_terminated' in seen"), "(True, False)");
  exchange.fake_request.content_length.reset();
  exchange.writer = {};
  Serve();
  EXPECT_EQ(Eval("seen['wsgi.input_terminated']"), "True");
}

TEST_F(GatewayTest, EnvironWithoutThreadsHasNoCore) {
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    return [repr(('uwsgi.core' in environ, environ['wsgi.multithread'])).encode()])");
  Serve();
  EXPECT_EQ(exchange.writer.body, "(False, False)");
}

}  // namespace
}  // namespace uwsgi::wsgi
