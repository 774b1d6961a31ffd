// SPDX-License-Identifier: MIT
//
// The text is a sequence of fields, each "<length>:<bytes>": the numbers of the
// context, four fields for each listener, the options. The descriptors are: lifeline,
// scoreboard, both ends of the hand-over pair if there is one, the listeners.

#include "shared/boot_packet.h"

#include <charconv>
#include <cstddef>
#include <string_view>

namespace uwsgi {
namespace {

void AppendField(std::string& text, std::string_view field) {
  text += std::to_string(field.size());
  text += ':';
  text += field;
}

template <typename Number>
void AppendNumber(std::string& text, Number number) {
  AppendField(text, std::to_string(number));
}

// Takes fields from the front; after the first mistake everything is empty or zero.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  std::string_view Next() {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
    const auto digits = static_cast<std::size_t>(end - rest_.data());
    if (error != std::errc() || digits >= rest_.size() || *end != ':' ||
        size > rest_.size() - digits - 1) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view field = rest_.substr(digits + 1, size);
    rest_.remove_prefix(digits + 1 + size);
    return field;
  }

  template <typename Number>
  Number NextNumber() {
    const std::string_view field = Next();
    Number number{};
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc() || end != field.data() + field.size()) failed_ = true;
    return number;
  }

  bool failed() const { return failed_ || !rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

Error Malformed() { return {ErrorCode::kMalformed, "the boot packet is not one of this server's"}; }

// Reads the listeners, whose descriptors start at `first`.
bool ReadListeners(FieldReader& reader, std::size_t first, const std::vector<UniqueFd>& fds,
                   std::vector<Listener>& listeners) {
  const auto count = reader.NextNumber<std::size_t>();
  if (fds.size() < first || count != fds.size() - first) return false;
  for (std::size_t i = 0; i < count; ++i) {
    Listener listener;
    listener.fd = fds[first + i].get();
    listener.wire = static_cast<Wire>(reader.NextNumber<int>());
    listener.family = static_cast<AddressFamily>(reader.NextNumber<int>());
    listener.name = reader.Next();
    listener.host = reader.Next();
    listener.port = reader.Next();
    listeners.push_back(std::move(listener));
  }
  return true;
}

}  // namespace

Result<void> SendBootPacket(const GenerationChannel& channel, const GenerationContext& context,
                            const std::string& options) {
  const bool hands_over = context.handoff_send_fd >= 0;
  std::string text;
  AppendNumber(text, context.number);
  AppendNumber(text, context.master_pid);
  AppendNumber(text, context.started_on);
  AppendField(text, context.working_directory);
  AppendNumber(text, hands_over ? 1 : 0);
  AppendNumber(text, context.listeners.size());
  std::vector<int> fds{context.lifeline_fd, context.scoreboard->fd()};
  if (hands_over) fds.insert(fds.end(), {context.handoff_send_fd, context.handoff_receive_fd});
  for (const Listener& listener : context.listeners) {
    AppendNumber(text, static_cast<int>(listener.wire));
    AppendNumber(text, static_cast<int>(listener.family));
    AppendField(text, listener.name);
    AppendField(text, listener.host);
    AppendField(text, listener.port);
    fds.push_back(listener.fd);
  }
  AppendField(text, options);
  return channel.SendBoot(text, fds);
}

Result<BootedGeneration> ReceiveBootPacket(std::unique_ptr<GenerationChannel> channel) {
  auto packet = channel->ReceiveBoot();
  if (!packet) return packet.error();
  auto& [text, fds] = *packet;
  FieldReader reader(text);
  BootedGeneration generation;
  GenerationContext& context = generation.context;
  context.number = reader.NextNumber<int>();
  context.master_pid = reader.NextNumber<pid_t>();
  context.started_on = reader.NextNumber<std::time_t>();
  context.working_directory = reader.Next();
  const bool hands_over = reader.NextNumber<int>() != 0;
  const std::size_t first_listener = hands_over ? 4 : 2;
  if (!ReadListeners(reader, first_listener, fds, context.listeners)) return Malformed();
  generation.options = reader.Next();
  if (reader.failed()) return Malformed();

  context.lifeline_fd = fds[0].get();
  auto scoreboard = Scoreboard::Map(std::move(fds[1]));
  if (!scoreboard) return scoreboard.error();
  generation.scoreboard = std::make_unique<Scoreboard>(*std::move(scoreboard));
  context.scoreboard = generation.scoreboard.get();
  if (hands_over) {
    context.handoff_send_fd = fds[2].get();
    context.handoff_receive_fd = fds[3].get();
  }
  generation.channel = std::move(channel);
  context.channel = generation.channel.get();
  generation.descriptors = std::move(fds);
  return generation;
}

}  // namespace uwsgi
