// SPDX-License-Identifier: MIT

#include "ipc/worker_context.h"

#include <algorithm>

namespace uwsgi {

void NoteDescriptors(GenerationContext& context) {
  os::HeldDescriptors& held = context.descriptors;
  for (const Listener& listener : context.listeners) {
    held.Note(listener.fd, "the listener " + listener.name);
  }
  if (context.link != nullptr) held.Note(context.link->fd(), "the link to the master");
  held.Note(context.lifeline_fd, "the lifeline of the master");
  held.Note(context.handoff_send_fd, "the queue of passed connections");
  held.Note(context.handoff_receive_fd, "the queue of passed connections");
}

const Region* FindRegion(const GenerationContext& context, std::string_view name) {
  const auto found = std::ranges::find_if(
      context.regions, [name](const Region* region) { return region->spec().name == name; });
  return found == context.regions.end() ? nullptr : *found;
}

}  // namespace uwsgi
