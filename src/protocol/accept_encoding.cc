// SPDX-License-Identifier: MIT

#include "protocol/accept_encoding.h"

#include <algorithm>

#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

constexpr int kAbsent = -1;

// "0.85" in thousandths; kAbsent for what is no qvalue.
int ParseWeight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return kAbsent;
  int weight = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return kAbsent;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return kAbsent;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight > 1000 ? kAbsent : weight;
}

struct Element {
  std::string_view name;
  int weight = 1000;
};

// Takes the next element off the list. A weight that can not be read makes it unwanted.
bool TakeElement(std::string_view& list, Element& element) {
  std::string_view text;
  if (!NextListElement(list, text)) return false;
  const std::size_t semicolon = text.find(';');
  element = {TrimBlanks(text.substr(0, semicolon))};
  if (semicolon == std::string_view::npos) return true;
  text = TrimBlanks(text.substr(semicolon + 1));
  const bool is_weight = text.starts_with("q=") || text.starts_with("Q=");
  element.weight = std::max(0, is_weight ? ParseWeight(text.substr(2)) : kAbsent);
  return true;
}

// What the client gives to a coding, kAbsent when it says nothing about it.
int WeightOf(std::string_view coding, std::string_view list) {
  int any = kAbsent;
  for (Element element; TakeElement(list, element);) {
    if (EqualsIgnoringCase(element.name, coding)) return element.weight;
    if (element.name == "*") any = element.weight;
  }
  return any;
}

}  // namespace

std::string_view ChooseCoding(std::string_view accept_encoding,
                              std::span<const std::string_view> offered) {
  std::string_view best;
  if (accept_encoding.empty()) return best;
  // An identity that is only implied is never preferred to a coding that is named.
  int best_weight = 0;
  for (const std::string_view coding : offered) {
    const int weight = WeightOf(coding, accept_encoding);
    if (weight > best_weight) {
      best = coding;
      best_weight = weight;
    }
  }
  std::string_view list = accept_encoding;
  for (Element element; TakeElement(list, element);) {
    const bool is_identity = EqualsIgnoringCase(element.name, "identity");
    if (is_identity && element.weight > best_weight) return {};
  }
  return best;
}

}  // namespace uwsgi::protocol
