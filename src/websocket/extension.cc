// SPDX-License-Identifier: MIT

#include "websocket/extension.h"

#include <charconv>
#include <vector>

#include "base/ascii.h"
#include "protocol/scan.h"

namespace uwsgi::websocket {
namespace {

// zlib's raw deflate has no window of 8 bits.
constexpr int kLeastBits = 9;
// Looks back 4 KiB: a message is short.
constexpr int kUsualBits = 12;

// Takes what stands before the next `separator` off the front.
std::string_view TakeItem(std::string_view& list, char separator) {
  const std::size_t end = list.find(separator);
  const std::string_view item = list.substr(0, end);
  list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  return protocol::TrimBlanks(item);
}

// A window's number of bits: 8 to 15, without leading zeros. It may be quoted.
std::optional<int> ParseBits(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || text.front() == '0' || bits < 8 || bits > 15) return std::nullopt;
  return bits;
}

// One parameter of an offer. False: the offer can not be accepted.
bool TakeParameter(std::string_view parameter, std::vector<std::string>& seen, int& window_bits) {
  const std::size_t equals = parameter.find('=');
  const bool has_value = equals != std::string_view::npos;
  const std::string name = ToLower(protocol::TrimBlanks(parameter.substr(0, equals)));
  const std::string_view value =
      has_value ? protocol::TrimBlanks(parameter.substr(equals + 1)) : std::string_view();
  for (const std::string& before : seen) {
    if (before == name) return false;
  }
  seen.push_back(name);
  if (name == "server_no_context_takeover" || name == "client_no_context_takeover") {
    return !has_value;
  }
  if (name == "client_max_window_bits") return !has_value || ParseBits(value);
  if (name != "server_max_window_bits" || !has_value) return false;
  const auto bits = ParseBits(value);
  if (!bits || *bits < kLeastBits) return false;
  window_bits = *bits;
  return true;
}

}  // namespace

std::optional<AgreedDeflate> AgreeOnDeflate(std::string_view offers) {
  while (!offers.empty()) {
    std::string_view offer = TakeItem(offers, ',');
    if (ToLower(TakeItem(offer, ';')) != "permessage-deflate") continue;
    std::vector<std::string> seen;
    int window_bits = 0;
    bool is_acceptable = true;
    while (is_acceptable && !offer.empty()) {
      is_acceptable = TakeParameter(TakeItem(offer, ';'), seen, window_bits);
    }
    if (!is_acceptable) continue;
    AgreedDeflate agreed;
    agreed.answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    if (window_bits > 0) {
      agreed.answer += "; server_max_window_bits=" + std::to_string(window_bits);
    }
    agreed.deflate.window_bits =
        window_bits > 0 && window_bits < kUsualBits ? window_bits : kUsualBits;
    return agreed;
  }
  return std::nullopt;
}

}  // namespace uwsgi::websocket
