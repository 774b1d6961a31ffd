// SPDX-License-Identifier: MIT
//
// The text is a sequence of fields, each "<length>:<bytes>": the names of the descriptors, in
// their order, the numbers of the context, the regions, the listeners, the options, the
// certificates. A descriptor is called:
//
//   lifeline  handoff-send  handoff-receive  region:<name>  listener:<index>

#include "ipc/boot_packet.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/fields.h"

namespace uwsgi {
namespace {

constexpr std::string_view kLifeline = "lifeline";
constexpr std::string_view kHandoffSend = "handoff-send";
constexpr std::string_view kHandoffReceive = "handoff-receive";

std::string NameOf(const RegionSpec& spec) { return "region:" + spec.name; }
std::string NameOfListener(std::size_t index) { return "listener:" + std::to_string(index); }

Error Malformed() { return {ErrorCode::kMalformed, "the boot packet is not one of this server's"}; }

// What is sent: names and descriptors, which stay their owners'.
class DescriptorList {
 public:
  void Add(std::string_view name, int fd) {
    AppendField(names_, name);
    fds_.push_back(fd);
  }
  void AppendNamesTo(std::string& text) const {
    AppendNumber(text, fds_.size());
    text += names_;
  }
  const std::vector<int>& fds() const { return fds_; }

 private:
  std::string names_;
  std::vector<int> fds_;
};

// What was received. Each is taken once.
class ReceivedDescriptors {
 public:
  // `fds` in the order of the names, which `reader` is at.
  ReceivedDescriptors(FieldReader& reader, std::vector<UniqueFd> fds) : fds_(std::move(fds)) {
    const auto count = reader.NextNumber<std::size_t>();
    is_whole_ = count == fds_.size();
    for (std::size_t i = 0; is_whole_ && i < count; ++i) names_.emplace_back(reader.Next());
  }

  bool Has(std::string_view name) const { return IndexOf(name) < names_.size(); }
  // Invalid when there is none of this name, which has_failed() remembers.
  UniqueFd Take(std::string_view name) {
    const std::size_t index = IndexOf(name);
    if (index == names_.size()) {
      is_whole_ = false;
      return {};
    }
    names_[index].clear();
    return std::move(fds_[index]);
  }
  bool has_failed() const { return !is_whole_; }

 private:
  std::size_t IndexOf(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
  }

