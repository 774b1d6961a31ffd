// SPDX-License-Identifier: MIT

#include "wsgi/wsgi_gateway.h"

#include <gmock/gmock.h>

#include "wsgi/gateway_fixture.h"

namespace uwsgi::wsgi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(GatewayTest, SendsAListAsOnePiece) {
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('X-A', 'b')])
    return [b'Hello', b'', b' world'])");
  Serve();
  EXPECT_EQ(exchange.writer.status, "200 OK");
  EXPECT_EQ(exchange.writer.fields, "Content-Type: text/plain\r\nX-A: b\r\n");
  EXPECT_THAT(exchange.writer.writes, ElementsAre("Hello world"));
  EXPECT_TRUE(exchange.writer.finished);
  EXPECT_EQ(exchange.app_id, 0);
}

TEST_F(GatewayTest, SendsEachYieldedPieceAtOnce) {
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    yield b'one'
    yield b''
    yield b'two')");
  Serve();
  EXPECT_THAT(exchange.writer.writes, ElementsAre("one", "two", ""));
  EXPECT_TRUE(exchange.writer.finished);
}

TEST_F(GatewayTest, LetsAGeneratorStartTheResponseOnItsFirstStep) {
  Load(R"(
def application(environ, start_response):
    start_response('201 Created', [])
    yield b'x')");
  Serve();
  EXPECT_EQ(exchange.writer.status, "201 Created");
}

TEST_F(GatewayTest, EndsTheResponseWithThePieceThatCompletesItsLength) {
  Load(R"(
ran_to_end = False
def application(environ, start_response):
    global ran_to_end
    start_response('200 OK', [('Content-Length', '3')])
    yield b'ab'
    yield b'c'
    yield b'too much'
    ran_to_end = True)");
  Serve();
  EXPECT_THAT(exchange.writer.writes, ElementsAre("ab", "c"));
  EXPECT_TRUE(exchange.writer.finished);
  EXPECT_EQ(Eval("ran_to_end"), "True");
}

TEST_F(GatewayTest, SendsTheHeadOfAnEmptyBody) {
  Load(R"(
def application(environ, start_response):
    start_response('204 No Content', [])
    return iter(()))");
  Serve();
  EXPECT_EQ(exchange.writer.status, "204 No Content");
  EXPECT_THAT(exchange.writer.writes, ElementsAre(""));
}

TEST_F(GatewayTest, TakesBytesForABody) {
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    return b'whole')");
  Serve();
  EXPECT_THAT(exchange.writer.writes, ElementsAre("whole"));
}

TEST_F(GatewayTest, WriteSendsAtOnceAndBeforeTheIterable) {
  Load(R"(
def application(environ, start_response):
    write = start_response('200 OK', [])
    write(b'a')
    write(b'b')
    return [b'c'])");
  Serve();
  EXPECT_THAT(exchange.writer.writes, ElementsAre("a", "b", "c"));
}

TEST_F(GatewayTest, RefusesWritesOfText) {
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [])('text')
    return [])");
  Serve();
  EXPECT_EQ(exchange.writer.aborts, 1);
  EXPECT_THAT(log, HasSubstr("write() takes bytes, not str"));
}

struct FailureCase {
  const char* name;
  const char* source;
  const char* logged;
};

class FailureTest : public GatewayTest, public testing::WithParamInterface<FailureCase> {};

TEST_P(FailureTest, EndsAsAnAbortWithATracebackInTheLog) {
  Load(GetParam().source);
  Serve();
  EXPECT_EQ(exchange.writer.aborts, 1);
  EXPECT_EQ(exchange.exceptions, 1);
  EXPECT_FALSE(exchange.writer.finished);
  EXPECT_THAT(log, HasSubstr("request 12 [GET /]"));
  EXPECT_THAT(log, HasSubstr(GetParam().logged));
  // The worker lives.
  exchange.writer = {};
  Load("def application(e, s): s('200 OK', []); return [b'x']", "/next");
  exchange.Set("SCRIPT_NAME", "/next");
  Serve();
  EXPECT_EQ(exchange.writer.body, "x");
}

