// SPDX-License-Identifier: MIT
//
// What a start says before its log is open, for a process with one thread.

#pragma once

namespace uwsgi {

// The lines that are written from now on are kept too.
void KeepLogLines();
// Writes them again, to where the log goes now and with the date that it has now. No more are kept.
void RepeatKeptLogLines();
void ForgetKeptLogLines();

}  // namespace uwsgi
