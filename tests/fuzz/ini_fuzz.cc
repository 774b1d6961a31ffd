// SPDX-License-Identifier: MIT
//
// A configuration file of arbitrary bytes, as far as it is pure text: magic variables, the ini
// grammar, comments after values, and expressions. No option is looked up, no file is read.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/ini_reader.h"
#include "config/magic_variables.h"
#include "config/placeholders.h"
#include "config/raw_options_codec.h"
#include "config/trailing_comment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace config = uwsgi::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const config::FileName file{"site.ini", "/srv/site.ini", "", 1};
  const config::MagicVariables magic(uwsgi::os::ProcessFacts{}, file, file);

  const auto parsed = config::ParseIni(magic.Replace(text), "uwsgi");
  if (parsed.ok()) {
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    for (const config::IniLine& line : parsed->lines) {
      UWSGI_CHECK(line.line >= 1 && line.line <= lines);
      UWSGI_CHECK(line.key.find('=') == std::string::npos);
      UWSGI_CHECK(line.value.starts_with(config::WithoutTrailingComment(line.value)));
      const config::Lookup lookup = [](std::string_view) { return std::string("1"); };
      config::ReplaceMarked(
          line.value, '%', [&](std::string_view inner) { return config::Evaluate(inner, lookup); });
    }
  }
  const auto decoded = config::DecodeRawOptions(text);
  if (decoded.ok()) {
    UWSGI_CHECK(config::DecodeRawOptions(config::EncodeRawOptions(*decoded)).value().size() ==
                decoded->size());
  }
  return 0;
}
