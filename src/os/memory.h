// SPDX-License-Identifier: MIT

#pragma once

namespace uwsgi::os {

// Lets go of the pages of mapped files, programs and libraries among them, that this process has
// read and not changed: whatever is needed again comes back from the page cache. For a process
// that has done its work and waits. Does nothing where /proc is not there, or other threads run.
void DropFilePages();

}  // namespace uwsgi::os
