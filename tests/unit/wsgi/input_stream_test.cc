// SPDX-License-Identifier: MIT

#include "wsgi/input_stream.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "wsgi/gateway_fixture.h"
#include "wsgi/python_type.h"

namespace uwsgi::wsgi {
namespace {

using python::Handle;

class InputStreamTest : public testing::Test {
 protected:
  InputStreamTest() {
    python::Session();
    type = MakeInputType();
  }

  // A new stream over `data`, as `stream` in `names`.
  void Open(const std::string& data) {
    exchange.fake_body.data = data;
    exchange.fake_body.offset = 0;
    exchange.fake_request.content_length = data.size();
    stream = Box<InputStream>(type.get(), exchange);
    names = python::RunPython("");
    PyDict_SetItemString(names.get(), "stream", stream.get());
  }
  std::string Eval(const std::string& expression) { return python::Eval(expression, names.get()); }

  FakeExchange exchange;
  Handle type;
  Handle stream;
  Handle names;
};

std::string RandomBody(std::mt19937& random) {
  const std::size_t sizes[] = {0, 1, 7, 100, 4095, 4096, 4097, 8192, 20000, 200000};
  std::string body;
  const std::size_t size = sizes[random() % std::size(sizes)];
  while (body.size() < size) {
    body.append(random() % 4 == 0 ? random() % (size / 4 + 9000) : random() % 60, 'x');
    body += random() % 5 == 0 ? "\r\n" : "\n";
  }
  body.resize(size);
  if (!body.empty()) body.back() = random() % 2 == 0 ? '\n' : 'e';
  return body;
}

// One random call, as the text of a Python expression's tail.
std::pair<const char*, long> RandomCall(std::mt19937& random) {
  const char* names[] = {"read", "readline", "readlines", "__next__"};
  const long sizes[] = {-1, 0, 1, 2, 10, 100, 4095, 4096, 4097, 65536, 100000};
  return {names[random() % std::size(names)], sizes[random() % std::size(sizes)]};
}

Handle Call(PyObject* object, const char* method, long size) {
  Handle result;
  if (std::string(method) == "__next__") {
    result = Handle::Steal(PyIter_Next(object));
    if (!result && PyErr_Occurred() == nullptr) result = Handle::Share(Py_None);
  } else if (size == 100000) {  // Stands for the call without an argument.
    result = Handle::Steal(PyObject_CallMethod(object, method, nullptr));
  } else {
    result = Handle::Steal(PyObject_CallMethod(object, method, "l", size));
  }
  if (!result) ADD_FAILURE() << python::TakeErrorText();
  return result;
}

// UWSGI_LONG_TESTS=1 makes it a million calls.
TEST_F(InputStreamTest, AgreesWithBytesIoOverRandomCalls) {
  const int calls = std::getenv("UWSGI_LONG_TESTS") != nullptr ? 1000000 : 50000;
  std::mt19937 random(20261122);
  const Handle io = Handle::Steal(PyImport_ImportModule("io"));
  int done = 0;
  while (done < calls) {
    const std::string body = RandomBody(random);
    exchange.fake_body.chunk = random() % 3 == 0 ? 1 + random() % 5000 : 1 << 30;
    Open(body);
    if (random() % 4 == 0) exchange.fake_request.content_length.reset();  // Chunked.
    const Handle bytes = python::Bytes(body);
    const Handle twin = Handle::Steal(PyObject_CallMethod(io.get(), "BytesIO", "O", bytes.get()));
    for (int i = 0; i < 20; ++i, ++done) {
      const auto [method, size] = RandomCall(random);
      const Handle ours = Call(stream.get(), method, size);
      const Handle theirs = Call(twin.get(), method, size);
      ASSERT_EQ(PyObject_RichCompareBool(ours.get(), theirs.get(), Py_EQ), 1)
          << method << "(" << size << ") of a body of " << body.size();
      const Handle here = Handle::Steal(PyObject_CallMethod(stream.get(), "tell", nullptr));
      const Handle there = Handle::Steal(PyObject_CallMethod(twin.get(), "tell", nullptr));
      ASSERT_EQ(PyObject_RichCompareBool(here.get(), there.get(), Py_EQ), 1) << method;
    }
  }
}

TEST_F(InputStreamTest, TakesNoneForASize) {
  Open("a\nb");
  EXPECT_EQ(Eval("stream.readline(None)"), "b'a\\n'");
  EXPECT_EQ(Eval("stream.read(None)"), "b'b'");
  EXPECT_EQ(Eval("stream.read('x')"),
            "TypeError: 'str' object cannot be interpreted as an integer");
}

TEST_F(InputStreamTest, HasTheFaceOfABinaryStream) {
  Open("abc");
  EXPECT_EQ(Eval("type(stream).__module__, type(stream).__name__"), "('uwsgi', '_Input')");
  EXPECT_EQ(Eval("stream.readable(), stream.writable(), stream.seekable(), stream.closed"),
            "(True, False, False, False)");
  EXPECT_EQ(Eval("stream.fileno(), stream.close(), stream.isatty()"), "(42, None, False)");
  EXPECT_EQ(Eval("(lambda b: (stream.readinto(b), bytes(b)))(bytearray(2))"), "(2, b'ab')");
  EXPECT_EQ(Eval("type(stream)()").substr(0, 9), "TypeError");
}

TEST_F(InputStreamTest, SeeksWhatIsBuffered) {
  Open("one\ntwo\n");
  exchange.fake_body.seekable = true;
  EXPECT_EQ(Eval("stream.readline(), stream.tell()"), "(b'one\\n', 4)");
  EXPECT_EQ(Eval("stream.seek(1), stream.read()"), "(1, b'ne\\ntwo\\n')");
  EXPECT_EQ(Eval("stream.seek(-4, 2), stream.read()"), "(4, b'two\\n')");
  EXPECT_EQ(Eval("stream.seek(0), stream.readline(), stream.seek(2, 1), stream.read()"),
            "(0, b'one\\n', 6, b'o\\n')");
  EXPECT_EQ(Eval("stream.seek(-1)").substr(0, 10), "ValueError");
  EXPECT_EQ(Eval("stream.seek(2**63 - 1, 1)").substr(0, 10), "ValueError");
  EXPECT_EQ(Eval("stream.seek(2**63 - 1)").substr(0, 7), "OSError");
  exchange.fake_request.content_length.reset();  // Chunked.
  EXPECT_EQ(Eval("stream.seek(-4, 2), stream.read()"), "(4, b'two\\n')");
  exchange.fake_body.seekable = false;
  EXPECT_EQ(Eval("stream.seek(0)").substr(0, 7), "OSError");
}

struct EndingCase {
  ReadStatus ending;
  const char* call;
  const char* error;
};

class EndingTest : public InputStreamTest, public testing::WithParamInterface<EndingCase> {};

TEST_P(EndingTest, IsAnOsErrorAndNeverAShortBody) {
  Open("cut");
  exchange.fake_request.content_length = 10;
  exchange.fake_body.ending = GetParam().ending;
  EXPECT_EQ(Eval(GetParam().call), GetParam().error);
  EXPECT_EQ(Eval("stream.read(1)").substr(0, 7), "OSError");
}

INSTANTIATE_TEST_SUITE_P(
    Causes, EndingTest,
    testing::Values(EndingCase{ReadStatus::kTruncated, "stream.read()",
                               "OSError: error during read(0) on wsgi.input"},
                    EndingCase{ReadStatus::kTruncated, "stream.read(5)",
                               "OSError: error during read(5) on wsgi.input"},
                    EndingCase{ReadStatus::kTruncated, "stream.readline()",
                               "OSError: error during readline(0) on wsgi.input"},
                    EndingCase{ReadStatus::kTruncated, "list(stream)",
                               "OSError: error during readline(0) on wsgi.input"},
                    EndingCase{ReadStatus::kTimeout, "stream.read(9)",
                               "OSError: timeout during read(9) on wsgi.input"},
                    EndingCase{ReadStatus::kTooLarge, "stream.readlines()",
                               "OSError: the request body is larger than limit-post allows"},
                    EndingCase{ReadStatus::kMalformed, "stream.read()",
                               "OSError: the chunked coding of the request body is broken"}));

TEST_F(InputStreamTest, RaisesAfterTheRequestEnded) {
  Open("abc\ndef");
  EXPECT_EQ(Eval("stream.readline()"), "b'abc\\n'");
  Unbox<InputStream>(stream.get()).End();
  for (const char* call : {"stream.read()", "stream.readline()", "stream.readlines()",
                           "next(stream)", "stream.tell()", "stream.seek(0)", "stream.fileno()"}) {
    EXPECT_EQ(Eval(call), "ValueError: wsgi.input was used after its request had ended") << call;
  }
}

TEST_F(InputStreamTest, AllocatesNoMoreThanWhatArrives) {
  Open("short");
  exchange.fake_request.content_length = std::uint64_t{1} << 62;
  exchange.fake_body.ending = ReadStatus::kTruncated;
  EXPECT_EQ(Eval("stream.read()"), "OSError: error during read(0) on wsgi.input");
}

}  // namespace
}  // namespace uwsgi::wsgi
