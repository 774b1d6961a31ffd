// SPDX-License-Identifier: MIT

#pragma once

#include "options/option_table.h"

namespace uwsgi {

// Every option of this server: the one list of its features' rows, in the order of documentation.
// Built once; lives forever.
const config::OptionTable& AllOptions();

}  // namespace uwsgi
