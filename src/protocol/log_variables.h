// SPDX-License-Identifier: MIT
//
// The variables of log-format, one writer each: the inside of request_log.cc.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "protocol/request_log.h"

namespace uwsgi::protocol {

// What `%(name)` stands for. `date` is the format of %(ftime). Unknown names are those of
// variables that the application sets.
LogPart CompileLogVariable(std::string_view name, const std::string& date, bool x_forwarded_for);

// Writers of the text between the variables: as it is, or as a strftime format.
void WriteLiteral(const RequestRecord& record, const std::string& text, std::string& out);
void WriteStartTime(const RequestRecord& record, const std::string& format, std::string& out);

// Appends the local time in a strftime format.
void AppendLogTime(std::chrono::system_clock::time_point time, const std::string& format,
                   std::string& out);

// The client's address: X-Forwarded-For if wanted and there.
std::string_view LogAddress(const RequestRecord& record, bool x_forwarded_for);

}  // namespace uwsgi::protocol
