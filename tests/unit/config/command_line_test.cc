// SPDX-License-Identifier: MIT

#include "config/command_line.h"

#include <gtest/gtest.h>

#include "app/option_table.h"

namespace uwsgi::config {
namespace {

// "name=value" of every option, "name" for bare ones, joined by '|'; errors after "!".
std::string Parsed(const std::vector<std::string>& arguments) {
  Diagnostics diagnostics;
  std::string all;
  for (const RawOption& option : ParseCommandLine(arguments, AllOptions(), diagnostics)) {
    if (!all.empty()) all += '|';
    all += option.bare ? option.name : option.name + "=" + option.value;
  }
  for (const std::string& error : diagnostics.errors()) all += "!" + error;
  return all;
}

struct CommandLineCase {
  std::vector<std::string> arguments;
  const char* expected;
};

class ParseCommandLineTest : public testing::TestWithParam<CommandLineCase> {};

TEST_P(ParseCommandLineTest, Reads) {
  EXPECT_EQ(Parsed(GetParam().arguments), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ParseCommandLineTest,
    testing::Values(
        CommandLineCase{{"--socket", ":3031"}, "socket=:3031"},
        CommandLineCase{{"--socket=:3031", "--static-map=/a=b"}, "socket=:3031|static-map=/a=b"},
        CommandLineCase{{"--master", "--workers", "4"}, "master|workers=4"},
        CommandLineCase{{"--master=false"}, "master=false"},
        CommandLineCase{{"-p4", "-p", "4"}, "processes=4|processes=4"},
        CommandLineCase{{"-Mi", "-LT"}, "master|single-interpreter|disable-logging|enable-threads"},
        CommandLineCase{{"-MH", "/venv", "-wapp"}, "master|home=/venv|module=app"},
        CommandLineCase{{"-s", ":1", "-H/v", "-d", "x.log", "-l", "9", "-b", "8", "-t", "7", "-z6"},
                        "socket=:1|home=/v|daemonize=x.log|listen=9|buffer-size=8|harakiri=7|"
                        "socket-timeout=6"},
        CommandLineCase{{"-C", "666"}, "chmod-socket=666"},
        CommandLineCase{{"-C", "--master"}, "chmod-socket|master"},
        CommandLineCase{{"--http-keepalive", "5"}, "http-keepalive=5"},
        CommandLineCase{{"--http-keepalive", "x.ini"}, "http-keepalive|ini=x.ini"},
        CommandLineCase{{"--log-date", "%Y"}, "log-date=%Y"},
        CommandLineCase{{"--help", "sockets"}, "help=sockets"}, CommandLineCase{{"--help"}, "help"},
        CommandLineCase{{"--proce", "4"}, "processes=4"},
        CommandLineCase{{"--pythonp", "x"}, "pythonpath=x"},
        CommandLineCase{{"site.ini"}, "ini=site.ini"},
        CommandLineCase{{"site.ini:prod", "-"}, "ini=site.ini:prod|ini=-"},
        CommandLineCase{{"app.py", "x.wsgi"}, "serve=app.py|serve=x.wsgi"},
        CommandLineCase{{"a/app.py:make()"}, "serve=a/app.py:make()"},
        CommandLineCase{{"pkg.mod:app"}, "serve=pkg.mod:app"}, CommandLineCase{{"[mark]"}, ""},
        CommandLineCase{{"--", "app.py"}, "serve=app.py"}, CommandLineCase{{"/tmp"}, "serve=/tmp"},
        CommandLineCase{{":3031", "127.0.0.1:80"}, "socket=:3031|socket=127.0.0.1:80"},
        CommandLineCase{{"app"},
                        "!app: neither an ini file, a Python file nor module:callable "
                        "(options start with --)"},
        CommandLineCase{{"site.yaml"}, "yaml=site.yaml"},
        CommandLineCase{{"--proceses", "4"},
                        "!--proceses: no such option: did you mean --processes?"},
        CommandLineCase{{"--py-auto"},
                        "!--py-auto: no such option: could be --py-autoreload or --py-auto-reload"},
        CommandLineCase{{"--thread", "8"},
                        "!--thread: no such option: could be --threads or --threaded-logger"},
        CommandLineCase{{"--access-logfil", "-"}, "!--access-logfil: no such option"},
        CommandLineCase{{"-Z"}, "!-Z: no such option"},
        CommandLineCase{{"--bind", "0.0.0.0:80"},
                        "!--bind: no such option: the address is http = HOST:PORT here, or socket "
                        "= HOST:PORT behind a web server"},
        CommandLineCase{{"--certfile=a.pem"},
                        "!--certfile: no such option: certificate and key are part of the address "
                        "here: https = HOST:PORT,CERTIFICATE,KEY"},
        CommandLineCase{{"-k", "gthread"},
                        "!-k: no such option: workers run WSGI applications in threads here: -p "
                        "PROCESSES --threads N"},
        CommandLineCase{{"--socket"}, "!--socket: needs a value, ADDRESS"}));

}  // namespace
}  // namespace uwsgi::config
