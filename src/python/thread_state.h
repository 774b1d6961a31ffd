// SPDX-License-Identifier: MIT
//
// The Python side of a request thread: its thread state and its hold on the GIL.
//
// States come from PyGILState_Ensure, so that extensions that call it later find the
// same one.

#pragma once

#include <string_view>

namespace uwsgi::python {

// Makes the calling thread known to Python under `name` and leaves it without the GIL.
void AttachThread(std::string_view name);
// Undoes AttachThread, without the GIL before and after.
void DetachThread();

// Takes and lets go the GIL, in turn, on an attached thread or one of Python's own.
void AcquireGil();
void ReleaseGilHere();

}  // namespace uwsgi::python
