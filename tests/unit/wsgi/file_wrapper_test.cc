// SPDX-License-Identifier: MIT

#include "wsgi/file_wrapper.h"

#include <gmock/gmock.h>

#include "wsgi/gateway_fixture.h"

namespace uwsgi::wsgi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Starts with a file of eleven bytes at `path`.
constexpr const char* kPrologue = R"(
import gzip, io, os, tempfile
handle, path = tempfile.mkstemp()
os.write(handle, b'hello world')
os.close(handle)
closed = []
class Noted(io.FileIO):
    def close(self):
        if not self.closed: closed.append(True)
        super().close()
def application(environ, start_response):
    start_response('200 OK', headers)
    return environ['wsgi.file_wrapper'](make(), 4)
headers = []
)";

struct FileCase {
  const char* make;
  const char* body;
  bool from_descriptor;
};

class FileTest : public GatewayTest, public testing::WithParamInterface<FileCase> {};

TEST_P(FileTest, SendsTheFileByTheRightWay) {
  Load(std::string(kPrologue) + GetParam().make);
  Serve();
  EXPECT_EQ(exchange.writer.body, GetParam().body) << log;
  EXPECT_EQ(!exchange.writer.files.empty(), GetParam().from_descriptor);
  EXPECT_TRUE(exchange.writer.finished);
  python::Eval("os.unlink(path)", names.get());
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, FileTest,
    testing::Values(
        FileCase{"def make(): return open(path, 'rb')", "hello world", true},
        FileCase{"def make(): return open(path, 'rb', 0)", "hello world", true},
        FileCase{"def make(): return open(path, 'r+b')", "hello world", true},
        FileCase{"def make():\n  f = open(path, 'rb')\n  f.read(6)\n  return f", "world", true},
        FileCase{"def make():\n  f = open(path, 'rb')\n  f.seek(99)\n  return f", "", false},
        FileCase{"headers = [('Content-Length', '5')]\ndef make(): return open(path, 'rb')",
                 "hello", true},
        FileCase{"def make():\n  f = tempfile.NamedTemporaryFile()\n  f.write(b'temp')\n"
                 "  f.flush()\n  f.seek(0)\n  return f",
                 "temp", true},
        FileCase{"class Proxy:\n  def __init__(self, f):\n    self.file = f\n"
                 "  read = property(lambda self: self.file.read)\n"
                 "  tell = property(lambda self: self.file.tell)\n"
                 "def make(): return Proxy(open(path, 'rb'))",
                 "hello world", true},
        FileCase{"def make(): return io.BytesIO(b'in memory')", "in memory", false},
        FileCase{"class Upper(io.FileIO):\n  def read(self, n): return super().read(n).upper()\n"
                 "def make(): return Upper(path)",
                 "HELLO WORLD", false},
        FileCase{"with gzip.open(path, 'wb') as f: f.write(b'packed')\n"
                 "def make(): return gzip.open(path, 'rb')",
                 "packed", false},
        FileCase{"with gzip.open(path, 'wb') as f: f.write(b'packed')\n"
                 "def make(): return io.BufferedReader(gzip.open(path, 'rb'))",
                 "packed", false},
        FileCase{"def make():\n  r, w = os.pipe()\n  os.write(w, b'piped')\n  os.close(w)\n"
                 "  return open(r, 'rb')",
                 "piped", false}));

TEST_F(GatewayTest, ClosesAWrappedFileOnce) {
  Load(std::string(kPrologue) + "def make(): return Noted(path)");
  Serve();
  EXPECT_EQ(Eval("closed"), "[True]");
}

TEST_F(GatewayTest, FileWrapperIsAClassAndIterates) {
  Load(std::string(kPrologue) + "def make(): return io.BytesIO(b'abcdefghij')");
  Serve();
  EXPECT_THAT(exchange.writer.writes, ElementsAre("abcd", "efgh", "ij", ""));
  Load(R"(
import io
seen = {}
def application(environ, start_response):
    cls = environ['wsgi.file_wrapper']
    start_response('200 OK', [])
    w = cls(io.BytesIO(b'x'))
    seen.update(is_class=isinstance(cls, type), blksize=w.blksize, same=w.file is w.filelike)
    return (piece for piece in w))",
       "/second");
  exchange.writer = {};
  exchange.Set("SCRIPT_NAME", "/second");
  Serve();
  EXPECT_EQ(Eval("seen"), "{'is_class': True, 'blksize': 8192, 'same': True}");
}

TEST_F(GatewayTest, SendsNoFileForHead) {
  Load(std::string(kPrologue) + "def make(): return open(path, 'rb')");
  exchange.Set("REQUEST_METHOD", "HEAD");
  Serve();
  EXPECT_THAT(exchange.writer.files, IsEmpty());
  EXPECT_TRUE(exchange.writer.finished);
}

TEST_F(GatewayTest, LeavesFileWrapperOutWhenDisabled) {
  Configure(&AppOptions::wsgi_disable_file_wrapper);
  Load(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    return [str('wsgi.file_wrapper' in environ).encode()])");
  Serve();
  EXPECT_EQ(exchange.writer.body, "False");
}

}  // namespace
}  // namespace uwsgi::wsgi