INSTANTIATE_TEST_SUITE_P(
    Causes, FailureTest,
    testing::Values(
        FailureCase{"Exception", "def application(e, s): raise ValueError('boom')",
                    "ValueError: boom"},
        FailureCase{"AfterStart",
                    "def application(e, s):\n  s('200 OK', [])\n  raise ValueError('boom')",
                    "ValueError: boom"},
        FailureCase{"InGenerator", "def application(e, s):\n  s('200 OK', [])\n  yield b'x'\n  1/0",
                    "ZeroDivisionError"},
        FailureCase{"SystemExit", "import sys\ndef application(e, s): sys.exit(3)",
                    "SystemExit: 3"},
        FailureCase{"KeyboardInterrupt", "def application(e, s): raise KeyboardInterrupt",
                    "KeyboardInterrupt"},
        FailureCase{"NoStart", "def application(e, s): return [b'x']", "start_response"},
        FailureCase{"NoneReturned", "def application(e, s): s('200 OK', [])",
                    "'NoneType' object is not iterable"},
        FailureCase{"WrongSignature", "def application(e): pass", "TypeError"},
        FailureCase{"EvilStr",
                    "class E(Exception):\n  def __str__(self): raise RuntimeError\n"
                    "def application(e, s): raise E",
                    "E"}),
    [](const auto& row) { return row.param.name; });

TEST_F(GatewayTest, ClosesTheIterableExactlyOnceHoweverItEnds) {
  const char* source = R"(
closed = []
class Body:
    def __init__(self, pieces): self.pieces = iter(pieces)
    def __iter__(self): return self
    def __next__(self):
        piece = next(self.pieces)
        if isinstance(piece, Exception): raise piece
        return piece
    def close(self): closed.append(True)
def application(environ, start_response):
    start_response('200 OK', [])
    return Body(pieces)
)";
  for (const char* pieces : {"[b'a']", "[]", "[b'a', ValueError('x')]", "[ValueError('x')]"}) {
    exchange.writer = {};
    exchange.Set("SCRIPT_NAME", pieces);
    Load(std::string("pieces = ") + pieces + source, pieces);
    Serve();
    EXPECT_EQ(Eval("closed"), "[True]") << pieces;
  }
}

TEST_F(GatewayTest, ClosesAGeneratorWhoseClientVanished) {
  Load(R"(
steps = []
def application(environ, start_response):
    start_response('200 OK', [])
    try:
        for i in range(100):
            steps.append(i)
            yield b'x'
    except GeneratorExit:
        steps.append('closed')
        raise
)");
  exchange.writer.writes_until_closed = 2;
  Serve();
  EXPECT_EQ(Eval("steps"), "[0, 1, 2, 'closed']");
  EXPECT_EQ(exchange.exceptions, 0);
  EXPECT_EQ(log, "");
}

TEST_F(GatewayTest, RaisesNothingFromWriteWhenTheClientVanished) {
  Load(R"(
def application(environ, start_response):
    write = start_response('200 OK', [])
    for _ in range(5): write(b'x')
    return [])");
  exchange.writer.writes_until_closed = 1;
  Serve();
  EXPECT_EQ(exchange.exceptions, 0);
}

TEST_F(GatewayTest, LogsAnExceptionOfCloseAndKeepsTheResponse) {
  Load(R"(
class Body:
    def __iter__(self): return iter([b'x'])
    def close(self): raise ValueError('in close')
def application(environ, start_response):
    start_response('200 OK', [])
    return Body())");
  Serve();
  EXPECT_EQ(exchange.writer.body, "x");
  EXPECT_EQ(exchange.writer.aborts, 0);
  EXPECT_THAT(log, HasSubstr("ValueError: in close"));
}

TEST_F(GatewayTest, LeavesOutPiecesThatAreNoBytes) {
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    return [b'a', None, '', 'text', 7, bytearray(b'b'), memoryview(b'c')])");
  Serve();
  EXPECT_EQ(exchange.writer.body, "abc");
  EXPECT_THAT(log, HasSubstr("[ERROR] Unhandled object from iterator: 'text'"));
  EXPECT_THAT(log, HasSubstr("[ERROR] Unhandled object from iterator: 7"));
}

TEST_F(GatewayTest, APieceThatIsNoBytesForgesNoLine) {
  Load(R"(
class Forger:
    def __repr__(self): return 'x\nerror: forged'
def application(environ, start_response):
    start_response('200 OK', [])
    return [Forger()])");
  Serve();
  EXPECT_THAT(log, HasSubstr("Unhandled object from iterator: x\\x0Aerror: forged ("));
}

