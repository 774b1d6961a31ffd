// SPDX-License-Identifier: MIT
//
// The text is a sequence of fields, each "<length>:<bytes>": the numbers of the
// context, the fields of each listener, the options, the certificates. The descriptors are:
// lifeline, scoreboard, both ends of the hand-over pair if there is one, the listeners.

#include "ipc/boot_packet.h"

#include <cstddef>

#include "base/fields.h"

namespace uwsgi {
namespace {

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
    listener.tls = reader.NextNumber<int>();
    listener.is_redirect = reader.NextNumber<int>() != 0;
    listeners.push_back(std::move(listener));
  }
  return true;
}

}  // namespace

Result<void> SendBootPacket(const GenerationChannel& channel, const GenerationContext& context,
                            const ProcessTexts& texts) {
  const bool hands_over = context.handoff_send_fd >= 0;
  std::string text;
  AppendNumber(text, context.number);
  AppendNumber(text, context.master_pid);
  AppendNumber(text, context.started_on);
  AppendField(text, context.working_directory);
  AppendNumber(text, context.scoreboard->workers());
  AppendNumber(text, context.scoreboard->threads());
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
    AppendNumber(text, listener.tls);
    AppendNumber(text, listener.is_redirect ? 1 : 0);
    fds.push_back(listener.fd);
  }
  AppendField(text, texts.options);
  AppendField(text, texts.tls);
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
  const int workers = reader.NextNumber<int>();
  const int threads = reader.NextNumber<int>();
  const bool hands_over = reader.NextNumber<int>() != 0;
  const std::size_t first_listener = hands_over ? 4 : 2;
  if (!ReadListeners(reader, first_listener, fds, context.listeners)) return Malformed();
  generation.texts.options = reader.Next();
  generation.texts.tls = reader.Next();
  if (reader.failed() || !reader.at_end()) return Malformed();

  context.lifeline_fd = fds[0].get();
  auto scoreboard = Scoreboard::Map(std::move(fds[1]), workers, threads);
  if (!scoreboard) return scoreboard.error();
  generation.scoreboard = std::make_unique<Scoreboard>(*std::move(scoreboard));
  context.scoreboard = generation.scoreboard.get();
  if (hands_over) {
    context.handoff_send_fd = fds[2].get();
    context.handoff_receive_fd = fds[3].get();
  }
  generation.channel = std::move(channel);
  context.channel = generation.channel.get();
  NoteDescriptors(context);
  generation.descriptors = std::move(fds);
  return generation;
}

}  // namespace uwsgi
