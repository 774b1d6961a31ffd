// SPDX-License-Identifier: MIT

#include "base/c_locale.h"

#include <locale.h>
#include <netdb.h>

#include <array>
#include <clocale>
#include <cstring>

namespace uwsgi {
namespace {

// Never freed: lines are logged until the process is gone.
locale_t CLocale() {
  static const locale_t locale = newlocale(LC_ALL_MASK, "C", nullptr);
  return locale;
}

}  // namespace

void AppendLocalTime(std::time_t time, const std::string& format, std::string& out) {
  std::tm parts{};
  localtime_r(&time, &parts);
  std::array<char, 512> text;
  out.append(text.data(), strftime_l(text.data(), text.size(), format.c_str(), &parts, CLocale()));
}

std::string ErrorText(int errno_value) { return strerror_l(errno_value, CLocale()); }

std::string ResolverErrorText(int error) {
  const locale_t before = uselocale(CLocale());
  std::string text = gai_strerror(error);
  uselocale(before);
  return text;
}

std::string SignalText(int signal) {
  const locale_t before = uselocale(CLocale());
  std::string text = strsignal(signal);
  uselocale(before);
  return text;
}

}  // namespace uwsgi