TEST_F(GatewayTest, AWriteThatCompletesTheLengthEndsTheResponse) {
  Load(R"(
def application(environ, start_response):
    write = start_response('200 OK', [('Content-Length', '2')])
    write(b'o')
    write(b'k')
    raise ValueError('too late'))");
  Serve();
  EXPECT_EQ(exchange.writer.body, "ok");
  EXPECT_EQ(exchange.writer.aborts, 0);
  EXPECT_THAT(log, HasSubstr("ValueError: too late"));
}

TEST_F(GatewayTest, StrictModeRefusesPiecesThatAreNoBytes) {
  Configure(&AppOptions::wsgi_strict);
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    return ['text'])");
  Serve();
  EXPECT_EQ(exchange.writer.aborts, 1);
  EXPECT_THAT(log, HasSubstr("must consist of bytes, not str"));
}

TEST_F(GatewayTest, ShowsTracebacksToTheClientOnlyOnRequest) {
  Configure(&AppOptions::catch_exceptions);
  Load("def application(e, s): raise ValueError('boom')");
  Serve();
  EXPECT_EQ(exchange.writer.status, "500 Internal Server Error");
  EXPECT_THAT(exchange.writer.body, HasSubstr("ValueError: boom"));
}

TEST_F(GatewayTest, AnswersWithoutAnyApplication) {
  Serve();
  EXPECT_EQ(exchange.app_id, -1);
  EXPECT_EQ(exchange.writer.aborts, 1);
  EXPECT_THAT(log, HasSubstr("--- no python application found, check your startup logs"));
}

TEST_F(GatewayTest, KeepsControlBytesOfTheClientOutOfTheLog) {
  Load("def application(e, s): raise ValueError('boom')");
  exchange.fake_request.uri = "/a\nforged";
  Serve();
  EXPECT_THAT(log, HasSubstr("[GET /a\\x0Aforged]"));
}

TEST_F(GatewayTest, CallsTheAfterRequestHookAfterClose) {
  Load(R"(
order = []
class Body:
    def __iter__(self): return iter([b'x'])
    def close(self): order.append('close')
def hook(): order.append('hook')
def application(environ, start_response):
    start_response('200 OK', [])
    return Body())");
  gateway->SetAfterRequestHook(python::Handle::Share(PyDict_GetItemString(names.get(), "hook")));
  Serve();
  EXPECT_EQ(Eval("order"), "['close', 'hook']");
}

TEST_F(GatewayTest, MakesEverythingOfAnEndedRequestUnusable) {
  Load(R"(
kept = {}
def application(environ, start_response):
    kept['start'] = start_response
    kept['write'] = start_response('200 OK', [])
    kept['input'] = environ['wsgi.input']
    return [b'x']
def outcome(call):
    try: return call()
    except Exception as error: return type(error).__name__
)");
  exchange.SetBody("secret of the first request");
  Serve();
  EXPECT_EQ(Eval("outcome(lambda: kept['start']('200 OK', []))"), "'RuntimeError'");
  EXPECT_EQ(Eval("outcome(lambda: kept['write'](b'x'))"), "'RuntimeError'");
  EXPECT_EQ(Eval("outcome(lambda: kept['input'].read())"), "'ValueError'");
  EXPECT_EQ(exchange.writer.body, "x");
}

TEST_F(GatewayTest, PassesTheStandardLibrarysValidator) {
  const char* source = R"(
from wsgiref.validate import validator
@validator
def application(environ, start_response):
    if environ['REQUEST_METHOD'] == 'POST':
        environ['wsgi.input'].read(2)
        environ['wsgi.input'].readline()
        list(environ['wsgi.input'])
    environ['wsgi.errors'].write('')
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'fine'])";
  Load(source);
  for (const char* method : {"GET", "HEAD", "POST"}) {
    exchange.writer = {};
    exchange.fake_body = {};
    exchange.Set("REQUEST_METHOD", method);
    if (std::string(method) == "POST") {
      exchange.Set("CONTENT_LENGTH", "11");
      exchange.SetBody("one\ntwo\nend");
    }
    Serve();
    EXPECT_EQ(exchange.writer.body, "fine") << method << log;
  }
}

}  // namespace
}  // namespace uwsgi::wsgi