  std::vector<std::string> names_;
  std::vector<UniqueFd> fds_;
  bool is_whole_ = true;
};

void AppendRegion(std::string& text, DescriptorList& descriptors, const Region& region) {
  AppendField(text, region.spec().name);
  AppendNumber(text, static_cast<int>(region.spec().lifetime));
  AppendNumber(text, region.spec().size);
  descriptors.Add(NameOf(region.spec()), region.fd());
}

Result<Region> ReadRegion(FieldReader& reader, ReceivedDescriptors& descriptors) {
  RegionSpec spec;
  spec.name = reader.Next();
  spec.lifetime = static_cast<RegionLifetime>(reader.NextNumber<int>());
  spec.size = reader.NextNumber<std::size_t>();
  UniqueFd fd = descriptors.Take(NameOf(spec));
  if (reader.failed() || descriptors.has_failed()) return Malformed();
  return Region::Attach(std::move(spec), std::move(fd));
}

void AppendListener(std::string& text, const Listener& listener) {
  AppendNumber(text, static_cast<int>(listener.wire));
  AppendNumber(text, static_cast<int>(listener.family));
  AppendField(text, listener.name);
  AppendField(text, listener.host);
  AppendField(text, listener.port);
  AppendNumber(text, listener.tls);
  AppendNumber(text, listener.is_redirect ? 1 : 0);
}

Listener ReadListener(FieldReader& reader, int fd) {
  Listener listener;
  listener.fd = fd;
  listener.wire = static_cast<Wire>(reader.NextNumber<int>());
  listener.family = static_cast<AddressFamily>(reader.NextNumber<int>());
  listener.name = reader.Next();
  listener.host = reader.Next();
  listener.port = reader.Next();
  listener.tls = reader.NextNumber<int>();
  listener.is_redirect = reader.NextNumber<int>() != 0;
  return listener;
}

// Takes a descriptor over for the life of the generation. -1 when there is none.
int Keep(BootedGeneration& generation, UniqueFd fd) {
  return generation.descriptors.emplace_back(std::move(fd)).get();
}

// The scoreboard is the first of the regions.
Result<void> ReadRegions(FieldReader& reader, ReceivedDescriptors& descriptors,
                         BootedGeneration& generation) {
  const int workers = reader.NextNumber<int>();
  const int threads = reader.NextNumber<int>();
  const auto count = reader.NextNumber<std::size_t>();
  if (reader.failed() || count == 0) return Malformed();
  for (std::size_t i = 0; i < count; ++i) {
    auto region = ReadRegion(reader, descriptors);
    if (!region) return region.error();
    if (i > 0) {
      generation.regions.push_back(*std::move(region));
      generation.context.regions.push_back(&generation.regions.back());
      continue;
    }
    auto scoreboard = Scoreboard::Over(*std::move(region), workers, threads);
    if (!scoreboard) return scoreboard.error();
    generation.scoreboard = std::make_unique<Scoreboard>(*std::move(scoreboard));
    generation.context.scoreboard = generation.scoreboard.get();
  }
  return {};
}

void ReadListeners(FieldReader& reader, ReceivedDescriptors& descriptors,
                   BootedGeneration& generation) {
  const auto count = reader.NextNumber<std::size_t>();
  for (std::size_t i = 0; i < count && !reader.failed() && !descriptors.has_failed(); ++i) {
    const int fd = Keep(generation, descriptors.Take(NameOfListener(i)));
    generation.context.listeners.push_back(ReadListener(reader, fd));
  }
}

}  // namespace

Result<void> SendBootPacket(const Link& link, const GenerationContext& context,
                            const ProcessTexts& texts) {
  DescriptorList descriptors;
  std::string rest;
  AppendNumber(rest, context.number);
  AppendNumber(rest, context.master_pid);
  AppendNumber(rest, context.started_on);
  AppendField(rest, context.working_directory);
  descriptors.Add(kLifeline, context.lifeline_fd);
  if (context.handoff_send_fd >= 0) {
    descriptors.Add(kHandoffSend, context.handoff_send_fd);
    descriptors.Add(kHandoffReceive, context.handoff_receive_fd);
  }
  AppendNumber(rest, context.scoreboard->workers());
  AppendNumber(rest, context.scoreboard->threads());
  AppendNumber(rest, context.regions.size() + 1);
  AppendRegion(rest, descriptors, context.scoreboard->region());
  for (const Region* const region : context.regions) AppendRegion(rest, descriptors, *region);
  AppendNumber(rest, context.listeners.size());
  for (std::size_t i = 0; i < context.listeners.size(); ++i) {
    AppendListener(rest, context.listeners[i]);
    descriptors.Add(NameOfListener(i), context.listeners[i].fd);
  }
  AppendField(rest, texts.options);
  AppendField(rest, texts.tls);
  std::string text;
  descriptors.AppendNamesTo(text);
  text += rest;
  return link.SendBoot(text, descriptors.fds());
}

Result<BootedGeneration> ReceiveBootPacket(std::unique_ptr<Link> link) {
  auto packet = link->ReceiveBoot();
  if (!packet) return packet.error();
  FieldReader reader(packet->first);
  ReceivedDescriptors descriptors(reader, std::move(packet->second));
  BootedGeneration generation;
  GenerationContext& context = generation.context;
  context.number = reader.NextNumber<int>();
  context.master_pid = reader.NextNumber<pid_t>();
  context.started_on = reader.NextNumber<std::time_t>();
  context.working_directory = reader.Next();
  context.lifeline_fd = Keep(generation, descriptors.Take(kLifeline));
  if (descriptors.Has(kHandoffSend)) {
    context.handoff_send_fd = Keep(generation, descriptors.Take(kHandoffSend));
    context.handoff_receive_fd = Keep(generation, descriptors.Take(kHandoffReceive));
  }
  if (auto read = ReadRegions(reader, descriptors, generation); !read) return read.error();
  ReadListeners(reader, descriptors, generation);
  generation.texts.options = reader.Next();
  generation.texts.tls = reader.Next();
  if (reader.failed() || !reader.at_end() || descriptors.has_failed()) return Malformed();

  generation.link = std::move(link);
  context.link = generation.link.get();
  NoteDescriptors(context);
  return generation;
}

}  // namespace uwsgi
