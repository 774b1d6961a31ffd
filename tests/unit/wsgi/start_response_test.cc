// SPDX-License-Identifier: MIT

#include "wsgi/start_response.h"

#include <gmock/gmock.h>

#include "wsgi/gateway_fixture.h"

namespace uwsgi::wsgi {
namespace {

using testing::HasSubstr;

struct BadCall {
  const char* arguments;
  const char* error;
};

class BadCallTest : public GatewayTest, public testing::WithParamInterface<BadCall> {};

TEST_P(BadCallTest, RaisesAndSendsNothingOfIt) {
  Load(std::string("def application(environ, start_response):\n") + "    start_response(" +
       GetParam().arguments + ")\n    return [b'x']");
  Serve();
  EXPECT_EQ(exchange.writer.aborts, 1);
  EXPECT_EQ(exchange.writer.fields, "");
  EXPECT_EQ(exchange.writer.body, "");
  EXPECT_THAT(log, HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadCallTest,
    testing::Values(
        BadCall{"'200 OK'", "TypeError: start_response() takes at least 2 arguments"},
        BadCall{"'200 OK', [], None, 1", "TypeError"},
        BadCall{"'200 OK', [], nonsense=1", "unexpected argument 'nonsense'"},
        BadCall{"b'200 OK', []", "http status must be a string"},
        BadCall{"200, []", "http status must be a string"},
        BadCall{"'200 \\u20ac', []", "http status string must be encodable in latin1"},
        BadCall{"'', []", "ValueError"}, BadCall{"'OK', []", "ValueError"},
        BadCall{"'20 OK', []", "ValueError"}, BadCall{"'100 Continue', []", "ValueError"},
        BadCall{"'200 O\\r\\nX: y', []", "ValueError"}, BadCall{"'200 O\\0', []", "ValueError"},
        BadCall{"'200 OK', ()", "http headers must be in a python list"},
        BadCall{"'200 OK', [['A', 'b']]", "http header must be defined in a tuple"},
        BadCall{"'200 OK', [('A',)]", "http header must be a 2-item tuple"},
        BadCall{"'200 OK', [('A', 'b', 'c')]", "http header must be a 2-item tuple"},
        BadCall{"'200 OK', [(b'A', 'b')]", "http header key must be a string"},
        BadCall{"'200 OK', [('A', 1)]", "http header value must be a string"},
        BadCall{"'200 OK', [('A', '\\u20ac')]", "http header must be encodable in latin1"},
        BadCall{"'200 OK', [('A', 'a\\r\\nX-Injected: 1')]", "ValueError"},
        BadCall{"'200 OK', [('A', 'a\\nb')]", "ValueError"},
        BadCall{"'200 OK', [('A', 'a\\0b')]", "ValueError"},
        BadCall{"'200 OK', [('A\\r\\nB', 'b')]", "ValueError"},
        BadCall{"'200 OK', [('A B', 'b')]", "ValueError"},
        BadCall{"'200 OK', [('A:', 'b')]", "ValueError"},
        BadCall{"'200 OK', [('', 'b')]", "ValueError"},
        BadCall{"'200 OK', [], (1, 2)", "exc_info must be a tuple"}));

TEST_F(GatewayTest, TypeErrorsOfHeadersAreValueErrorsToo) {
  Load(R"(
caught = []
def application(environ, start_response):
    for kind in (TypeError, ValueError):
        try: start_response('200 OK', [('A', 1)])
        except kind: caught.append(kind.__name__)
    start_response('200 OK', [])
    return [b'recovered'])");
  Serve();
  EXPECT_EQ(Eval("caught"), "['TypeError', 'ValueError']");
  EXPECT_EQ(exchange.writer.body, "recovered");
}

TEST_F(GatewayTest, KeepsLatin1BytesOfHeaders) {
  Load(R"(
def application(environ, start_response):
    start_response('200 \xe9', [('X', '\xff')])
    return [])");
  Serve();
  EXPECT_EQ(exchange.writer.status, "200 \xe9");
  EXPECT_EQ(exchange.writer.fields, "X: \xff\r\n");
}

TEST_F(GatewayTest, RefusesASecondStartWithoutExcInfo) {
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    start_response('200 OK', [])
    return [b'x'])");
  Serve();
  EXPECT_EQ(exchange.writer.aborts, 1);
  EXPECT_THAT(log, HasSubstr("AssertionError"));
}

TEST_F(GatewayTest, ReplacesAnUnsentHeadGivenExcInfo) {
  Load(R"(
import sys
def application(environ, start_response):
    start_response('200 OK', [('A', 'b')])
    try: raise ValueError
    except ValueError: start_response('500 Oops', [('C', 'd')], exc_info=sys.exc_info())
    return [b'x'])");
  Serve();
  EXPECT_EQ(exchange.writer.status, "500 Oops");
  EXPECT_EQ(exchange.writer.fields, "C: d\r\n");
}

TEST_F(GatewayTest, RaisesTheExceptionAgainOnceTheHeadIsSent) {
  Load(R"(
import sys
def application(environ, start_response):
    start_response('200 OK', [])(b'sent')
    try: raise KeyError('original')
    except KeyError: start_response('500 Oops', [], sys.exc_info())
    return [b'x'])");
  Serve();
  EXPECT_EQ(exchange.writer.status, "200 OK");
  EXPECT_EQ(exchange.writer.body, "sent");
  EXPECT_EQ(exchange.writer.aborts, 1);
  EXPECT_THAT(log, HasSubstr("KeyError: 'original'"));
}

class ExcInfoTest : public GatewayTest, public testing::WithParamInterface<const char*> {};

TEST_P(ExcInfoTest, WithoutAnExceptionIsNotRaised) {
  Load(std::string(R"(
def application(environ, start_response):
    start_response('200 OK', [])(b'sent')
    try: raise KeyError
    except KeyError: start_response('500 Oops', [], ()") +
       GetParam() + R"())
    return [b'x'])");
  Serve();
  EXPECT_EQ(exchange.writer.body, "sent");
  EXPECT_THAT(log, HasSubstr("exc_info holds no exception to raise"));
}

INSTANTIATE_TEST_SUITE_P(All, ExcInfoTest,
                         testing::Values("None, None, None", "1, 2, 3",
                                         "ValueError, ValueError(), 4"));

}  // namespace
}  // namespace uwsgi::wsgi
