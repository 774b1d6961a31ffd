// SPDX-License-Identifier: MIT

#include "config/placeholders.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "options/text.h"
#include "os/read_file.h"

namespace uwsgi::config {
namespace {

// Deeper brackets than anybody writes; keeps recursion from eating the stack.
constexpr int kDeepest = 32;

// The longest text between brackets; keeps the search for the end of an unclosed one short.
constexpr std::size_t kLongest = 4096;

// Where the bracket that opens at `open` closes; npos when it does not.
std::size_t ClosingBracket(std::string_view text, std::size_t open) {
  int depth = 0;
  const std::size_t end = std::min(text.size(), open + kLongest);
  for (std::size_t i = open; i < end; ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

std::int64_t ToInteger(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Wraps around instead of overflowing, and x / 0 is 0.
std::int64_t Calculate(std::int64_t left, char operation, std::int64_t right) {
  const auto a = static_cast<std::uint64_t>(left);
  const auto b = static_cast<std::uint64_t>(right);
  switch (operation) {
    case '+':
      return static_cast<std::int64_t>(a + b);
    case '-':
      return static_cast<std::int64_t>(a - b);
    case '*':
      return static_cast<std::int64_t>(a * b);
    default:
      if (right == 0) return 0;
      return right == -1 ? static_cast<std::int64_t>(0 - a) : left / right;
  }
}

class Expression {
 public:
  explicit Expression(const Lookup& lookup) : lookup_(lookup) {}

  std::string Value(std::string_view text, int depth) {
    std::string value;
    char operation = 0;
    while (true) {
      text = Trim(text);
      if (text.empty()) return value;
      const std::string_view item = TakeItem(text);
      if (item == "++" || item == "--") {
        value = std::to_string(Calculate(ToInteger(value), item.front(), 1));
      } else if (item.size() == 1 && std::string_view("+-*/").find(item) != item.npos) {
        operation = item.front();
      } else {
        const std::string operand = Operand(item, depth);
        if (operation == 0) {
          value += operand;
        } else {
          value = std::to_string(Calculate(ToInteger(value), operation, ToInteger(operand)));
          operation = 0;
        }
      }
    }
  }

 private:
  static std::string_view TakeItem(std::string_view& text) {
    std::size_t end = std::min(text.find_first_of(kBlank), text.size());
    if (text.front() == '(') {
      const std::size_t close = ClosingBracket(text, 0);
      end = close == std::string_view::npos ? text.size() : close + 1;
    }
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(end);
    return item;
  }

  std::string Operand(std::string_view item, int depth) {
    if (item.starts_with('(')) {
      if (depth == kDeepest) return {};
      item.remove_prefix(1);
      if (item.ends_with(')')) item.remove_suffix(1);
      return Value(item, depth + 1);
    }
    if (std::optional<std::string> known = lookup_(item)) return *std::move(known);
    return IsNumber(item) ? std::string(item) : std::string();
  }

  const Lookup& lookup_;  // Outlives the expression.
};

void ReplaceFiles(RawOption& option, Diagnostics& diagnostics) {
  option.value = ReplaceMarked(option.value, '@', [&](std::string_view inner) {
    std::optional<std::string> text;
    if (inner.find("://") != std::string_view::npos) {
      diagnostics.ErrorAt(option,
                          "@(...) takes a file's name; commands and addresses are not built in");
      return text;
    }
    Result<std::string> content = os::ReadFile(std::string(inner));
    if (!content.ok()) {
      diagnostics.ErrorAt(option, content.error().message);
      return text;
    }
    text = std::move(content).value();
    if (text->ends_with('\n')) text->pop_back();
    return text;
  });
}

}  // namespace

std::string ReplaceMarked(std::string_view text, char sigil, const Lookup& lookup) {
  std::string result;
  std::size_t i = 0;
  while (i < text.size()) {
    const bool opens = text[i] == sigil && i + 1 < text.size() && text[i + 1] == '(';
    const std::size_t close = opens ? ClosingBracket(text, i + 1) : std::string_view::npos;
    std::optional<std::string> value;
    if (close != std::string_view::npos) value = lookup(text.substr(i + 2, close - i - 2));
    if (value.has_value()) {
      result += *value;
      i = close + 1;
    } else {
      result += text[i++];
    }
  }
  return result;
}

std::optional<std::string> Evaluate(std::string_view inner, const Lookup& lookup) {
  inner = Trim(inner);
  const bool is_one_name = inner.find_first_of(" \t(") == std::string_view::npos;
  if (is_one_name) return lookup(inner);
  return Expression(lookup).Value(inner, 0);
}

std::set<std::string> Expand(std::vector<RawOption>& options, const Environment& environment,
                             Diagnostics& diagnostics) {
  std::set<std::string> mentioned;
  for (RawOption& option : options) {
    option.value = ReplaceMarked(option.value, '$', [&](std::string_view inner) {
      mentioned.emplace(inner);
      return environment.Find(inner);
    });
  }
  for (RawOption& option : options) ReplaceFiles(option, diagnostics);
  const Lookup lookup = [&](std::string_view name) -> std::optional<std::string> {
    mentioned.emplace(name);
    for (const RawOption& option : options) {
      if (option.name == name) return option.value;
    }
    return std::nullopt;
  };
  for (RawOption& option : options) {
    option.value = ReplaceMarked(option.value, '%',
                                 [&](std::string_view inner) { return Evaluate(inner, lookup); });
  }
  return mentioned;
}

}  // namespace uwsgi::config
